/* Copies of the vault's files: found by their names and by what the definitions read in them. */
#ifndef TV_CHECKUP_COPIES_H
#define TV_CHECKUP_COPIES_H

#include "cli/adopt/finding.h"
#include "cli/checkup/checkup.h"

struct tv_copy {
	struct tv_finding
		*finding; /* its place is the copy's; without tokens: only the name tells */
	char *original;	  /* the path of the file that it lies beside */
};

/* Calls visit for each, until that says false. Beside are files in the directory of a place whose service
 * the vault has an entry of, or where something of ours is. */
enum tv_status tv_copies_visit(struct tv_checkup *c,
			       bool (*visit)(struct tv_checkup *c, struct tv_copy *copy, void *arg),
			       void *arg, struct tv_error *err) TV_MUST_CHECK;
/* Overwrites and removes a copy whose tokens are all in the vault, when the vault's file at the original's path
 * says all that it says. TV_IN_THE_WAY: it stays, for the reason that the detail has. */
enum tv_status tv_copy_remove(struct tv_checkup *c, struct tv_copy *copy,
			      struct tv_error *err) TV_MUST_CHECK;

/* Whether a name is what editors, tools and people call a copy of a file of that name. Strictly: there is
 * hardly anything else that it could be. */
bool tv_copy_is_named_so(const char *name, const char *original, bool strictly);

#endif
