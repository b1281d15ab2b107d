/* Files written so that a crash leaves the old one or the new one. */
#include "vault/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARK ".saving-" /* in the name of a temporary file */

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

static int write_all(int fd, const unsigned char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Not every file system can reserve; a full disk must show before anything is replaced. */
static int reserve(int fd, size_t len)
{
	int failed;

	do
		failed = len ? fallocate(fd, 0, 0, (off_t)len) : 0;
	while (failed && errno == EINTR);
	return failed && errno != EOPNOTSUPP && errno != ENOSYS ? -1 : 0;
}

static int sync_file(int fd)
{
	int failed;

	do
		failed = fsync(fd);
	while (failed && errno == EINTR);
	return failed;
}

enum tv_status tv_file_write(char temporary[static TV_TEMPORARY_CHARS], int dirfd, const char *name,
			     const void *data, size_t len, struct tv_error *err)
{
	enum tv_status status = TV_OK;
	int fd;

	snprintf(temporary, TV_TEMPORARY_CHARS, ".%.255s" MARK "%08x%08x", name,
		 randombytes_random(), randombytes_random());
	fd = openat(dirfd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return io(err, name, "written");
	if (fchmod(fd, 0600) || reserve(fd, len) || write_all(fd, data, len) || sync_file(fd))
		status = io(err, name, "written");
	if (close(fd) && !status)
		status = io(err, name, "written");
	if (status)
		unlinkat(dirfd, temporary, 0);
	return status;
}

int tv_file_is_temporary(const char *member, const char *name)
{
	size_t len = strlen(name);

	return *member == '.' && !strncmp(member + 1, name, len) &&
	       !strncmp(member + 1 + len, MARK, strlen(MARK));
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
	return sync_file(dirfd) ? io(err, name, "made durable") : TV_OK;
}

/* Up to the end of the file or to limit + 1 bytes. */
static enum tv_status read_all(struct tv_bytes *out, int fd, const char *name, size_t limit,
			       struct tv_error *err)
{
	ssize_t n;

	do {
		unsigned char part[16384];

		do
			n = read(fd, part, sizeof part);
		while (n < 0 && errno == EINTR);
		if (n < 0)
			return io(err, name, "read");
		tv_bytes_append(out, part, (size_t)n);
		if (out->len > limit)
			return tv_fail(err, TV_DAMAGED, "%s is larger than it can be", name);
	} while (n > 0 && !out->failed);
	return tv_bytes_check(out, err);
}

enum tv_status tv_file_read(struct tv_bytes *out, int dirfd, const char *name, size_t limit,
			    struct tv_error *err)
{
	tv_auto_bytes bytes = {0};
	enum tv_status status;
	struct stat about;
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return io(err, name, "read");
	if (fstat(fd, &about))
		status = io(err, name, "read");
	else if (!S_ISREG(about.st_mode))
		status = tv_fail(err, TV_DAMAGED, "%s is no regular file", name);
	else
		status = read_all(&bytes, fd, name, limit, err);
	close(fd);
	if (status)
		return status;
	tv_bytes_free(out);
	*out = bytes;
	bytes = (struct tv_bytes){0};
	return TV_OK;
}
