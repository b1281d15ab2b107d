/* Whether a file that would be rendered still says all that a plaintext file says. */
#ifndef TV_ADOPT_COMPARE_H
#define TV_ADOPT_COMPARE_H

#include "vault/vault.h"

/* A place of the plaintext's tree where another value will do as well. */
struct tv_allowed {
	const struct tv_json *at;
	const char *text; /* this value; NULL: any, or none */
	bool is_name;	  /* it is the name of the member that may be this, not its value */
};

/* Appends the pointers to what is in `want` and not in `have`, one a line: no values. An array's
 * elements may be in another order and among others; nulls and empty texts are
 * no loss. */
void tv_tree_missing(struct tv_secret *out, const struct tv_json *want, const struct tv_json *have,
		     const struct tv_allowed *allowed, size_t n_allowed);

#endif
