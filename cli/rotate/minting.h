/* The making of a new token at the service, and the unmaking of one that came to nothing. */
#ifndef TV_MINTING_H
#define TV_MINTING_H

#include "cli/rotate/rotation.h"

/* Notes the name that the new token will have, has the service make it, and notes the token. After
 * TV_TOKEN_REFUSED nothing was made and nothing is noted; after other failures something may have been. */
enum tv_status tv_minting_run(struct tv_rotating *r, const struct tv_rotating_wish *wish,
			      struct tv_error *err) TV_MUST_CHECK;
/* Ends what the rotation under way has made, or may have made: by its id, which is noted to be ended now,
 * else by its name, at once. TV_NO_API where the definition has no way. */
enum tv_status tv_minting_discard(struct tv_rotating *r, struct tv_error *err) TV_MUST_CHECK;
/* Says what may be left at the service, for people to end. */
void tv_minting_say_left(const struct tv_rotating *r);

#endif
