/* Files written so that a crash leaves the old one or the new one. */
#include "vault/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vault/inode.h"
#include "vault/temporary.h"

#define STEP  ((size_t)32 << 10) /* read at once */
#define PIECE ((size_t)16 << 10) /* compared at once */
#define PART  ((size_t)1 << 20)	 /* written at once */

const char *tv_file_remedy(int why)
{
	switch (why) {
	case ENOSPC:
	case EDQUOT:
		return "; nothing was changed, free some space";
	case EACCES:
	case EPERM:
		return "; see to it that you may write there";
	case EROFS:
		return "; nothing can be written there";
	}
	return "";
}

static enum tv_status io(struct tv_error *err, const char *name, const char *verb)
{
	return tv_fail(err, TV_IO, "%s can't be %s: %s%s", name, verb, strerror(errno),
		       tv_file_remedy(errno));
}

enum tv_status tv_dir_make(const char *path, struct tv_error *err)
{
	char part[4096];
	size_t len = strlen(path);

	if (len >= sizeof part)
		return tv_fail(err, TV_IO, "%.64s…: the path is too long", path);
	for (size_t i = 1; i <= len; i++) {
		if (path[i] != '/' && path[i])
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0700) && errno != EEXIST && (errno != EROFS || access(part, F_OK)))
			return io(err, part, "made");
	}
	return TV_OK;
}

/* Has the disk begin with what was written; where that can't be, it begins when it has to. */
static int write_out(int fd, off_t at, size_t len)
{
	const int failed = sync_file_range(fd, at, (off_t)len, SYNC_FILE_RANGE_WRITE);

	return failed && (errno == EIO || errno == ENOSPC || errno == EDQUOT) ? -1 : 0;
}

/* From one offset to another. The disk works at a large file while the rest of it is copied. */
static int write_all(int fd, const unsigned char *data, size_t from, size_t to)
{
	while (from < to) {
		ssize_t n =
			pwrite(fd, data + from, to - from < PART ? to - from : PART, (off_t)from);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if ((size_t)n < to - from && write_out(fd, (off_t)from, (size_t)n))
			return -1;
		from += (size_t)n;
	}
	return 0;
}

/* A full disk is to show before most of a file is written, where the file system can reserve. What is written at once shows it
 * as soon. */
static int reserve(int fd, size_t len)
{
	int failed;

	do
		failed = len > PART ? fallocate(fd, 0, 0, (off_t)len) : 0;
	while (failed && errno == EINTR);
	return failed && errno != EOPNOTSUPP && errno != ENOSYS ? -1 : 0;
}

/* Of a file that was there before it is enough what it says and how long it is: its name need not be on the disk again. */
static int sync_file(int fd, bool is_new)
{
	int failed;

	do
		failed = is_new ? fsync(fd) : fdatasync(fd);
	while (failed && errno == EINTR);
	return failed;
}

/* A strange umask may have taken from what it was made with. Nothing is changed where nothing is to be: whoever watches the
 * directory would be woken. */
static int make_private(int fd)
{
	struct stat about;

	return !fstat(fd, &about) && (about.st_mode & 07777) == 0600 ? 0 : fchmod(fd, 0600);
}

static enum tv_status create(struct tv_new_file *f, int dirfd, const char *name,
			     struct tv_error *err)
{
	f->fd = openat(dirfd, f->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		       0600);
	if (f->fd < 0)
		return io(err, name, "written");
	/* It is read back; as with tv_inode_open. */
	fcntl(f->fd, F_SETFL, O_NOATIME);
	return TV_OK;
}

enum tv_status tv_file_begin(struct tv_new_file *out, int dirfd, const char *name,
			     struct tv_error *err)
{
	struct tv_new_file f = {.fd = -1};
	enum tv_status status = tv_temporary_name(f.temporary, name, err);

	if (!status)
		status = create(&f, dirfd, name, err);
	if (!status)
		*out = f;
	return status;
}

enum tv_status tv_file_begin_locked(struct tv_new_file *out, int dirfd, const char *name,
				    struct tv_error *err)
{
	struct tv_new_file f = {.fd = -1};
	enum tv_status status = tv_temporary_name(f.temporary, name, err);

	if (status)
		return status;
	f.fd = tv_spare_take(&f.had, dirfd, f.temporary, name);
	f.uncleared = tv_temporary_clear_all(dirfd, name, f.temporary);
	if (f.fd < 0)
		status = create(&f, dirfd, name, err);
	if (!status)
		*out = f;
	return status;
}

void tv_file_abandon(struct tv_new_file *f, int dirfd, const char *name)
{
	if (f->fd < 0)
		return;
	close(f->fd);
	f->fd = -1;
	/* A spare file that is as it was is one again. */
	if (f->had && !f->written && !f->failed)
		tv_spare_keep(dirfd, f->temporary, name);
	else
		unlinkat(dirfd, f->temporary, 0);
}

void tv_file_ahead(struct tv_new_file *f, const void *data, size_t have, size_t len)
{
	const size_t to = have / PART * PART;

	if (f->failed || to <= f->written)
		return;
	if ((!f->written && reserve(f->fd, len)) || write_all(f->fd, data, f->written, to) ||
	    write_out(f->fd, (off_t)(to - PART), PART))
		f->failed = errno;
	f->written = to;
}

/* What is left of the bytes, and all of them on the disk. */
static int finish(const struct tv_new_file *f, const void *data, size_t len)
{
	errno = f->failed;
	return f->failed || make_private(f->fd) || (!f->written && reserve(f->fd, len)) ||
	       write_all(f->fd, data, f->written, len) ||
	       (f->had > len && ftruncate(f->fd, (off_t)len)) || sync_file(f->fd, !f->had);
}

