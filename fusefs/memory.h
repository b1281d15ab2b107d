/* The server's memory: what it shows is told to the keeper, who writes it down, and is recalled while locked. */
#ifndef TV_MEMORY_H
#define TV_MEMORY_H

#include "fusefs/server.h"

/* Something of what is shown and mounted may have changed: the keeper is told once edits rest. The directory
 * view follows sooner where it is small. */
void tv_memory_changed(struct tv_server *server);
/* How many milliseconds until the one or the other, −1: nothing is due; and does it once that is over. */
int tv_memory_wait(const struct tv_server *server);
void tv_memory_hurry(struct tv_server *server);
/* Tells the keeper what is shown and mounted, where that has changed; nothing while locked, for then it can't have. */
void tv_memory_tell(struct tv_server *server);
/* The keeper has written it down, or could not. */
void tv_memory_told(struct tv_server *server, enum tv_status status, const char *detail);
/* Shows what was shown last, where nothing is shown yet. TV_LOCKED with the reason when nothing is
 * remembered. */
enum tv_status tv_memory_recall(struct tv_server *server, struct tv_error *err) TV_MUST_CHECK;

#endif
