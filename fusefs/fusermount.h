/* The setuid helper that mounts and unmounts for a normal user. */
#ifndef TV_FUSERMOUNT_H
#define TV_FUSERMOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "vault/vault.h"

/* Whether mounting can work here at all: TV_NO_FUSE with what to do, else TV_OK. */
enum tv_status tv_fusermount_check(struct tv_error *err) TV_MUST_CHECK;

/* Mounts a FUSE file system over path; *fd is the caller's end of it. TV_NO_FUSE with what the helper
 * says. */
enum tv_status tv_fusermount_mount(int *fd, const char *options, const char *path,
				   struct tv_error *err) TV_MUST_CHECK;

/* A helper that runs. */
struct tv_fusermount {
	pid_t pid;
	int socket; /* by which the descriptor comes */
	int talk;   /* what it says */
};

/* The same in two steps, so that many mount at once: whatever was started has to be finished. */
enum tv_status tv_fusermount_start(struct tv_fusermount *out, const char *options, const char *path,
				   struct tv_error *err) TV_MUST_CHECK;
enum tv_status tv_fusermount_finish(int *fd, struct tv_fusermount *helper, const char *path,
				    struct tv_error *err) TV_MUST_CHECK;

/* Unmounts all the paths at once; lazily those that are in use, or all. */
void tv_fusermount_unmount(const char *const *paths, size_t count, bool lazy);

#endif
