/* Makes directories and placeholders below the home directory, and takes them away again. */
#include "fusefs/place.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool tv_place_is_clean(const char *path)
{
	for (;;) {
		size_t len = strcspn(path, "/");

		if (!len || (len == 1 && *path == '.') || (len == 2 && !strncmp(path, "..", 2)))
			return false;
		for (size_t i = 0; i < len; i++)
			if ((unsigned char)path[i] < ' ' || path[i] == 127)
				return false;
		if (!path[len])
			return true;
		path += len + 1;
	}
}

static const char *base_of(const char *path)
{
	return strrchr(path, '/') + 1;
}

/* Makes one directory where there is none; the journal learns of it first. */
static enum tv_status make_directory(struct tv_journal *j, const char *path, struct tv_error *err)
{
	struct stat st;
	enum tv_status status;

	if (!stat(path, &st))
		return S_ISDIR(st.st_mode)
			       ? TV_OK
			       : tv_fail(err, TV_IN_THE_WAY, "%s is not a directory", path);
	if (errno != ENOENT)
		return tv_fail(err, TV_IO, "%s: %s", path, strerror(errno));
	status = tv_journal_add(j, 'd', path, err);
	if (status)
		return status;
	if (mkdir(path, 0700)) {
		int why = errno;

		tv_journal_strike(j, path);
		return tv_fail(err, TV_IO, "%s: %s", path, strerror(why));
	}
	return TV_OK;
}

/* Goes down HOME/path, component by component; `at` ends as the last directory. */
static enum tv_status make_directories(struct tv_journal *j, char at[static PATH_MAX],
				       size_t home_len, struct tv_error *err)
{
	char *end = strrchr(at, '/');

	for (char *slash = strchr(at + home_len + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		enum tv_status status;

		*slash = 0;
		status = make_directory(j, at, err);
		if (status)
			return status;
		*slash = '/';
		if (slash == end)
			break;
	}
	*end = 0;
	return TV_OK;
}

enum tv_status tv_place_prepare(int *parent, char **resolved, struct tv_journal *j,
				const char *home, const char *path, struct tv_error *err)
{
	char at[PATH_MAX], real[PATH_MAX];
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	enum tv_status status;
	int fd;

	if (!tv_place_is_clean(path))
		return tv_fail(err, TV_REFUSED, "%s is no path below the home directory", path);
	if (snprintf(at, sizeof at, "%s/%s", home, path) >= (int)sizeof at)
		return tv_fail(err, TV_IO, "%s: path too long", path);
	status = make_directories(j, at, strlen(home), err);
	if (status)
		return status;
	fd = realpath(at, real) ? open(real, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	if (fd < 0)
		return tv_fail(err, TV_IO, "%s: %s", at, strerror(errno));
	if (asprintf(resolved, "%s/%s", real, name) < 0) {
		close(fd);
		return tv_fail(err, TV_NO_MEMORY, "%s", path);
	}
	*parent = fd;
	return TV_OK;
}

/* Reading is not needed; what can't be asked without asking a file system is not asked. */
static bool look(struct statx *out, int parent, const char *name)
{
	return !statx(parent, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC,
		      STATX_BASIC_STATS, out);
}

static bool is_left_over(const struct statx *x)
{
	struct stat st = {.st_mode = x->stx_mode,
			  .st_size = (off_t)x->stx_size,
			  .st_uid = x->stx_uid,
			  .st_nlink = x->stx_nlink};

	return tv_is_placeholder(&st);
}

static enum tv_status in_the_way(const struct statx *x, const char *path, struct tv_error *err)
{
	if (x->stx_attributes & STATX_ATTR_MOUNT_ROOT)
		return tv_fail(err, TV_IN_THE_WAY,
			       "%s is mounted over already, perhaps by another vault: unmount that "
			       "first",
			       path);
	if (!S_ISREG(x->stx_mode))
		return tv_fail(err, TV_IN_THE_WAY,
			       "%s is not a plain file; move it away and mount again", path);
	return tv_fail(err, TV_IN_THE_WAY,
		       "%s; tokenvault adopt takes its token into the vault and mounts over it",
		       path);
}

/* Whether there is an old placeholder; anything else but nothing is in the way. */
static enum tv_status look_for_old(bool *is_there, int parent, const char *path,
				   struct tv_error *err)
{
	struct statx x;

	*is_there = look(&x, parent, base_of(path));
	if (!*is_there)
		return errno == ENOENT ? TV_OK
				       : tv_fail(err, TV_IO, "%s: %s", path, strerror(errno));
	if (x.stx_attributes & STATX_ATTR_MOUNT_ROOT || !is_left_over(&x))
		return in_the_way(&x, path, err);
	return TV_OK;
}

/* Takes it as it is: were it made anew, a tool that looks in between would find no file, and might make
 * one. Writable again, if it is still what it was. */
static int take_old(int parent, const char *name)
{
	int fd = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC), taken;
	char link[64];
	struct stat st;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	if (fd >= 0 && (fstat(fd, &st) || !tv_is_placeholder(&st))) {
		close(fd);
		errno = EEXIST;
		return -1;
	}
	if (fd < 0 || chmod(link, 0200))
		taken = -1;
	else
		taken = open(link, O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		int why = errno;

		close(fd);
		errno = why;
	}
	return taken;
}

enum tv_status tv_place_file(int *fd, struct tv_journal *j, int parent, const char *path,
			     struct tv_error *err)
{
	bool is_there = false;
	enum tv_status status = look_for_old(&is_there, parent, path, err);
	int made;

	if (!status)
		status = tv_journal_add(j, 'f', path, err);
	if (status)
		return status;
	made = is_there ? take_old(parent, base_of(path))
			: openat(parent, base_of(path),
				 O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0200);
	if (made < 0) {
		int why = errno;

		tv_journal_strike(j, path);
		return tv_fail(err, why == EEXIST ? TV_IN_THE_WAY : TV_IO, "%s: %s", path,
			       strerror(why));
	}
	*fd = made;
	return TV_OK;
}

enum tv_status tv_place_directory(int *fd, struct tv_journal *j, int parent, const char *path,
				  struct tv_error *err)
{
	enum tv_status status = tv_journal_add(j, 'd', path, err);
	int made;

	if (status)
		return status;
	if (mkdirat(parent, base_of(path), 0700) ||
	    (made = openat(parent, base_of(path),
			   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) < 0) {
		int why = errno;

		tv_journal_strike(j, path);
		return tv_fail(err, why == EEXIST ? TV_IN_THE_WAY : TV_IO, "%s: %s", path,
			       strerror(why));
	}
	*fd = made;
	return TV_OK;
}

void tv_place_remove(struct tv_journal *j, int parent, int fd, const char *path)
{
	struct stat there, ours;
	const char *name = base_of(path);

	if (!fstat(fd, &ours) && !fstatat(parent, name, &there, AT_SYMLINK_NOFOLLOW) &&
	    ours.st_dev == there.st_dev && ours.st_ino == there.st_ino) {
		if (S_ISDIR(ours.st_mode))
			unlinkat(parent, name, AT_REMOVEDIR);
		else if (tv_is_placeholder(&ours))
			unlinkat(parent, name, 0);
	}
	tv_journal_strike(j, path);
}
