/* The setuid helper that mounts and unmounts for a normal user. */
#ifndef TV_FUSERMOUNT_H
#define TV_FUSERMOUNT_H

#include <stdbool.h>
#include <stddef.h>

#include "vault/vault.h"

/* Whether mounting can work here at all: TV_NO_FUSE with what to do, else TV_OK. */
enum tv_status tv_fusermount_check(struct tv_error *err) TV_MUST_CHECK;

/* Mounts a FUSE file system over path; *fd is the caller's end of it. TV_NO_FUSE with what the helper
 * says. */
enum tv_status tv_fusermount_mount(int *fd, const char *options, const char *path,
				   struct tv_error *err) TV_MUST_CHECK;

/* Unmounts all the paths at once; lazily those that are in use, or all. */
void tv_fusermount_unmount(const char *const *paths, size_t count, bool lazy);

#endif
