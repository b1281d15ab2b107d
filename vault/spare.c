/* The file that is kept to be written over: taken for one save, and let go by it. */
#include "vault/spare.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define IDLE (S_ISVTX | 0600) /* its mode; while it is taken 0600 */

void tv_spare_name(char out[static TV_TEMPORARY_CHARS], const char *name)
{
	snprintf(out, TV_TEMPORARY_CHARS, ".%.255s" TV_FILE_MARK "spare", name);
}

/* Nobody has it by another name. */
static bool is_ours(const struct stat *st)
{
	return S_ISREG(st->st_mode) && st->st_nlink == 1 && st->st_uid == geteuid();
}

static bool is_idle(const struct stat *st)
{
	return is_ours(st) && (st->st_mode & 07777) == IDLE;
}

bool tv_spare_is(int dirfd, const char *member, const char *name)
{
	char spare[TV_TEMPORARY_CHARS];
	struct stat about;

	tv_spare_name(spare, name);
	return !strcmp(member, spare) && !fstatat(dirfd, member, &about, AT_SYMLINK_NOFOLLOW) &&
	       is_idle(&about);
}

/* A lease for writing is given to who alone has it open. That somebody waits for it is told by a signal: one that does nothing. */
static bool is_alone(int fd)
{
	return !fcntl(fd, F_SETSIG, SIGURG) && !fcntl(fd, F_SETLEASE, F_WRLCK);
}

int tv_spare_take(char temporary[static TV_TEMPORARY_CHARS], size_t *had, int dirfd,
		  const char *name)
{
	struct stat about;
	int fd;

	tv_spare_name(temporary, name);
	fd = openat(dirfd, temporary,
		    O_RDWR | O_NOATIME | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -1;
	if (!fstat(fd, &about) && is_idle(&about) && is_alone(fd) && !fchmod(fd, 0600)) {
		*had = (size_t)about.st_size;
		return fd;
	}
	close(fd);
	return -1;
}

int tv_spare_put_back(int fd)
{
	return fchmod(fd, IDLE);
}

void tv_spare_keep(int dirfd, const char *temporary, const char *name)
{
	char spare[TV_TEMPORARY_CHARS];
	struct stat about;

	tv_spare_name(spare, name);
	if (fstatat(dirfd, temporary, &about, AT_SYMLINK_NOFOLLOW))
		return;
	if (is_ours(&about) &&
	    (!strcmp(temporary, spare) || !renameat(dirfd, temporary, dirfd, spare))) {
		if (fchmodat(dirfd, spare, IDLE, 0))
			unlinkat(dirfd, spare, 0);
		return;
	}
	unlinkat(dirfd, temporary, 0);
}

int tv_spare_drop(int dirfd, const char *temporary, const char *name)
{
	char spare[TV_TEMPORARY_CHARS];

	tv_spare_name(spare, name);
	if (!strcmp(temporary, spare) || !unlinkat(dirfd, spare, 0))
		return 0;
	/* A directory can't have been one. */
	return errno == ENOENT || errno == EISDIR ? 0 : -1;
}
