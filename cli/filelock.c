/* The lock that keeps two commands of one user from moving plaintext files at once. */
#include "cli/filelock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whoever holds the file takes it away when done, so that it may be one that has gone meanwhile. */
static bool is_still_there(int fd, const char *path)
{
	struct stat held, there;

	return !fstat(fd, &held) && !stat(path, &there) && held.st_ino == there.st_ino &&
	       held.st_dev == there.st_dev;
}

enum tv_status tv_filelock_take(struct tv_filelock *out, const struct tv_paths *paths,
				struct tv_error *err)
{
	enum tv_status status = tv_paths_make_state(paths, err);

	if (status)
		return status;
	snprintf(out->path, sizeof(out->path), "%s/adopt.lock", paths->state);
	for (;;) {
		int fd = open(out->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

		if (fd < 0)
			return tv_fail(err, TV_IO, "%s: %s", out->path, strerror(errno));
		if (flock(fd, LOCK_EX | LOCK_NB)) {
			close(fd);
			return tv_fail(err, TV_BUSY,
				       "another adopt or release is at work; once it is done, "
				       "try again");
		}
		if (is_still_there(fd, out->path)) {
			out->fd = fd;
			return TV_OK;
		}
		close(fd);
	}
}

void tv_filelock_drop(struct tv_filelock *lock)
{
	if (lock->fd >= 0) {
		unlink(lock->path);
		close(lock->fd);
	}
	lock->fd = -1;
}
