/* Mounts a file, and unmounts it, to see whether that works here. */
#include "fusefs/doctor/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fusefs/fusermount.h"

#define SOURCE "tokenvault-trial"

/* Nobody serves it, so nobody must be asked what it is. */
static bool is_mounted(const char *path)
{
	struct statx x;

	return !statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_STATX_DONT_SYNC, STATX_BASIC_STATS,
		      &x) &&
	       x.stx_attributes & STATX_ATTR_MOUNT_ROOT;
}

static enum tv_status try_at(const char *path, struct tv_error *err)
{
	enum tv_status status;
	int fd;

	status = tv_fusermount_mount(
		&fd, "ro,nosuid,nodev,noexec,fsname=" SOURCE ",subtype=tokenvault", path, err);
	if (status)
		return status;
	if (!is_mounted(path))
		status = tv_fail(err, TV_NO_FUSE, "fusermount3 says that it mounted, and did not");
	/* Without it the file system is gone, and what still waits for it with it. */
	close(fd);
	tv_fusermount_unmount(&path, 1, true);
	if (!status && is_mounted(path))
		status = tv_fail(err, TV_NO_FUSE,
				 "what was mounted can't be unmounted: fusermount3 -u -z %s", path);
	return status;
}

enum tv_status tv_trial_run(const char *directory, struct tv_error *err)
{
	enum tv_status status = tv_fusermount_check(err);
	char path[PATH_MAX];
	int fd;

	if (status)
		return status;
	snprintf(path, sizeof path, "%s/file", directory);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0200);
	if (fd < 0)
		return tv_fail(err, TV_IO, "%s: %s", path, strerror(errno));
	close(fd);
	status = try_at(path, err);
	unlink(path);
	return status;
}
