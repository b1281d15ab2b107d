/* A plaintext file on the disk: read it without being led elsewhere, know it again, destroy it. */
#include "cli/adopt/source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/occupant.h"
#include "cli/readfile.h"

#define PAGE 4096

static enum tv_status leave(struct tv_error *err, const char *path, const char *why)
{
	return tv_fail(err, TV_IN_THE_WAY, "%s %s; left alone", path, why);
}

static enum tv_status leave_link(const char *path, struct tv_error *err)
{
	char to[PATH_MAX];
	ssize_t len = readlink(path, to, sizeof(to) - 1);

	return tv_fail(err, TV_IN_THE_WAY,
		       "%s is a symbolic link to %.*s; left alone: put the file itself there", path,
		       (int)(len < 0 ? 0 : len), to);
}

/* What can be told without opening it. */
static enum tv_status look(const char *path, struct tv_error *err)
{
	switch (tv_occupant_at(path)) {
	case TV_OCCUPANT_FILE:
		return TV_OK;
	case TV_OCCUPANT_NONE:
	case TV_OCCUPANT_OURS:
	case TV_OCCUPANT_EMPTY:
		return tv_fail(err, TV_NO_ENTRY, "%s", path);
	case TV_OCCUPANT_LINK:
		return leave_link(path, err);
	case TV_OCCUPANT_DIRECTORY:
		return leave(err, path, "is a directory");
	case TV_OCCUPANT_MOUNT:
		return leave(err, path, "is mounted over by something else");
	case TV_OCCUPANT_OTHER:
		return leave(err, path, "is not a plain file");
	default:
		return leave(err, path, strerror(errno));
	}
}

/* The same of what was opened: between the two it may have become something else. */
static enum tv_status check_open(const struct stat *st, const char *path, struct tv_error *err)
{
	if (!S_ISREG(st->st_mode))
		return leave(err, path, "is not a plain file");
	if (st->st_uid != geteuid())
		return leave(err, path, "belongs to another user");
	if (st->st_nlink > 1)
		return leave(err, path, "has other names (hard links), which would keep its bytes");
	if (st->st_size > TV_READFILE_MAX)
		return leave(err, path, "is larger than 1 MiB");
	return TV_OK;
}

enum tv_status tv_source_read(struct tv_source *out, const char *path, struct tv_error *err)
{
	enum tv_status status = look(path, err);
	struct stat st;
	int fd;

	if (status)
		return status;
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return tv_fail(err, TV_IN_THE_WAY, "%s can't be read: %s; left alone", path,
			       strerror(errno));
	status = fstat(fd, &st) ? tv_fail(err, TV_IO, "%s: %s", path, strerror(errno))
				: check_open(&st, path, err);
	if (!status)
		status = tv_secret_read(&out->text, fd, TV_READFILE_MAX, path, err);
	close(fd);
	if (status)
		return status;
	out->path = strdup(path);
	out->dev = st.st_dev;
	out->ino = st.st_ino;
	return out->path ? TV_OK : tv_fail(err, TV_NO_MEMORY, "%s", path);
}

void tv_source_free(struct tv_source *s)
{
	free(s->path);
	tv_secret_free(&s->text);
	s->path = NULL;
}

/* A write of zeros that was killed ends at a page's border; no text begins with a page of them. */
bool tv_source_is_left_over(const struct tv_source *s)
{
	size_t zeros = 0;

	while (zeros < s->text.len && !s->text.data[zeros])
		zeros++;
	return zeros && (zeros == s->text.len || zeros >= PAGE);
}

static enum tv_status changed(const struct tv_source *s, struct tv_error *err)
{
	return tv_fail(err, TV_BUSY, "%s was changed meanwhile; left alone", s->path);
}

static bool is_same(const struct tv_source *s, const struct stat *st)
{
	return st->st_dev == s->dev && st->st_ino == s->ino && S_ISREG(st->st_mode) &&
	       st->st_nlink == 1 && (size_t)st->st_size == s->text.len;
}

