/* Reads and replaces small files of the user's own. */
#include "fusefs/ownfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is mounted there says what a server wants. It isn't even opened: that would wait for the server. */
static bool is_mounted(const char *path)
{
	struct statx x;

	return !statx(AT_FDCWD, path, AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC, 0, &x) &&
	       x.stx_attributes & STATX_ATTR_MOUNT_ROOT;
}

static enum tv_status check(int fd, const char *path, size_t most, struct tv_error *err)
{
	struct stat st;

	if (fstat(fd, &st))
		return tv_fail(err, TV_IO, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return tv_fail(err, TV_REFUSED, "%s is no plain file", path);
	if (st.st_uid != getuid() || st.st_mode & 022)
		return tv_fail(err, TV_REFUSED, "%s can be written by others", path);
	if (st.st_size > (off_t)most)
		return tv_fail(err, TV_REFUSED, "%s is too large", path);
	return TV_OK;
}

/* It may grow while it is read. */
static enum tv_status slurp(struct tv_bytes *out, int fd, const char *path, size_t most,
			    struct tv_error *err)
{
	const size_t before = out->len;
	char part[4096];
	ssize_t n;

	while ((n = read(fd, part, sizeof part)) > 0 && out->len - before <= most)
		tv_bytes_append(out, part, (size_t)n);
	if (n < 0)
		return tv_fail(err, TV_IO, "%s: %s", path, strerror(errno));
	if (out->len - before > most)
		return tv_fail(err, TV_REFUSED, "%s is too large", path);
	return tv_bytes_check(out, err);
}

enum tv_status tv_own_file_read(struct tv_bytes *out, const char *path, size_t most, bool follows,
				struct tv_error *err)
{
	enum tv_status status;
	int fd;

	if (is_mounted(path))
		return tv_fail(err, TV_REFUSED, "%s is mounted over", path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (follows ? 0 : O_NOFOLLOW));
	if (fd < 0 && errno == ENOENT)
		return tv_fail(err, TV_NO_ENTRY, "there is no %s", path);
	if (fd < 0 && errno == ELOOP)
		return tv_fail(err, TV_REFUSED, "%s is a link", path);
	if (fd < 0)
		return tv_fail(err, TV_IO, "%s: %s", path, strerror(errno));
	status = check(fd, path, most, err);
	if (!status)
		status = slurp(out, fd, path, most, err);
	close(fd);
	return status;
}

static bool write_all(int fd, const unsigned char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* A new file costs the disk more than a look at the old one, and mostly it would be the same. */
static bool is_there(const char *path, const struct tv_bytes *bytes)
{
	tv_auto_bytes old = {0};
	struct tv_error ignored;
	struct stat st;

	return !lstat(path, &st) && S_ISREG(st.st_mode) && (st.st_mode & 07777) == 0600 &&
	       st.st_size == (off_t)bytes->len && bytes->len &&
	       !tv_own_file_read(&old, path, bytes->len, false, &ignored) &&
	       old.len == bytes->len && !memcmp(old.data, bytes->data, old.len);
}

/* It is not waited for until it is on the disk: what is lost with the power is written again by the next
 * unlock, and half a file is noticed. */
enum tv_status tv_own_file_replace(const char *path, const struct tv_bytes *bytes,
				   struct tv_error *err)
{
	char temp[PATH_MAX];
	bool good;
	int fd, why;

	if (is_there(path, bytes))
		return TV_OK;
	if (snprintf(temp, sizeof temp, "%s.new", path) >= (int)sizeof temp)
		return tv_fail(err, TV_IO, "%s: %s", path, strerror(ENAMETOOLONG));
	unlink(temp);
	fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	good = fd >= 0 && write_all(fd, bytes->data, bytes->len);
	why = errno;
	if (fd >= 0 && close(fd)) {
		good = false;
		why = errno;
	}
	if (good && !rename(temp, path))
		return TV_OK;
	if (good)
		why = errno;
	if (fd >= 0)
		unlink(temp);
	return tv_fail(err, TV_IO, "%s: %s", path, strerror(why));
}
