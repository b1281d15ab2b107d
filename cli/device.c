/* The machine's own key: made once, kept beside what was seen of vaults, and never given away. */
#include "cli/device.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME "device.key"

static enum tv_status io(struct tv_error *err, const char *path)
{
	return tv_fail(err, TV_IO, "%s: %s", path, strerror(errno));
}

/* Whether nobody else can have put it there, or read it. */
static enum tv_status check_file(int fd, const char *path, struct tv_error *err)
{
	struct stat st;

	if (fstat(fd, &st))
		return io(err, path);
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid())
		return tv_fail(err, TV_REFUSED, "%s is not used: it is no file of yours", path);
	if (st.st_mode & 077)
		return tv_fail(err, TV_REFUSED,
			       "%s is not used: others may open it; if nobody did: chmod 600",
			       path);
	return TV_OK;
}

static enum tv_status read_open(struct tv_secret *out, int fd, const char *path,
				struct tv_error *err)
{
	tv_auto_secret bytes = {0};
	enum tv_status status = check_file(fd, path, err);

	if (!status)
		status = tv_secret_read(&bytes, fd, TV_KEY_BYTES, path, err);
	if (!status && tv_part_check(TV_PART_DEVICE, &bytes, err))
		status = tv_fail(err, TV_BAD_VALUE, "%s is not used: it has not %d bytes", path,
				 TV_KEY_BYTES);
	if (!status)
		tv_secret_move(out, &bytes);
	return status;
}

enum tv_status tv_device_read(struct tv_secret *out, const char *path, struct tv_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK);
	enum tv_status status;

	if (fd < 0 && errno == ENOENT)
		return tv_fail(err, TV_NO_ENTRY, "%s", path);
	if (fd < 0 && errno == ELOOP)
		return tv_fail(err, TV_REFUSED, "%s is not used: it is a link", path);
	if (fd < 0)
		return io(err, path);
	status = read_open(out, fd, path, err);
	close(fd);
	return status;
}

/* On the disk before it returns: a slot that only a lost key opens is none. */
static enum tv_status make(int dirfd, const char *path, struct tv_error *err)
{
	char temporary[TV_TEMPORARY_CHARS];
	tv_auto_secret bytes = {0};
	enum tv_status status;

	/* What a crash left; we have the lock. */
	tv_temporary_clear(dirfd, NAME);
	tv_secret_fill(&bytes, TV_KEY_BYTES);
	status = tv_secret_check(&bytes, err);
	if (status)
		return status;
	if (getrandom(bytes.data, bytes.len, 0) != (ssize_t)bytes.len)
		return tv_fail(err, TV_FAILED, "no random bytes: %s", strerror(errno));
	status = tv_file_write(temporary, dirfd, NAME, bytes.data, bytes.len, err);
	if (status)
		return status;
	/* Some file systems have no hard links, others no such renaming. */
	if (linkat(dirfd, temporary, dirfd, NAME, 0) &&
	    renameat2(dirfd, temporary, dirfd, NAME, RENAME_NOREPLACE))
		status = io(err, path);
	unlinkat(dirfd, temporary, 0);
	if (!status && fsync(dirfd))
		status = io(err, path);
	return status;
}

static enum tv_status make_locked(bool *made, const char *dir, const char *path,
				  struct tv_error *err)
{
	int dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum tv_status status = TV_OK;

	*made = false;
	if (dirfd < 0 || flock(dirfd, LOCK_EX)) {
		status = io(err, dir);
	} else if (faccessat(dirfd, NAME, F_OK, AT_SYMLINK_NOFOLLOW)) {
		status = make(dirfd, path, err);
		*made = !status;
	}
	if (dirfd >= 0)
		close(dirfd);
	return status;
}

enum tv_status tv_device_read_or_make(struct tv_secret *out, bool *made,
				      const struct tv_paths *paths, struct tv_error *err)
{
	enum tv_status status = tv_paths_make_state(paths, err);

	if (!status)
		status = make_locked(made, paths->state, paths->device, err);
	return status ? status : tv_device_read(out, paths->device, err);
}
