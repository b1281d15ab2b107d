/* Putting a plaintext file back where the vault's was mounted. */
#include "cli/putback.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/occupant.h"

#define WAIT_S	     20
#define ORPHAN_STEPS 50

static bool name_beside(char out[static PATH_MAX], const char *path)
{
	const char *name = strrchr(path, '/') + 1;

	return snprintf(out, PATH_MAX, "%.*s.%s.tokenvault", (int)(name - path), path, name) <
	       PATH_MAX;
}

bool tv_putback_is_prepared(const char *path)
{
	char beside[PATH_MAX];
	struct stat st;

	return name_beside(beside, path) && !lstat(beside, &st) && S_ISREG(st.st_mode) &&
	       st.st_uid == geteuid();
}

/* As the keeper makes them. It may take one away again just then: no file of its is left in there. */
static void make_directories(const char *path)
{
	char at[PATH_MAX];

	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(at, sizeof(at), "%.*s", (int)(slash - path), path);
		mkdir(at, 0700);
	}
}

static int make_file(const char *path, const char *beside)
{
	int fd = -1;

	for (int tries = 0; fd < 0 && tries < 10; tries++) {
		make_directories(path);
		fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0 && errno != ENOENT)
			break;
	}
	return fd;
}

enum tv_status tv_putback_prepare(const char *path, const struct tv_secret *text,
				  struct tv_error *err)
{
	char beside[PATH_MAX];
	enum tv_status status;
	int fd;

	if (!name_beside(beside, path))
		return tv_fail(err, TV_IO, "%s: path too long", path);
	if (tv_putback_is_prepared(path))
		unlink(beside);
	fd = make_file(path, beside);
	if (fd < 0)
		return tv_fail(err, TV_IO, "%s: %s", beside, strerror(errno));
	status = tv_secret_write(text, fd, err);
	if (!status && (fchmod(fd, 0600) || fsync(fd)))
		status = tv_fail(err, TV_IO, "%s: %s", beside, strerror(errno));
	close(fd);
	if (status)
		unlink(beside);
	return status;
}

static enum tv_status wait_until_free(const char *path, struct tv_error *err)
{
	const struct timespec step = {.tv_nsec = 20000000};

	for (int i = 0; i < WAIT_S * 50; i++) {
		enum tv_occupant there = tv_occupant_at(path);

		if (there == TV_OCCUPANT_NONE)
			return TV_OK;
		if (there != TV_OCCUPANT_OURS)
			return tv_fail(err, TV_IN_THE_WAY,
				       "%s is there already; the token is in the vault", path);
		nanosleep(&step, NULL);
		/* The keeper takes its own away at once; an adopt that was killed left this one. */
		if (i >= ORPHAN_STEPS && tv_occupant_is_placeholder(path))
			unlink(path);
	}
	return tv_fail(err, TV_BUSY, "%s is still mounted; tokenvault unmount, then release again",
		       path);
}

static enum tv_status sync_directory(const char *path, struct tv_error *err)
{
	char parent[PATH_MAX];
	int fd, failed;

	snprintf(parent, sizeof(parent), "%.*s", (int)(strrchr(path, '/') - path), path);
	fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	failed = fd < 0 || fsync(fd);
	if (failed)
		tv_fail(err, TV_IO, "%s: %s", parent, strerror(errno));
	if (fd >= 0)
		close(fd);
	return failed ? TV_IO : TV_OK;
}

/* Where the file system can't rename without replacing, a link can't replace either. */
static bool put_in_place(const char *beside, const char *path)
{
	if (!renameat2(AT_FDCWD, beside, AT_FDCWD, path, RENAME_NOREPLACE))
		return true;
	return errno == EINVAL && !link(beside, path) && !unlink(beside);
}

enum tv_status tv_putback_finish(const char *path, struct tv_error *err)
{
	char beside[PATH_MAX];
	enum tv_status status = wait_until_free(path, err);

	if (!name_beside(beside, path))
		return tv_fail(err, TV_IO, "%s: path too long", path);
	if (!status && !put_in_place(beside, path))
		status = tv_fail(err, errno == EEXIST ? TV_IN_THE_WAY : TV_IO, "%s: %s", path,
				 strerror(errno));
	if (status && status != TV_BUSY)
		unlink(beside);
	return status ? status : sync_directory(path, err);
}
