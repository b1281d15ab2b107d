/* Locks: really taken, on the file under the mount, so that those who share them meet each other. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "fusefs/doctor/files.h"

#define PATIENCE_NS 5000000

/* A lock of fcntl's belongs to a process, whichever descriptor it came by: so each process gets one
 * descriptor of its own for each file, and locks of that description's. */
struct owner {
	dev_t dev;
	ino_t ino;
	uint64_t id;
	int fd;
	struct owner *next;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct owner *owners;

/* Waits a little; false when the caller was interrupted. */
static bool wait_on(void)
{
	const struct timespec a_little = {.tv_nsec = PATIENCE_NS};

	if (fuse_interrupted())
		return false;
	nanosleep(&a_little, NULL);
	return true;
}

static int reopen(int fd)
{
	char path[40];
	int again;

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	again = open(path, O_RDWR | O_CLOEXEC);
	return again < 0 ? open(path, O_RDONLY | O_CLOEXEC) : again;
}

static struct owner **find(const struct stat *st, uint64_t id)
{
	struct owner **at = &owners;

	while (*at && ((*at)->id != id || (*at)->ino != st->st_ino || (*at)->dev != st->st_dev))
		at = &(*at)->next;
	return at;
}

/* The descriptor of the lock's owner, or a negative error. */
static int fd_of(int fd, uint64_t id)
{
	struct owner **at, *o;
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	pthread_mutex_lock(&mutex);
	at = find(&st, id);
	o = *at;
	if (!o && (o = malloc(sizeof *o))) {
		*o = (struct owner){st.st_dev, st.st_ino, id, reopen(fd), NULL};
		*at = o;
	}
	pthread_mutex_unlock(&mutex);
	return o ? o->fd : -ENOLCK;
}

/* What a process unlocks as a whole it has no more use for; libfuse asks for that at each close. */
static int release(int fd, uint64_t id)
{
	struct owner **at, *o;
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	pthread_mutex_lock(&mutex);
	at = find(&st, id);
	o = *at;
	if (o)
		*at = o->next;
	pthread_mutex_unlock(&mutex);
	if (o)
		close(o->fd);
	free(o);
	return 0;
}

int tv_locks_lock(const char *path, struct fuse_file_info *fi, int cmd, struct flock *lock)
{
	const struct tv_opened *opened = tv_opened_of(fi);
	bool unlocks = lock->l_type == F_UNLCK;
	int fd;

	(void)path;
	if (cmd != F_GETLK && unlocks && !lock->l_start && !lock->l_len)
		return release(opened->fd, fi->lock_owner);
	if (cmd != F_GETLK && !unlocks && opened->watched)
		tv_did(opened->watched, TV_DEED_fcntl_lock,
		       lock->l_type == F_WRLCK ? "exclusive" : "shared");
	fd = fd_of(opened->fd, fi->lock_owner);
	if (fd < 0)
		return fd;
	lock->l_pid = 0;
	if (cmd == F_GETLK)
		return fcntl(fd, F_OFD_GETLK, lock) ? -errno : 0;
	while (fcntl(fd, F_OFD_SETLK, lock)) {
		if (cmd == F_SETLK || (errno != EAGAIN && errno != EACCES))
			return -errno;
		if (!wait_on())
			return -EINTR;
	}
	return 0;
}

int tv_locks_flock(const char *path, struct fuse_file_info *fi, int op)
{
	const struct tv_opened *opened = tv_opened_of(fi);

	(void)path;
	if (opened->watched && !(op & LOCK_UN))
		tv_did(opened->watched, TV_DEED_flock, op & LOCK_EX ? "exclusive" : "shared");
	while (flock(opened->fd, op | LOCK_NB)) {
		if ((op & LOCK_NB) || errno != EWOULDBLOCK)
			return -errno;
		if (!wait_on())
			return -EINTR;
	}
	return 0;
}