/* Compares what the disk gives back with what was to be written, in pieces that stay near the processor. */
static enum tv_status read_back(int fd, const char *name, const unsigned char *data, size_t len,
				struct tv_error *err)
{
	unsigned char part[PIECE];
	size_t at = 0;
	ssize_t n;

	while ((n = pread(fd, part, sizeof part, (off_t)at))) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return io(err, name, "read");
		if ((size_t)n > len - at || memcmp(part, data + at, (size_t)n) != 0)
			break;
		at += (size_t)n;
	}
	return n || at < len ? tv_fail(err, TV_IO,
				       "%s: the disk gives back other bytes than written", name)
			     : TV_OK;
}

enum tv_status tv_file_end(struct tv_new_file *f, int dirfd, const char *name, const void *data,
			   size_t len, struct tv_error *err)
{
	enum tv_status status = TV_OK;
	bool is_there;

	if (finish(f, data, len))
		status = io(err, name, "written");
	if (!status)
		status = read_back(f->fd, name, data, len, err);
	/* What gets name is what was written, whatever others do here. */
	is_there = tv_inode_is_called(f->fd, dirfd, f->temporary);
	if (!status && !is_there)
		status = tv_fail(err, TV_IO, "%s: somebody took away what was written; try again",
				 name);
	if (close(f->fd) && !status)
		status = io(err, name, "written");
	f->fd = -1;
	if (status && is_there)
		unlinkat(dirfd, f->temporary, 0);
	return status;
}

enum tv_status tv_file_write(char temporary[static TV_TEMPORARY_CHARS], int dirfd, const char *name,
			     const void *data, size_t len, struct tv_error *err)
{
	struct tv_new_file f;
	enum tv_status status = tv_file_begin(&f, dirfd, name, err);

	if (!status)
		status = tv_file_end(&f, dirfd, name, data, len, err);
	if (!status)
		memcpy(temporary, f.temporary, sizeof f.temporary);
	return status;
}

enum tv_status tv_file_replace(int dirfd, const char *name, const void *data, size_t len,
			       struct tv_error *err)
{
	char temporary[TV_TEMPORARY_CHARS];
	enum tv_status status = tv_file_write(temporary, dirfd, name, data, len, err);

	if (status)
		return status;
	if (renameat(dirfd, temporary, dirfd, name)) {
		status = io(err, name, "replaced");
		unlinkat(dirfd, temporary, 0);
		return status;
	}
	return sync_file(dirfd, true) ? io(err, name, "made durable") : TV_OK;
}

/* Opens a regular file, and tells its size. */
static enum tv_status open_file(int *out, uint64_t *size, int dirfd, const char *name,
				struct tv_error *err)
{
	int fd = tv_inode_open(dirfd, name,
			       O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	enum tv_status status = TV_OK;
	struct stat about;

	if (fd < 0)
		return io(err, name, "read");
	if (fstat(fd, &about))
		status = io(err, name, "read");
	else if (!S_ISREG(about.st_mode))
		status = tv_fail(err, TV_DAMAGED, "%s is no regular file", name);
	if (status) {
		close(fd);
		return status;
	}
	*size = (uint64_t)about.st_size;
	*out = fd;
	return TV_OK;
}

/* One read of up to len bytes; −1 with errno. */
static ssize_t read_some(int fd, unsigned char *to, size_t len)
{
	ssize_t n;

	do
		n = read(fd, to, len);
	while (n < 0 && errno == EINTR);
	return n;
}

/* Up to the end of the file, or to so many bytes; size is what is to be expected. */
static enum tv_status read_up_to(struct tv_bytes *out, int fd, const char *name, uint64_t size,
				 size_t most, struct tv_error *err)
{
	/* One byte more shows the end without another round. */
	size_t step = size < most ? (size_t)size + 1 : most;
	ssize_t n = 1;

	while (n && out->len < most) {
		const size_t before = out->len;

		if (step > most - before)
			step = most - before;
		if (!tv_bytes_extend(out, step))
			break;
		n = read_some(fd, out->data + before, step);
		if (n < 0)
			return io(err, name, "read");
		out->len = before + (size_t)n;
		/* Where the room is not full the end is near, and is seen in what is left of it. */
		step = out->size - out->len > 1 ? out->size - out->len - 1 : STEP;
	}
	return tv_bytes_check(out, err);
}

enum tv_status tv_file_read_start(struct tv_bytes *out, uint64_t *size, int dirfd, const char *name,
				  size_t most, struct tv_error *err)
{
	tv_auto_bytes bytes = {0};
	enum tv_status status;
	int fd = -1;

	status = open_file(&fd, size, dirfd, name, err);
	if (status)
		return status;
	status = read_up_to(&bytes, fd, name, *size, most, err);
	close(fd);
	if (status)
		return status;
	tv_bytes_free(out);
	*out = bytes;
	bytes = (struct tv_bytes){0};
	return TV_OK;
}

enum tv_status tv_file_read(struct tv_bytes *out, int dirfd, const char *name, size_t limit,
			    struct tv_error *err)
{
	tv_auto_bytes bytes = {0};
	uint64_t size;
	enum tv_status status = tv_file_read_start(&bytes, &size, dirfd, name, limit + 1, err);

	if (!status && bytes.len > limit)
		status = tv_fail(err, TV_DAMAGED, "%s is larger than it can be", name);
	if (status)
		return status;
	tv_bytes_free(out);
	*out = bytes;
	bytes = (struct tv_bytes){0};
	return TV_OK;
}
