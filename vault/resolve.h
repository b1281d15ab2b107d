/* The keeper's look at who calls: what /proc tells of a process, its program and its ancestors. */
#ifndef TV_RESOLVE_H
#define TV_RESOLVE_H

#include <sys/types.h>

#include "vault/caller.h"
#include "vault/secret.h"

/* Finds out what a question wants. Nothing of it waits for a file system that does not answer.
 * *stat_file, which may be NULL, is −1 or, for a question with faults, tv_proc_open_stat's: what
 * was found out is so for as long as there are no more of them, but for the namespaces, and what
 * lies at the program's path. */
void tv_caller_resolve(struct tv_caller *out, int *stat_file, const struct tv_caller_question *q);
/* The same for the log alone, and as members of a line, which are good until the next call: the process and its
 * program as they are now, all else as it was less than a second ago. */
const struct tv_bytes *tv_caller_note(struct tv_caller *out, uint32_t number, pid_t task);
/* Lets go of what is kept of callers. */
void tv_caller_forget(void);

#endif
