/* Keeps the journal's file, and takes away what it lists. */
#include "fusefs/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fusefs/removal.h"
#include "fusefs/run/scrub.h"

#define JOURNAL_MAX ((size_t)8 << 20)

bool tv_is_placeholder(const struct stat *st)
{
	return S_ISREG(st->st_mode) && st->st_size == 0 && st->st_uid == getuid() &&
	       st->st_nlink == 1 && ((st->st_mode & 07777) == 0 || (st->st_mode & 07777) == 0200);
}

static enum tv_status push(struct tv_journal *j, char kind, const char *path, struct tv_error *err)
{
	struct tv_made *grown = reallocarray(j->made, j->count + 1, sizeof *grown);
	char *copy = strdup(path);

	if (grown)
		j->made = grown;
	if (!grown || !copy) {
		free(copy);
		return tv_fail(err, TV_NO_MEMORY, "the journal");
	}
	j->made[j->count++] = (struct tv_made){kind, copy};
	return TV_OK;
}

static void drop(struct tv_journal *j, size_t i)
{
	free(j->made[i].path);
	memmove(j->made + i, j->made + i + 1, (j->count - i - 1) * sizeof *j->made);
	j->count--;
}

/* Reads the file; what does not look like a record of ours ends it. */
static enum tv_status parse(struct tv_journal *j, const char *text, size_t len,
			    struct tv_error *err)
{
	const char *nul;

	for (; (nul = memchr(text, 0, len)); len -= (size_t)(nul + 1 - text), text = nul + 1) {
		enum tv_status status;

		if (!memchr("dfwom", *text, 5) || text[1] != '/')
			return TV_OK;
		status = push(j, *text, text + 1, err);
		if (status)
			return status;
	}
	return TV_OK;
}

static enum tv_status slurp(struct tv_bytes *out, int fd, const char *path, struct tv_error *err)
{
	char part[4096];
	ssize_t n;

	while ((n = read(fd, part, sizeof part)) > 0 && out->len < JOURNAL_MAX)
		tv_bytes_append(out, part, (size_t)n);
	if (n)
		return tv_fail(err, TV_IO, "%s: %s", path, n < 0 ? strerror(errno) : "too long");
	return tv_bytes_check(out, err);
}

enum tv_status tv_journal_load(struct tv_journal *j, const char *path, struct tv_error *err)
{
	tv_auto_bytes text = {0};
	enum tv_status status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	*j = (struct tv_journal){.path = path};
	if (fd < 0 && errno == ENOENT)
		return TV_OK;
	if (fd < 0)
		return tv_fail(err, TV_IO, "%s: %s", path, strerror(errno));
	status = slurp(&text, fd, path, err);
	close(fd);
	return status ? status : parse(j, (const char *)text.data, text.len, err);
}

void tv_journal_free(struct tv_journal *j)
{
	while (j->count)
		drop(j, j->count - 1);
	free(j->made);
	j->made = NULL;
}

static bool write_record(int fd, char kind, const char *path)
{
	char record[PATH_MAX + 2];
	int len = snprintf(record, sizeof record, "%c%s", kind, path);

	if (len < 0 || (size_t)len >= sizeof record) {
		errno = ENAMETOOLONG;
		return false;
	}
	return write(fd, record, (size_t)len + 1) == len + 1;
}

/* Another file may have been given this name: what it says is not to be changed. */
static bool is_ours(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return false;
	errno = EMLINK;
	return S_ISREG(st.st_mode) && st.st_nlink == 1;
}

enum tv_status tv_journal_add(struct tv_journal *j, char kind, const char *path,
			      struct tv_error *err)
{
	int fd = open(j->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
		      0600);
	bool written = fd >= 0 && is_ours(fd) && write_record(fd, kind, path);
	int why = errno;

	if (fd >= 0)
		close(fd);
	if (!written)
		return tv_fail(err, TV_IO, "%s: %s", j->path, strerror(why));
	return push(j, kind, path, err);
}

bool tv_journal_has(const struct tv_journal *j, char kind, const char *path)
{
	for (size_t i = 0; i < j->count; i++)
		if (j->made[i].kind == kind && !strcmp(j->made[i].path, path))
			return true;
	return false;
}

enum tv_status tv_journal_make(struct tv_journal *j, const char *path, struct tv_error *err)
{
	enum tv_status status = tv_journal_add(j, 'd', path, err);

	if (!status && mkdir(path, 0700))
		status = tv_fail(err, TV_IO, "%s: %s", path, strerror(errno));
	return status;
}

/* Writes the list anew, or removes the file when there is nothing to remember. Where that fails the
 * old file stays, which lists more than there is and so does no harm. */
static void save(const struct tv_journal *j)
{
	char temp[PATH_MAX];
	bool good = true;
	int fd;

	if (!j->count) {
		unlink(j->path);
		return;
	}
	if (snprintf(temp, sizeof temp, "%s.new", j->path) >= (int)sizeof temp)
		return;
	unlink(temp);
	fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return;
	for (size_t i = 0; good && i < j->count; i++)
		good = write_record(fd, j->made[i].kind, j->made[i].path);
	close(fd);
	if (!good || rename(temp, j->path))
		unlink(temp);
}

static bool is_above(const char *directory, const char *path)
{
	size_t len = strlen(directory);

	return !strncmp(directory, path, len) && path[len] == '/';
}

/* Our directories were recorded outermost first. */
static void drop_empty_above(struct tv_journal *j, const char *path)
{
	for (size_t i = j->count; i-- > 0;)
		if (j->made[i].kind == 'd' && is_above(j->made[i].path, path) &&
		    (!rmdir(j->made[i].path) || errno == ENOENT || errno == ENOTDIR))
			drop(j, i);
}

void tv_journal_strike(struct tv_journal *j, const char *path)
{
	for (size_t i = j->count; i-- > 0;)
		if (!strcmp(j->made[i].path, path))
			drop(j, i);
	drop_empty_above(j, path);
	if (!j->is_ending)
		save(j);
}

/* A line that was put there to have something else removed is no reason to do it. */
static bool remove_work(const char *path)
{
	if (strncmp(strrchr(path, '/') + 1, TV_WORK_PREFIX, strlen(TV_WORK_PREFIX)) != 0)
		return true;
	tv_removal_tree(path);
	return access(path, F_OK);
}

/* Whether nothing of it is left, or nothing that we may touch. */
static bool undo_one(const struct tv_made *made)
{
	struct stat st;

	if (made->kind == 'd')
		return !rmdir(made->path) || errno != EBUSY;
	if (made->kind == 'w')
		return remove_work(made->path);
	if (made->kind == 'o' || made->kind == 'm') {
		tv_scrub(made->path, made->kind == 'm');
		return true;
	}
	if (lstat(made->path, &st))
		return errno != ENOTCONN;
	return !tv_is_placeholder(&st) || !unlink(made->path);
}

void tv_journal_undo(struct tv_journal *j)
{
	for (size_t i = j->count; i-- > 0;)
		if (undo_one(&j->made[i]))
			drop(j, i);
	j->is_ending = false;
	save(j);
}
