/* Programs of ours that do one thing for one secret and know nothing else: a message in, one out. */
#ifndef TV_HELPER_H
#define TV_HELPER_H

#include "vault/vault.h"

struct tv_helper {
	const char *name;
	const char *build_dir; /* where it lies in the build tree; NULL: beside this program */
	const char *argument;  /* NULL: none. Everybody can read it */
	const char *const *environment; /* NAME=VALUE, ended by NULL; NULL: none. As the argument */
	int seconds;			/* how long it may take in all */
	size_t answer_max;
};

/* Starts the program with that environment and no descriptor but 0 to 2, hands it the message by pipe and
 * takes what it answers, to its end. It does not outlive this call. TV_BUSY when it took too long;
 * TV_FAILED when it isn't there, died, or says too much; its exit code is not looked at. */
enum tv_status tv_helper_run(struct tv_secret *answer, const struct tv_helper *helper,
			     const struct tv_secret *message, struct tv_error *err) TV_MUST_CHECK;

#endif
