/* The vault's file: the lock, the temporary file, the order in which things reach the disk. */
#include "vault/store.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "vault/file.h"
#include "vault/header.h"
#include "vault/temporary.h"
#include "vault/when.h"

#define WAIT_S	  60
#define FRONT	  ((size_t)4 << 10)   /* of a file: most headers are shorter */
#define FRONT_MAX ((size_t)128 << 10) /* none is longer */

struct tv_store {
	char *path; /* of the file itself, no link's */
	char *name; /* its last part */
	char *lock_name;
	char *backup_name;
	int dir;
	int lock; /* −1: not held */
	struct tv_new_file begun;
};

static enum tv_status io(const struct tv_store *s, struct tv_error *err, const char *verb)
{
	return tv_fail(err, TV_IO, "%s can't be %s: %s%s", s->path, verb, strerror(errno),
		       tv_file_remedy(errno));
}

static enum tv_status no_vault(const char *path, struct tv_error *err)
{
	return tv_fail(err, TV_NO_VAULT, "%s; make one: tokenvault init", path);
}

/* The path of the file itself: a link in its place is followed. One that is not there yet keeps its own name. */
static char *resolve(const char *path)
{
	struct stat st;
	char *real;
	char *copy;
	char *dir;
	char *whole = NULL;

	/* Its directory is found as it is, by whatever links. */
	if (*path == '/' && !lstat(path, &st) && S_ISREG(st.st_mode))
		return strdup(path);
	real = realpath(path, NULL);
	if (real || errno != ENOENT)
		return real;
	copy = strdup(path);
	dir = copy ? realpath(dirname(copy), NULL) : NULL;
	free(copy);
	copy = dir ? strdup(path) : NULL;
	if (copy && asprintf(&whole, "%s/%s", dir, basename(copy)) < 0)
		whole = NULL;
	free(copy);
	free(dir);
	return whole;
}

enum tv_status tv_store_open(struct tv_store **out, const char *path, struct tv_error *err)
{
	tv_auto_store *s = calloc(1, sizeof *s);
	char *slash;

	if (!s)
		return tv_fail(err, TV_NO_MEMORY, "for %s", path);
	s->dir = s->lock = s->begun.fd = -1;
	s->path = resolve(path);
	if (!s->path)
		return errno == ENOENT ? no_vault(path, err)
				       : tv_fail(err, TV_IO, "%s: %s", path, strerror(errno));
	slash = strrchr(s->path, '/');
	if (asprintf(&s->name, "%s", slash + 1) < 0 ||
	    asprintf(&s->lock_name, ".%s.lock", slash + 1) < 0 ||
	    asprintf(&s->backup_name, "%s.bak", slash + 1) < 0)
		return tv_fail(err, TV_NO_MEMORY, "for %s", path);
	*slash = '\0';
	s->dir = open(*s->path ? s->path : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*slash = '/';
	if (s->dir < 0)
		return io(s, err, "reached");
	*out = s;
	s = NULL;
	return TV_OK;
}

void tv_store_free(struct tv_store *s)
{
	if (!s)
		return;
	tv_store_unlock(s);
	if (s->dir >= 0)
		close(s->dir);
	free(s->path);
	free(s->name);
	free(s->lock_name);
	free(s->backup_name);
	free(s);
}

void tv_store_cleanup(struct tv_store **s)
{
	tv_store_free(*s);
	*s = NULL;
}

/* flock in short waits, for a bound in time without a signal handler. */
static enum tv_status wait_for_lock(const struct tv_store *s, int fd, struct tv_error *err)
{
	int64_t end = 0;

	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno == EINTR)
			continue;
		if (errno != EWOULDBLOCK)
			return io(s, err, "locked");
		/* Mostly nobody has it, and what time it is need not be asked. */
		if (!end)
			end = tv_now_ms() + WAIT_S * 1000;
		if (tv_now_ms() > end)
			return tv_fail(err, TV_BUSY, "%s has been locked for %d s", s->path,
				       WAIT_S);
		nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
	}
	return TV_OK;
}

/* Names the directory, too. */
static enum tv_status unwritten(const struct tv_store *s, enum tv_status status,
				const struct tv_error *why, struct tv_error *err)
{
	return tv_fail(err, status, "%.*s: %s", (int)(strlen(s->path) - strlen(s->name)), s->path,
		       why->detail);
}

