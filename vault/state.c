/* What this machine has seen of a vault, as one line of text in a file of its own. */
#include "vault/state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "vault/file.h"

#define LINE_MAX_BYTES 512
#define FORM	       "tokenvault-seen 1 %32[0-9a-f] %20[0-9] %64[0-9a-f] %64[0-9a-f]"

/* The name of the file: the vault's id. */
static void name_of(char name[static 40], const unsigned char *vault_id)
{
	char hex[2 * TV_ID_BYTES + 1];

	sodium_bin2hex(hex, sizeof hex, vault_id, TV_ID_BYTES);
	snprintf(name, 40, "%s.seen", hex);
}

static bool unhex(unsigned char *out, size_t len, const char *hex)
{
	size_t got;

	return strlen(hex) == 2 * len && !sodium_hex2bin(out, len, hex, 2 * len, NULL, &got, NULL);
}

static int print(char line[static LINE_MAX_BYTES], const struct tv_seen *seen)
{
	char id[33], mac[65], pin[65];

	sodium_bin2hex(id, sizeof id, seen->vault_id, sizeof seen->vault_id);
	sodium_bin2hex(mac, sizeof mac, seen->mac, sizeof seen->mac);
	sodium_bin2hex(pin, sizeof pin, seen->pin, sizeof seen->pin);
	return snprintf(line, LINE_MAX_BYTES, "tokenvault-seen 1 %s %" PRIu64 " %s %s\n", id,
			seen->generation, mac, pin);
}

/* There is one way to write it. */
static bool parse(struct tv_seen *out, const char *line)
{
	char id[33], generation[21], mac[65], pin[65];
	char again[LINE_MAX_BYTES];

	if (sscanf(line, FORM, id, generation, mac, pin) != 4)
		return false;
	out->generation = strtoumax(generation, NULL, 10);
	if (!unhex(out->vault_id, sizeof out->vault_id, id) ||
	    !unhex(out->mac, sizeof out->mac, mac) || !unhex(out->pin, sizeof out->pin, pin))
		return false;
	print(again, out);
	return !strcmp(line, again);
}

/* flock, but not for longer than two seconds: what waits for this has been done already. */
static int lock_soon(int fd, int how)
{
	for (int i = 0; i < 200; i++) {
		if (!flock(fd, how | LOCK_NB))
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -1;
		nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
	}
	return -1;
}

static enum tv_status load(struct tv_seen *out, bool *known, int dirfd, const char *dir,
			   const unsigned char *vault_id, struct tv_error *err)
{
	char line[LINE_MAX_BYTES] = "";
	struct tv_seen seen = {0};
	char name[40];
	ssize_t len;
	int fd;

	*known = false;
	name_of(name, vault_id);
	fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT)
		return TV_OK;
	if (fd < 0)
		return tv_fail(err, TV_IO, "%s/%s: %s", dir, name, strerror(errno));
	len = read(fd, line, sizeof line - 1);
	close(fd);
	if (len < 0)
		return tv_fail(err, TV_IO, "%s/%s: %s", dir, name, strerror(errno));
	if (!parse(&seen, line) || memcmp(seen.vault_id, vault_id, TV_ID_BYTES))
		return tv_fail(err, TV_DAMAGED,
			       "%s/%s can't be understood; remove it to forget what was seen of "
			       "the vault",
			       dir, name);
	*out = seen;
	*known = true;
	return TV_OK;
}

enum tv_status tv_seen_load(struct tv_seen *out, bool *known, const char *dir,
			    const unsigned char vault_id[static TV_ID_BYTES], struct tv_error *err)
{
	int dirfd = dir ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	enum tv_status status;

	*known = false;
	if (!dir || (dirfd < 0 && errno == ENOENT))
		return TV_OK;
	if (dirfd < 0)
		return tv_fail(err, TV_IO, "%s: %s", dir, strerror(errno));
	/* Who can't have the lock in time may still read: lines are whole but for a moment. */
	lock_soon(dirfd, LOCK_SH);
	status = load(out, known, dirfd, dir, vault_id, err);
	close(dirfd);
	return status;
}

/* Sees to it that a line of the same vault, and as long, is no older than this one; false: there is none. It fits into one
 * sector, so that a crash leaves the old one or the new one; and as what it tells of is done already, nobody waits until it
 * is on the disk. */
static bool overwrite(int dirfd, const char *name, const struct tv_seen *seen, const char *line,
		      size_t len)
{
	int fd = openat(dirfd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	char there[LINE_MAX_BYTES] = "";
	struct tv_seen before = {0};
	struct stat st;
	bool good;

	if (fd < 0)
		return false;
	good = !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_nlink == 1 &&
	       st.st_size == (off_t)len && pread(fd, there, len, 0) == (ssize_t)len &&
	       parse(&before, there) && !memcmp(before.vault_id, seen->vault_id, TV_ID_BYTES);
	if (good && before.generation < seen->generation) {
		good = pwrite(fd, line, len, 0) == (ssize_t)len;
		if (good)
			sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	}
	close(fd);
	return good;
}

static enum tv_status save(int dirfd, const char *dir, const struct tv_seen *seen, bool force,
			   struct tv_error *err)
{
	struct tv_seen before;
	char line[LINE_MAX_BYTES];
	const size_t len = (size_t)print(line, seen);
	char name[40];
	bool known;

	if (lock_soon(dirfd, LOCK_EX))
		return tv_fail(err, TV_IO, "%s: %s", dir, strerror(errno));
	name_of(name, seen->vault_id);
	if (!force && overwrite(dirfd, name, seen, line, len))
		return TV_OK;
	if (!force && !load(&before, &known, dirfd, dir, seen->vault_id, NULL) && known &&
	    before.generation >= seen->generation)
		return TV_OK;
	/* What a kill has left is cleared away where something is made that may be left again. */
	tv_temporary_clear(dirfd, name);
	return tv_file_replace(dirfd, name, line, len, err);
}

enum tv_status tv_seen_save(const char *dir, const struct tv_seen *seen, bool force,
			    struct tv_error *err)
{
	enum tv_status status = TV_OK;
	int dirfd = dir ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (!dir)
		return TV_OK;
	if (dirfd < 0 && errno == ENOENT) {
		status = tv_dir_make(dir, err);
		dirfd = status ? -1 : open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (!status && dirfd < 0)
		status = tv_fail(err, TV_IO, "%s: %s", dir, strerror(errno));
	if (!status)
		status = save(dirfd, dir, seen, force, err);
	if (dirfd >= 0)
		close(dirfd);
	return status;
}
