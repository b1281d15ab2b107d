/* Makes the instance's directories and holds its locks. */
#include "fusefs/claim.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define STEP_MS 20

/* Makes a directory and what is missing above it. */
static bool make_all(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		mkdir(path, 0700);
		*slash = '/';
	}
	return !mkdir(path, 0700) || errno == EEXIST;
}

/* What lies in it must be out of the reach of others. */
static enum tv_status private_directory(const char *path, struct tv_error *err)
{
	char copy[PATH_MAX];
	struct stat st;

	strncpy(copy, path, sizeof copy - 1);
	copy[sizeof copy - 1] = 0;
	if (!make_all(copy) || lstat(path, &st))
		return tv_fail(err, TV_IO, "%s: %s", path, strerror(errno));
	if (!S_ISDIR(st.st_mode) || st.st_uid != getuid() || st.st_mode & 077)
		return tv_fail(err, TV_REFUSED, "%s has to be a directory of yours with mode 0700",
			       path);
	return TV_OK;
}

/* One try: −1 with EWOULDBLOCK when somebody holds it. What was locked must still be the file that
 * others would lock: its last holder removes it. */
static int try_lock(const char *path)
{
	struct stat ours, there;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -1;
	if (!flock(fd, LOCK_EX | LOCK_NB)) {
		if (!fstat(fd, &ours) && !lstat(path, &there) && ours.st_ino == there.st_ino &&
		    ours.st_dev == there.st_dev)
			return fd;
		errno = EWOULDBLOCK;
	}
	int why = errno;

	close(fd);
	errno = why;
	return -1;
}

static enum tv_status take(int *out, const char *path, const char *directory, int *wait_ms,
			   struct tv_error *err)
{
	const struct timespec step = {0, STEP_MS * 1000000};
	enum tv_status status;
	int fd;

	for (;; *wait_ms -= STEP_MS) {
		status = private_directory(directory, err);
		if (status)
			return status;
		fd = try_lock(path);
		if (fd >= 0)
			break;
		if (errno != EWOULDBLOCK && errno != ENOENT)
			return tv_fail(err, TV_IO, "%s: %s", path, strerror(errno));
		if (*wait_ms <= 0)
			return tv_fail(err, TV_BUSY, "%s is held by a running tokenvault-fs", path);
		nanosleep(&step, NULL);
	}
	*out = fd;
	return TV_OK;
}

enum tv_status tv_claim_take(struct tv_claim *claim, const struct tv_fs_config *c, int wait_ms,
			     struct tv_error *err)
{
	enum tv_status status;

	*claim = (struct tv_claim){-1, -1};
	status = take(&claim->runtime_lock, c->lock, c->runtime, &wait_ms, err);
	if (!status)
		status = take(&claim->state_lock, c->journal_lock, c->state, &wait_ms, err);
	if (status)
		tv_claim_drop(claim, c);
	return status;
}

static void drop(int *lock, const char *path)
{
	if (*lock < 0)
		return;
	unlink(path);
	close(*lock);
	*lock = -1;
}

void tv_claim_drop(struct tv_claim *claim, const struct tv_fs_config *config)
{
	drop(&claim->state_lock, config->journal_lock);
	drop(&claim->runtime_lock, config->lock);
	rmdir(config->runtime);
}