enum tv_status tv_store_lock(struct tv_store *s, struct tv_error *err)
{
	enum tv_status status;
	int fd = openat(s->dir, s->lock_name,
			O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);

	if (fd < 0)
		return io(s, err, "locked");
	status = wait_for_lock(s, fd, err);
	if (status) {
		close(fd);
		return status;
	}
	s->lock = fd;
	return TV_OK;
}

void tv_store_clear(const struct tv_store *s)
{
	tv_temporary_clear(s->dir, s->name);
}

enum tv_status tv_store_prepare(struct tv_store *s, struct tv_error *err)
{
	struct tv_error why = {""};
	enum tv_status status;

	if (s->begun.fd >= 0)
		return TV_OK;
	status = tv_file_begin_locked(&s->begun, s->dir, s->name, &why);
	return status ? unwritten(s, status, &why, err) : TV_OK;
}

void tv_store_take(struct tv_store *s, const unsigned char *data, size_t have, size_t whole)
{
	if (s->begun.fd >= 0)
		tv_file_ahead(&s->begun, data, have, whole);
}

void tv_store_unlock(struct tv_store *s)
{
	tv_file_abandon(&s->begun, s->dir, s->name);
	if (s->lock >= 0)
		close(s->lock);
	s->lock = -1;
}

enum tv_status tv_store_exists(const struct tv_store *s, struct tv_error *err)
{
	if (faccessat(s->dir, s->name, F_OK, AT_SYMLINK_NOFOLLOW) && errno == ENOENT)
		return no_vault(s->path, err);
	return TV_OK;
}

enum tv_status tv_store_read(struct tv_bytes *out, struct tv_store *s, struct tv_error *err)
{
	enum tv_status status = tv_store_exists(s, err);

	return status ? status : tv_file_read(out, s->dir, s->name, TV_VAULT_BYTES_MAX, err);
}

/* The header, where it has so many bytes at most and the file is as long as it says. */
static bool read_header(struct tv_bytes *front, const struct tv_store *s, size_t most)
{
	struct tv_header_front h;
	uint64_t size;

	if (tv_file_read_start(front, &size, s->dir, s->name, most, NULL))
		return false;
	front->len = tv_header_length(front->data, front->len);
	return !tv_header_peek(&h, front->data, front->len, NULL) && h.file_len == size;
}

enum tv_status tv_store_read_front(struct tv_bytes *out, struct tv_store *s, struct tv_error *err)
{
	tv_auto_bytes front = {0};

	if (!read_header(&front, s, FRONT) && !read_header(&front, s, FRONT_MAX))
		return tv_store_read(out, s, err);
	tv_bytes_free(out);
	*out = front;
	front = (struct tv_bytes){0};
	return TV_OK;
}

/* Makes the old file PATH.bak as well, so that the vault itself is never missing. */
static enum tv_status link_old(const struct tv_store *s, const char *temporary,
			       struct tv_error *err)
{
	char link_name[TV_TEMPORARY_CHARS + 8];

	snprintf(link_name, sizeof link_name, "%s.bak", temporary);
	if (linkat(s->dir, s->name, s->dir, link_name, 0)) {
		/* Some file systems have no hard links: then there is no backup. */
		return errno == ENOENT || errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS
			       ? TV_OK
			       : io(s, err, "backed up");
	}
	if (renameat(s->dir, link_name, s->dir, s->backup_name)) {
		enum tv_status status = io(s, err, "backed up");

		unlinkat(s->dir, link_name, 0);
		return status;
	}
	/* Where both names were one file already, rename does nothing and the link stays. */
	unlinkat(s->dir, link_name, 0);
	return TV_OK;
}

static enum tv_status sync_dir(const struct tv_store *s, const char *but, struct tv_error *err)
{
	int failed;

	do
		failed = fsync(s->dir);
	while (failed && errno == EINTR);
	return failed ? io(s, err, but) : TV_OK;
}

/* Before the new file is there, and on the disk: else a crash between the two would leave both. What was spared is the new
 * file by now, or has been cleared away with what was left over. */
