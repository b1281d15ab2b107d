/* Kinship: whether a process was started, however indirectly, by the one that a run belongs to. */
#ifndef TV_KIN_H
#define TV_KIN_H

#include <stdbool.h>
#include <sys/types.h>

/* Takes the parent for the one that everything is about. false when it is gone. */
bool tv_kin_begin(void);
/* Whether a thread's process descends from it. What is orphaned comes to it again, as it is a subreaper, so
 * whoever does not descend from it never did. */
bool tv_kin_has(pid_t task);

#endif
