/* The lock that keeps two commands of one user from moving plaintext files at once. */
#ifndef TV_FILELOCK_H
#define TV_FILELOCK_H

#include <limits.h>

#include "cli/paths.h"

struct tv_filelock {
	int fd; /* −1: not held */
	char path[PATH_MAX];
};

/* Takes it, in the state directory, where every process of the user looks; it is gone with the process,
 * too. TV_BUSY when another one has it. */
enum tv_status tv_filelock_take(struct tv_filelock *out, const struct tv_paths *paths,
				struct tv_error *err) TV_MUST_CHECK;
void tv_filelock_drop(struct tv_filelock *lock);
#define tv_auto_filelock __attribute__((cleanup(tv_filelock_drop))) struct tv_filelock

#endif
