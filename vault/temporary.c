/* The files beside a file by which it is replaced: those left over, and the one that is spared. */
#include "vault/temporary.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vault/inode.h"

#define MARK ".saving-"

enum tv_status tv_temporary_name(char out[static TV_TEMPORARY_CHARS], const char *name,
				 struct tv_error *err)
{
	uint64_t random;

	if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
		return tv_fail(err, TV_IO, "%s can't be written: %s", name, strerror(errno));
	snprintf(out, TV_TEMPORARY_CHARS, ".%.255s" MARK "%016" PRIx64, name, random);
	return TV_OK;
}

static void name_spare(char out[static TV_TEMPORARY_CHARS], const char *name)
{
	snprintf(out, TV_TEMPORARY_CHARS, ".%.255s" MARK "spare", name);
}

/* Nobody has it by another name, and nobody else may read it. */
static bool is_ours(const struct stat *st)
{
	return S_ISREG(st->st_mode) && (st->st_mode & 07777) == 0600 && st->st_nlink == 1 &&
	       st->st_uid == geteuid();
}

static bool is_ours_at(int dirfd, const char *member)
{
	struct stat about;

	return !fstatat(dirfd, member, &about, AT_SYMLINK_NOFOLLOW) && is_ours(&about);
}

/* There is what it is spared for, too. */
static bool is_spare(int dirfd, const char *member, const char *name)
{
	char spare[TV_TEMPORARY_CHARS];

	name_spare(spare, name);
	return !strcmp(member, spare) && is_ours_at(dirfd, member) &&
	       !faccessat(dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW);
}

static bool is_temporary(const char *member, const char *name)
{
	size_t len = strlen(name);

	return *member == '.' && !strncmp(member + 1, name, len) &&
	       !strncmp(member + 1 + len, MARK, strlen(MARK));
}

bool tv_temporary_of(char name[static TV_TEMPORARY_CHARS], const char *member)
{
	const char *mark = NULL;

	for (const char *at = strstr(member, MARK); at; at = strstr(at + 1, MARK))
		mark = at;
	if (!mark || *member != '.' || mark == member)
		return false;
	snprintf(name, TV_TEMPORARY_CHARS, "%.*s", (int)(mark - member - 1), member + 1);
	return true;
}

bool tv_temporary_is_left_over(int dirfd, const char *member, const char *name)
{
	return is_temporary(member, name) && !is_spare(dirfd, member, name);
}

/* Of what stays, a directory, or a file of somebody else's, is nothing that a save of ours has left. */
static bool is_rid_of(int dirfd, const char *member)
{
	struct stat about;
	int why;

	if (!unlinkat(dirfd, member, 0))
		return true;
	why = errno;
	if (why == ENOENT || why == EISDIR ||
	    (!fstatat(dirfd, member, &about, AT_SYMLINK_NOFOLLOW) && about.st_uid != geteuid()))
		return true;
	errno = why;
	return false;
}

/* All that is left over but one; without `spares` what is spared, too. The errno of what stays, or 0: nothing does. */
static int clear(int dirfd, const char *name, const char *but, bool spares)
{
	/* opendir would take 32 KiB for it, which free() wipes. */
	_Alignas(struct dirent64) char members[2048];
	int fd = tv_inode_open(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int failed = fd < 0 ? errno : 0;
	ssize_t n = 0;

	while (fd >= 0 && (n = getdents64(fd, members, sizeof members)) > 0)
		for (const char *at = members; at < members + n;) {
			const struct dirent64 *member = (const void *)at;

			if (is_temporary(member->d_name, name) && strcmp(member->d_name, but) &&
			    !(spares && is_spare(dirfd, member->d_name, name)) &&
			    !is_rid_of(dirfd, member->d_name))
				failed = errno;
			at += member->d_reclen;
		}
	if (n < 0)
		failed = errno;
	if (fd >= 0)
		close(fd);
	return failed;
}

void tv_temporary_clear(int dirfd, const char *name)
{
	clear(dirfd, name, "", true);
}

int tv_temporary_clear_all(int dirfd, const char *name, const char *but)
{
	return clear(dirfd, name, but, false);
}

/* A lease for writing is given to who alone has it open. That somebody waits for it is told by a signal: one that does nothing. */
static bool is_alone(int fd)
{
	return !fcntl(fd, F_SETSIG, SIGURG) && !fcntl(fd, F_SETLEASE, F_WRLCK);
}

int tv_spare_take(size_t *had, int dirfd, const char *temporary, const char *name)
{
	char spare[TV_TEMPORARY_CHARS];
	struct stat about;
	int fd;

	name_spare(spare, name);
	fd = openat(dirfd, spare,
		    O_RDWR | O_NOATIME | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -1;
	/* A file system that was not put in order may give one file two names, and say nothing of it. What is old is taken for
	 * left over. */
	if (!fstat(fd, &about) && is_ours(&about) && !tv_inode_is_called(fd, dirfd, name) &&
	    tv_inode_is_local(fd) && is_alone(fd) && !futimens(fd, NULL) &&
	    !renameat(dirfd, spare, dirfd, temporary)) {
		*had = (size_t)about.st_size;
		return fd;
	}
	close(fd);
	return -1;
}

void tv_spare_keep(int dirfd, const char *temporary, const char *name)
{
	char spare[TV_TEMPORARY_CHARS];

	name_spare(spare, name);
	/* Where leases are another machine's affair, too, they are not to be trusted, and it can't be taken. */
	if (!is_ours_at(dirfd, temporary) || !tv_inode_is_local(dirfd) ||
	    renameat(dirfd, temporary, dirfd, spare))
		unlinkat(dirfd, temporary, 0);
}
