/* The keeper's look at who calls: what /proc tells of a process, its program and its ancestors. */
#ifndef TV_FS_CALLER_H
#define TV_FS_CALLER_H

#include "vault/vault.h"

/* Finds out what a question wants. Nothing of it waits for a file system that does not answer. */
void tv_caller_resolve(struct tv_caller *out, const struct tv_caller_question *q);

#endif
