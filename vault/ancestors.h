/* Who started a process: its ancestors, from its parent on. */
#ifndef TV_ANCESTORS_H
#define TV_ANCESTORS_H

#include <stdbool.h>
#include <sys/types.h>

#include "vault/caller.h"

/* Finds them up to the first process. For the log it is enough that what was found out about one less than half a second
 * ago is taken to be so still, though not of a parent that has begun another program. */
void tv_ancestors_find(struct tv_caller *c, pid_t parent, bool is_for_log);
/* Lets go of what is kept of them. */
void tv_ancestors_forget(void);

#endif
