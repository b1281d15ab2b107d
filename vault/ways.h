/* Which ways to unlock are tried, and in which order, when a vault is to be opened. */
#ifndef TV_WAYS_H
#define TV_WAYS_H

#include <stdbool.h>

#include "vault/slot.h"

/* Sets of parts hold TV_PART_BIT of each. */
struct tv_ways {
	unsigned parts;	  /* what ask() can get */
	unsigned named;	  /* of these, what a way that is tried has to take */
	unsigned at_hand; /* of these, for what ask() does not have to talk to a person */
	/* Called when a part is really needed, at most once for each try; it fills what the caller frees.
	 * TV_NO_ENTRY: it is not to be had, which leaves out the ways that take it. */
	enum tv_status (*ask)(struct tv_secret *out, enum tv_part part, void *arg,
			      struct tv_error *err);
	void *ask_arg;
};

/* Finds a slot of the vault file that opens: the ways that need nobody first, else in the registry's order; with
 * alone, only those. A way is tried only where the vault has such a slot. TV_WRONG_KEY when none opens, which
 * does not tell the part that was wrong; TV_LOCKED when alone and there was no way. Takes as long as the
 * KDFs. */
enum tv_status tv_ways_try(struct tv_slot_key *out, const struct tv_bytes *file,
			   const struct tv_ways *ways, bool alone,
			   struct tv_error *err) TV_MUST_CHECK;

#endif
