/* Takes the traces of an overlay out of a directory that it wrote to. */
#ifndef TV_SCRUB_H
#define TV_SCRUB_H

#include <stdbool.h>

#define TV_SCRUB_MADE                                                                              \
	"user.overlay.origin" /* what a directory has that was copied from a skeleton */

/* The directory's own and those of what lies right in it: attributes, and marks that something is gone. What is such a
 * mark itself goes; so does the directory, if it may, when it is empty and the overlay made it. */
void tv_scrub(const char *path, bool may_go);
/* The attributes of a directory that is open. */
void tv_scrub_attributes(int directory);

#endif
