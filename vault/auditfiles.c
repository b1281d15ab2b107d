/* Opens, locks, appends to and rotates the audit log's files. */
#include "vault/auditfiles.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "vault/audit.h"
#include "vault/file.h"
#include "vault/inode.h"

#define LOCK_TRIES  500 /* of a millisecond: nobody who is honest holds it for longer */
#define TAIL_BYTES  (2 * TV_LINE_MAX)
#define SHORT_BYTES 4096

static enum tv_status io(struct tv_error *err, const struct tv_audit_files *f, const char *name,
			 const char *verb)
{
	return tv_fail(err, TV_IO, "%s/%s can't be %s: %s", f->directory, name, verb,
		       errno == EINVAL || errno == ELOOP ? "it is no regular file of yours"
							 : strerror(errno));
}

enum tv_status tv_audit_files_start(struct tv_audit_files *out, const char *directory,
				    const char *name, off_t most, struct tv_error *err)
{
	*out = (struct tv_audit_files){.most = most, .key = -1, .log = -1, .tail = -1};
	if (snprintf(out->name, sizeof out->name, "%s.audit", name) >= (int)sizeof out->name)
		return tv_fail(err, TV_IO, "%.64s…: the name is too long", name);
	out->directory = strdup(directory);
	return out->directory ? TV_OK : tv_fail(err, TV_NO_MEMORY, "for the audit log");
}

int tv_audit_files_reader(const struct tv_audit_files *f)
{
	return f->is_lent ? f->tail : f->log;
}

