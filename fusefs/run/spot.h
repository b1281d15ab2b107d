/* Where a place of a run's lies, as things are: a file, or what is missing from which directory on. */
#ifndef TV_SPOT_H
#define TV_SPOT_H

#include "vault/vault.h"

struct tv_spot {
	const char *place; /* the caller's: below the home directory */
	char *target;	   /* absolute, links resolved */
	char *above;	   /* the deepest directory there is */
	const char *name;  /* what of the target is missing from there on; NULL: nothing is */
};

/* TV_IN_THE_WAY when what is there is no file that could be mounted over. */
enum tv_status tv_spot_find(struct tv_spot *out, const char *home, const char *place,
			    struct tv_error *err) TV_MUST_CHECK;
void tv_spot_free(struct tv_spot *s);

#endif
