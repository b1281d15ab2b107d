/*
 * The file that a save spares: what was the backup before it is kept, hidden, and written over by the next save. That costs
 * neither space nor the journal of the file system, and nothing is given back that the next one would take again.
 */
#ifndef TV_SPARE_H
#define TV_SPARE_H

#include <stdbool.h>

#include "vault/file.h"

/* What it is called, among the temporary files of name. */
void tv_spare_name(char out[static TV_TEMPORARY_CHARS], const char *name);
/* Whether a directory's member is one that can be taken, and no left-over: a file of ours, by this one name, in which nothing
 * was written since it was spared. */
bool tv_spare_is(int dirfd, const char *member, const char *name);

/*
 * Takes it, for who keeps others from writing name: its descriptor, the caller's, its name and how long it is; −1: there is
 * none, or somebody has it open, by whatever name it had before. Who opens it from now on waits until it is closed here.
 */
int tv_spare_take(char temporary[static TV_TEMPORARY_CHARS], size_t *had, int dirfd,
		  const char *name);
/* Nothing was written; −1: it can't be one any more. */
int tv_spare_put_back(int fd);

/* Spares the file that has the temporary name now, if it can be taken; else removes it. Only once the directory is on the disk
 * (fsync): before that a power cut may give this file the name back that it had. */
void tv_spare_keep(int dirfd, const char *temporary, const char *name);

/* There is none from now on, but the one that was taken as temporary; −1 with errno: there still is. */
int tv_spare_drop(int dirfd, const char *temporary, const char *name);

#endif