/* For writing. One that is read-only for its owner is made writable first, if it is still the same. */
static int open_for_writing(const struct tv_source *s, int dir, const char *name)
{
	const int flags = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int fd = openat(dir, name, O_RDWR | flags);
	struct stat st;

	if (fd >= 0 || errno != EACCES)
		return fd;
	fd = openat(dir, name, O_RDONLY | flags);
	if (fd < 0)
		return fd;
	if (!fstat(fd, &st) && is_same(s, &st))
		fchmod(fd, 0600);
	close(fd);
	return openat(dir, name, O_RDWR | flags);
}

/* That it is what was read, and that nobody can change it from here on: a write lease is only given
 * when no other program has the file open, and holds up those that open it. Where the file system has
 * no leases, the comparison has to do. */
static enum tv_status check_same(const struct tv_source *s, int fd, struct tv_error *err)
{
	tv_auto_secret now = {0};
	struct stat st;
	enum tv_status status;

	signal(SIGIO, SIG_IGN); /* how the kernel tells that somebody waits */
	if (fcntl(fd, F_SETLEASE, F_WRLCK) && (errno == EAGAIN || errno == EBUSY))
		return tv_fail(err, TV_BUSY, "%s is open in another program; left alone", s->path);
	if (fstat(fd, &st) || !is_same(s, &st))
		return changed(s, err);
	status = tv_secret_read(&now, fd, TV_READFILE_MAX, s->path, err);
	if (!status && !tv_secret_equals(&now, &s->text))
		status = changed(s, err);
	return status;
}

static enum tv_status overwrite(const struct tv_source *s, int fd, struct tv_error *err)
{
	static const unsigned char zeros[PAGE];
	size_t done = 0;