static enum tv_status drop_old(const struct tv_store *s, struct tv_error *err)
{
	errno = s->begun.uncleared;
	if (errno)
		return io(s, err, "rid of the .saving- files that saves have left beside it");
	if (unlinkat(s->dir, s->backup_name, 0) && errno != ENOENT)
		return io(s, err, "rid of its backup");
	return sync_dir(s, "rid of its backup", err);
}

/* Whether the old one can take the backup's name, as far as that can be told: else nobody is to see the new one. */
static bool can_be_backed_up(const struct tv_store *s)
{
	struct statx st;

	if (statx(s->dir, s->backup_name, AT_SYMLINK_NOFOLLOW, STATX_TYPE | STATX_UID, &st))
		return errno == ENOENT;
	return S_ISREG(st.stx_mode) && st.stx_uid == geteuid() &&
	       !(st.stx_attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND));
}

/* The old one has the temporary name now, and is left there where it can't become the backup: the new one has been seen,
 * and what was seen is not taken back. What was the backup has that name then. */
static enum tv_status rename_old(const struct tv_store *s, const char *temporary,
				 struct tv_error *err)
{
	if (renameat2(s->dir, temporary, s->dir, s->backup_name, RENAME_EXCHANGE) &&
	    renameat(s->dir, temporary, s->dir, s->backup_name)) {
		tv_fail(err, TV_IO,
			"%s: the change is made, but the file before it can't be %s: %s", s->path,
			s->backup_name, strerror(errno));
		fsync(s->dir);
		return TV_IO;
	}
	return TV_OK;
}

static enum tv_status make(const struct tv_store *s, const char *temporary, struct tv_error *err)
{
	enum tv_status status = TV_OK;

	if (linkat(s->dir, temporary, s->dir, s->name, 0) &&
	    (errno == EEXIST || renameat2(s->dir, temporary, s->dir, s->name, RENAME_NOREPLACE)))
		status = errno == EEXIST ? tv_fail(err, TV_EXISTS, "%s", s->path)
					 : io(s, err, "made");
	unlinkat(s->dir, temporary, 0);
	return status;
}

static enum tv_status put_over(const struct tv_store *s, const char *temporary,
			       enum tv_backup backup, struct tv_error *err)
{
	enum tv_status status =
		backup == TV_BACKUP_KEEP ? link_old(s, temporary, err) : drop_old(s, err);

	if (!status && renameat(s->dir, temporary, s->dir, s->name))
		status = io(s, err, "replaced");
	if (status)
		unlinkat(s->dir, temporary, 0);
	return status;
}

/* Not every file system can exchange two files. */
static enum tv_status replace(const struct tv_store *s, const char *temporary,
			      enum tv_backup backup, struct tv_error *err)
{
	return backup == TV_BACKUP_KEEP && can_be_backed_up(s) &&
			       !renameat2(s->dir, temporary, s->dir, s->name, RENAME_EXCHANGE)
		       ? rename_old(s, temporary, err)
		       : put_over(s, temporary, backup, err);
}

enum tv_status tv_store_place(struct tv_store *s, const struct tv_bytes *file, bool fresh,
			      enum tv_backup backup, struct tv_error *err)
{
	const char *temporary = s->begun.temporary;
	struct tv_error why = {""};
	enum tv_status status = tv_store_prepare(s, err);

	if (status)
		return status;
	status = tv_file_end(&s->begun, s->dir, s->name, file->data, file->len, &why);
	if (status)
		return unwritten(s, status, &why, err);
	/* It is on the disk, under its temporary name. */
	return fresh ? make(s, temporary, err) : replace(s, temporary, backup, err);
}

enum tv_status tv_store_settle(const struct tv_store *s, struct tv_error *err)
{
	enum tv_status status = sync_dir(s, "made durable, though the change is made", err);

	if (!status)
		tv_spare_keep(s->dir, s->begun.temporary, s->name);
	return status;
}

enum tv_status tv_store_commit(struct tv_store *s, const struct tv_bytes *file, bool fresh,
			       enum tv_backup backup, struct tv_error *err)
{
	enum tv_status status = tv_store_place(s, file, fresh, backup, err);

	return status ? status : tv_store_settle(s, err);
}
