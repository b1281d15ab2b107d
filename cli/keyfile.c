/* Keyfiles: files whose bytes open a vault. */
#include "cli/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define MADE_BYTES 64
#define MOST_BYTES (64 * 1024)

static enum tv_status read_open(struct tv_secret *out, int fd, const char *path,
				struct tv_error *err)
{
	tv_auto_secret bytes = {0};
	enum tv_status status = tv_secret_read(&bytes, fd, MOST_BYTES, path, err);

	if (!status)
		status = tv_part_check(TV_PART_KEYFILE, &bytes, err);
	if (!status)
		tv_secret_move(out, &bytes);
	return status;
}

enum tv_status tv_keyfile_read(struct tv_secret *out, const char *path, struct tv_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	enum tv_status status;

	if (fd < 0)
		return tv_fail(err, TV_IO, "keyfile %s: %s", path, strerror(errno));
	status = read_open(out, fd, path, err);
	close(fd);
	return status;
}

/* On the disk before it returns: a vault that only a lost keyfile opens is lost as well. */
static enum tv_status fill(struct tv_secret *out, int fd, const char *path, struct tv_error *err)
{
	tv_auto_secret bytes = {0};
	unsigned char zero[MADE_BYTES] = {0};
	enum tv_status status;

	tv_secret_append(&bytes, zero, sizeof(zero));
	status = tv_secret_check(&bytes, err);
	if (status)
		return status;
	if (getrandom(bytes.data, bytes.len, 0) != (ssize_t)bytes.len)
		return tv_fail(err, TV_FAILED, "no random bytes: %s", strerror(errno));
	status = tv_secret_write(&bytes, fd, err);
	if (status)
		return status;
	if (fsync(fd))
		return tv_fail(err, TV_IO, "keyfile %s: %s", path, strerror(errno));
	tv_secret_move(out, &bytes);
	return TV_OK;
}

enum tv_status tv_keyfile_read_or_make(struct tv_secret *out, bool *made, const char *path,
				       struct tv_error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	enum tv_status status;

	*made = false;
	if (fd < 0 && errno == EEXIST)
		return tv_keyfile_read(out, path, err);
	if (fd < 0)
		return tv_fail(err, TV_IO, "keyfile %s: %s", path, strerror(errno));
	status = fill(out, fd, path, err);
	if (close(fd) && !status)
		status = tv_fail(err, TV_IO, "keyfile %s: %s", path, strerror(errno));
	if (status)
		unlink(path);
	*made = !status;
	return status;
}