static void close_file(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void tv_audit_files_close(struct tv_audit_files *f)
{
	close_file(&f->key);
	close_file(&f->log);
	close_file(&f->tail);
}

void tv_audit_files_free(struct tv_audit_files *f)
{
	tv_audit_files_close(f);
	free(f->directory);
	f->directory = NULL;
}

void tv_audit_file_name(char out[static TV_AUDIT_NAME_CHARS + 8], const char *name, int i)
{
	if (i == TV_AUDIT_NEWEST)
		snprintf(out, TV_AUDIT_NAME_CHARS + 8, "%s", name);
	else
		snprintf(out, TV_AUDIT_NAME_CHARS + 8, "%s.%d", name, i);
}

/* A FIFO or a link may have been put there, or another file under this name too: that is not ours to write to. */
int tv_audit_file_open(int dirfd, const char *name, int flags)
{
	int fd = openat(dirfd, name, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_nlink > 1) {
		close(fd);
		errno = EINVAL;
		return -1;
	}
	return fd;
}

static int open_directory(const struct tv_audit_files *f)
{
	return open(f->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* One that was deleted is nobody's meeting point any more. */
static bool is_gone(int fd)
{
	struct stat st;

	return fstat(fd, &st) || !st.st_nlink;
}

static enum tv_status open_key(struct tv_audit_files *f, struct tv_error *err)
{
	char name[TV_AUDIT_NAME_CHARS + 8];
	enum tv_status status = tv_dir_make(f->directory, err);
	int dirfd = status ? -1 : open_directory(f);

	if (status)
		return status;
	if (dirfd < 0)
		return io(err, f, "", "opened");
	snprintf(name, sizeof name, "%s.key", f->name);
	f->key = tv_audit_file_open(dirfd, name, O_RDWR | O_CREAT);
	if (f->key < 0 || fchmod(f->key, 0600))
		status = io(err, f, name, "opened");
	close(dirfd);
	return status;
}

enum tv_status tv_audit_files_lock(struct tv_audit_files *f, struct tv_error *err)
{
	if (f->is_lent && f->key < 0)
		return tv_fail(err, TV_IO, "it is closed");
	for (int i = 0; i < LOCK_TRIES; i++) {
		enum tv_status status = f->key < 0 ? open_key(f, err) : TV_OK;

		if (status)
			return status;
		if (!flock(f->key, LOCK_EX | LOCK_NB)) {
			if (!is_gone(f->key))
				return TV_OK;
			close_file(&f->key);
			if (f->is_lent)
				return tv_fail(err, TV_IO, "its key's file is gone");
			continue;
		}
		if (errno != EWOULDBLOCK && errno != EINTR)
			return io(err, f, f->name, "locked");
		if (f->is_lent)
			break;
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	}
	return tv_fail(err, TV_BUSY, "%s/%s.key is held by another process", f->directory, f->name);
}

void tv_audit_files_unlock(struct tv_audit_files *f)
{
	flock(f->key, LOCK_UN);
}

static int64_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return now.tv_sec;
}

/* By its path, once a second: it may have been renamed, which its descriptor does not tell. */
static bool is_newest(struct tv_audit_files *f, const struct stat *ours)
{
	struct stat st;
	int64_t now = seconds();
	int dirfd;
	bool is;

	if (f->looked == now)
		return true;
	f->looked = now;
	dirfd = open_directory(f);
	is = dirfd >= 0 && !fstatat(dirfd, f->name, &st, AT_SYMLINK_NOFOLLOW) &&
	     st.st_dev == ours->st_dev && st.st_ino == ours->st_ino;
	if (dirfd >= 0)
		close(dirfd);
	return is;
}

/* Whoever moves it away marks it before that, for those who write to it by a descriptor. */
static bool is_in_use(const struct stat *st)
{
	return st->st_nlink && !(st->st_mode & S_ISVTX);
}

bool tv_audit_files_are_ours(struct tv_audit_files *f)
{
	struct stat st;

	return f->log >= 0 && !fstat(f->log, &st) && is_in_use(&st) && st.st_size == f->size &&
	       (f->is_lent || is_newest(f, &st));
}

/* Its last bytes, as many as that or all. */
static enum tv_status read_tail(struct tv_bytes *out, int fd, off_t size, off_t most,
				struct tv_error *err)
{
	const off_t from = size > most ? size - most : 0;
	ssize_t n;

	out->len = 0;
	if (!tv_bytes_extend(out, (size_t)(size - from)))
		return tv_bytes_check(out, err);
	n = pread(fd, out->data, out->len, from);
	if (n < 0)
		return tv_fail(err, TV_IO, "%s", strerror(errno));
	out->len = (size_t)n;
	return TV_OK;
}

/* What is there of a line without an end was never acknowledged. What is no line of ours at all gets an end. */
static enum tv_status mend_end(struct tv_audit_files *f, struct tv_error *err)
{
	tv_auto_bytes tail = {0};
	enum tv_status status = read_tail(&tail, tv_audit_files_reader(f), f->size, 1, err);
	const unsigned char *end;
	size_t rest;
	bool good;

	if (status || !tail.len || tail.data[tail.len - 1] == '\n')
		return status;
	if (f->is_lent)
		return tv_fail(err, TV_IO, "its end is to be mended");
	status = read_tail(&tail, f->log, f->size, TAIL_BYTES, err);
	if (status || !tail.len)
		return status;
	end = memrchr(tail.data, '\n', tail.len);
	rest = end ? (size_t)(tail.data + tail.len - end - 1) : tail.len;
	if (rest > TV_LINE_MAX) {
		good = write(f->log, "\n", 1) == 1;
		f->size += good;
	} else {
		f->size -= (off_t)rest;
		good = !ftruncate(f->log, f->size);
	}
	return good ? TV_OK : io(err, f, f->name, "mended");
}

/* What others have written to it counts. */
static enum tv_status take_up(struct tv_audit_files *f, struct tv_error *err)
{
	struct stat st;

	if (f->log < 0 || fstat(f->log, &st) || !is_in_use(&st) || !st.st_size ||
	    st.st_size > f->most)
		return tv_fail(err, TV_IO, "it was lent, and is not there any more");
	f->size = st.st_size;
	return mend_end(f, err);
}

enum tv_status tv_audit_files_reopen(struct tv_audit_files *f, struct tv_error *err)
{
	int dirfd;
	struct stat st;

	if (f->is_lent)
		return take_up(f, err);
	dirfd = open_directory(f);
	if (dirfd < 0)
		return io(err, f, "", "opened");
	close_file(&f->log);
	f->log = tv_audit_file_open(dirfd, f->name, O_RDWR | O_APPEND | O_CREAT);
	close(dirfd);
	if (f->log < 0 || fstat(f->log, &st) || fchmod(f->log, 0600))
		return io(err, f, f->name, "opened");
	f->size = st.st_size;
	f->looked = seconds();
	return mend_end(f, err);
}

static bool exists(const struct tv_audit_files *f, int dirfd, int i)
{
	char name[TV_AUDIT_NAME_CHARS + 8];
	struct stat st;

	tv_audit_file_name(name, f->name, i);
	return !fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW);
}

static bool move(const struct tv_audit_files *f, int dirfd, int i, int to)
{
	char from_name[TV_AUDIT_NAME_CHARS + 8], to_name[TV_AUDIT_NAME_CHARS + 8];

	tv_audit_file_name(from_name, f->name, i);
	tv_audit_file_name(to_name, f->name, to);
	return !renameat(dirfd, from_name, dirfd, to_name);
}

/* Makes room for the one that is leaving: a gap that a crash left takes it, else the oldest one goes. */
static bool shift(const struct tv_audit_files *f, int dirfd)
{
	int to = TV_AUDIT_LEAVING + 1;
	bool good = true;

	if (!exists(f, dirfd, TV_AUDIT_LEAVING))
		return true;
	while (to < TV_AUDIT_FILES - 1 && exists(f, dirfd, to))
		to++;
	for (; good && to > TV_AUDIT_LEAVING; to--)
		good = move(f, dirfd, to - 1, to);
	return good;
}

/* What can't be marked is lent to nobody. */
static bool mark(const struct tv_audit_files *f)
{
	return !fchmod(f->log, 0600 | S_ISVTX) || !tv_inode_is_local(f->log);
}

/* The newest one has to go first: where that may not be, none of the others is moved for it. */
enum tv_status tv_audit_files_rotate(struct tv_audit_files *f, struct tv_error *err)
{
	int dirfd;
	bool good;

	/* Whoever has lent it puts another one in its place. */
	if (f->is_lent) {
		close_file(&f->log);
		return tv_fail(err, TV_IO, "it is full");
	}
	dirfd = open_directory(f);
	good = dirfd >= 0 && shift(f, dirfd) && mark(f) &&
	       move(f, dirfd, TV_AUDIT_NEWEST, TV_AUDIT_LEAVING) && shift(f, dirfd);
	if (!good)
		io(err, f, f->name, "rotated");
	if (dirfd >= 0)
		close(dirfd);
	return good ? tv_audit_files_reopen(f, err) : TV_IO;
}

enum tv_status tv_audit_files_append(struct tv_audit_files *f, const struct tv_bytes *lines,
				     struct tv_error *err)
{
	ssize_t n;

	do {
		n = write(f->log, lines->data, lines->len);
	} while (n < 0 && errno == EINTR);
	if (n == (ssize_t)lines->len) {
		f->size += n;
		return TV_OK;
	}
	if (n >= 0)
		errno = ENOSPC;
	io(err, f, f->name, "written");
	/* Half a line that is there now is cut off when it is opened again. */
	close_file(&f->log);
	return TV_IO;
}

/* Most lines are short. */
static enum tv_status last_of(struct tv_bytes *out, int fd, struct tv_error *err)
{
	const unsigned char *start = NULL;
	enum tv_status status = TV_OK;
	struct stat st;

	if (fstat(fd, &st))
		return tv_fail(err, TV_IO, "%s", strerror(errno));
	for (off_t most = SHORT_BYTES; !start && !status; most = TAIL_BYTES) {
		status = read_tail(out, fd, st.st_size, most, err);
		if (status || !out->len)
			return status;
		out->len -= out->data[out->len - 1] == '\n';
		start = memrchr(out->data, '\n', out->len);
		if (most == TAIL_BYTES || st.st_size <= most)
			break;
	}
	if (start) {
		out->len -= (size_t)(start + 1 - out->data);
		memmove(out->data, start + 1, out->len);
	}
	return TV_OK;
}

enum tv_status tv_audit_files_last(struct tv_bytes *out, const struct tv_audit_files *f,
				   struct tv_error *err)
{
	enum tv_status status = last_of(out, tv_audit_files_reader(f), err);
	int dirfd = f->is_lent ? -1 : open_directory(f);

	for (int i = TV_AUDIT_LEAVING; !status && !out->len && dirfd >= 0 && i < TV_AUDIT_FILES;
	     i++) {
		char name[TV_AUDIT_NAME_CHARS + 8];
		int fd;

		tv_audit_file_name(name, f->name, i);
		fd = tv_audit_file_open(dirfd, name, O_RDONLY);
		if (fd < 0)
			continue;
		status = last_of(out, fd, err);
		close(fd);
	}
	if (dirfd >= 0)
		close(dirfd);
	return status;
}