	while (done < s->text.len) {
		size_t rest = s->text.len - done;
		ssize_t n = pwrite(fd, zeros, rest < PAGE ? rest : PAGE, (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return tv_fail(err, TV_IO, "%s can't be overwritten: %s", s->path,
				       strerror(errno));
		done += (size_t)n;
	}
	if (fsync(fd))
		return tv_fail(err, TV_IO, "%s can't be overwritten: %s", s->path, strerror(errno));
	return TV_OK;
}

/* Whether a file beside the path is of no worth: empty, or all zeros. */
static bool is_husk(int dir, const char *beside)
{
	int fd = openat(dir, beside, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct tv_source left = {0};
	bool is;

	if (fd < 0)
		return errno == EACCES; /* a placeholder: 0200 */
	is = !tv_secret_read(&left.text, fd, TV_READFILE_MAX, beside, NULL) &&
	     (!left.text.len || tv_source_is_left_over(&left));
	close(fd);
	tv_source_free(&left);
	return is;
}

/* What stands beside the path holds the path's place, or is where the file goes. What a killed one left
 * there is taken away, unless it is somebody's new file. */
static bool name_beside(char out[static NAME_MAX + 1], int dir, const char *name)
{
	if (snprintf(out, NAME_MAX + 1, ".%s.tokenvault-place", name) > NAME_MAX) {
		errno = ENAMETOOLONG;
		return false;
	}
	if (faccessat(dir, out, F_OK, AT_SYMLINK_NOFOLLOW))
		return true;
	if (is_husk(dir, out))
		return !unlinkat(dir, out, 0);
	errno = EEXIST;
	return false;
}

static bool make_placeholder(struct tv_source *s, int dir, const char *beside)
{
	int fd = openat(dir, beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0200);
	struct stat st;
	bool made;

	if (fd < 0)
		return false;
	made = !fchmod(fd, 0200) && !fstat(fd, &st);
	close(fd);
	if (made)
		s->place = st.st_ino;
	else
		unlinkat(dir, beside, 0);
	return made;
}

/* A file system that can't exchange names can replace them; there the look afterwards comes too late. */
static int move_aside(int dir, const char *name, const char *beside, unsigned how)
{
	if (!renameat2(dir, name, dir, beside, how))
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	return how == RENAME_EXCHANGE ? renameat(dir, beside, dir, name)
				      : renameat(dir, name, dir, beside);
}

/* The name has to be the file's still: what a tool has renamed to there meanwhile is not ours to remove.
 * So the two names change places in one step, and then it is looked what was taken away. */
static enum tv_status take_away(struct tv_source *s, int dir, const char *name, bool holds_place,
				struct tv_error *err)
{
	const unsigned how = holds_place ? RENAME_EXCHANGE : RENAME_NOREPLACE;
	char beside[NAME_MAX + 1];
	struct stat st;

	if (!name_beside(beside, dir, name) || (holds_place && !make_placeholder(s, dir, beside)) ||
	    move_aside(dir, name, beside, how))
		return errno == ENOENT ? changed(s, err)
				       : tv_fail(err, TV_IO, "%s can't be removed: %s", s->path,
						 strerror(errno));
	if (fstatat(dir, beside, &st, AT_SYMLINK_NOFOLLOW))
		return fsync(dir) ? tv_fail(err, TV_IO, "%s: %s", s->path, strerror(errno)) : TV_OK;
	if (st.st_ino != s->ino || st.st_dev != s->dev) {
		s->place = 0;
		if (renameat2(dir, beside, dir, name, how))
			return tv_fail(err, TV_IO,
				       "%s: what a program has put there lies in %s now: %s",
				       s->path, beside, strerror(errno));
		if (holds_place)
			unlinkat(dir, beside, 0);
		return changed(s, err);
	}
	if (unlinkat(dir, beside, 0) || fsync(dir))
		return tv_fail(err, TV_IO, "%s can't be removed: %s", s->path, strerror(errno));
	return TV_OK;
}

static void parent_of(char out[static PATH_MAX], const char *path)
{
	snprintf(out, PATH_MAX, "%.*s", (int)(strrchr(path, '/') - path), path);
}

void tv_source_sweep(const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	char parent[PATH_MAX], beside[NAME_MAX + 1];
	int dir;

	parent_of(parent, path);
	dir = open(*parent ? parent : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return;
	if (!name_beside(beside, dir, name) && errno == EEXIST)
		(void)!renameat2(dir, beside, dir, name, RENAME_NOREPLACE);
	close(dir);
}

enum tv_status tv_source_check_removable(const struct tv_source *s, struct tv_error *err)
{
	char parent[PATH_MAX];

	parent_of(parent, s->path);
	if (faccessat(AT_FDCWD, *parent ? parent : "/", W_OK | X_OK, AT_EACCESS))
		return tv_fail(err, TV_IN_THE_WAY,
			       "%s can't be taken away, for its directory can't be written to: %s; "
			       "left alone",
			       s->path, strerror(errno));
	return TV_OK;
}

void tv_source_give_up_place(const struct tv_source *s)
{
	struct stat st;

	/* What is mounted over it has a device of its own. */
	if (s->place && !lstat(s->path, &st) && st.st_ino == s->place && st.st_dev == s->dev &&
	    !st.st_size)
		unlink(s->path);
}

enum tv_status tv_source_destroy(struct tv_source *s, bool holds_place, struct tv_error *err)
{
	const char *name = strrchr(s->path, '/') + 1;
	char parent[PATH_MAX];
	enum tv_status status = tv_source_check_removable(s, err);
	int dir, fd;

	if (status)
		return status;
	parent_of(parent, s->path);
	dir = open(*parent ? parent : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return tv_fail(err, TV_IO, "%s: %s", parent, strerror(errno));
	fd = open_for_writing(s, dir, name);
	if (fd < 0) {
		status = errno == ENOENT || errno == ELOOP
				 ? changed(s, err)
				 : tv_fail(err, TV_IO, "%s can't be overwritten: %s", s->path,
					   strerror(errno));
	} else {
		status = check_same(s, fd, err);
		if (!status)
			status = overwrite(s, fd, err);
		if (!status)
			status = take_away(s, dir, name, holds_place, err);
		close(fd);
	}
	close(dir);
	return status;
}

/* Whether others can put files of their own there. A group of the user's own has nobody else in it. */
static bool is_open_to_others(const char *path)
{
	struct stat st;

	return !stat(path, &st) && !(st.st_mode & S_ISVTX) &&
	       ((st.st_mode & S_IWOTH) || ((st.st_mode & S_IWGRP) && st.st_gid != getegid()));
}

bool tv_source_is_exposed(char *out, size_t size, const char *home, const char *path)
{
	const char *slash = path + strlen(home);

	for (; slash; slash = strchr(slash + 1, '/')) {
		snprintf(out, size, "%.*s", (int)(slash - path), path);
		if (is_open_to_others(out))
			return true;
	}
	return false;
}
