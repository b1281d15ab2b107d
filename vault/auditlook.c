/* Reads the audit log: a moment's view of its files, and of where the key's state says that it ends. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "vault/audit.h"
#include "vault/auditfiles.h"
#include "vault/auditkey.h"

#define READ_BYTES (256 << 10)
#define FILES	   (TV_AUDIT_FILES + 1) /* one may be leaving */
#define LOCK_TRIES 100			/* of a millisecond */

struct tv_audit_log {
	struct {
		int fd;
		off_t size; /* at that moment */
		struct stat st;
		bool is_newest;
		char name[TV_AUDIT_NAME_CHARS + 8];
	} files[FILES]; /* newest first */
	size_t n_files;
	struct tv_audit_state state;
	bool has_state;

	size_t at; /* the file that is read, from n_files down */
	off_t offset;
	uint64_t number;
	size_t start; /* of what was not given yet */
	struct tv_bytes text;
};

static bool is_there(const struct tv_audit_log *log, const struct stat *st)
{
	for (size_t i = 0; i < log->n_files; i++)
		if (log->files[i].st.st_dev == st->st_dev && log->files[i].st.st_ino == st->st_ino)
			return true;
	return false;
}

/* Newest first: one that is rotated meanwhile is met again under its next name, and none is missed. */
static enum tv_status open_files(struct tv_audit_log *log, int dirfd, const char *name,
				 struct tv_error *err)
{
	for (int i = TV_AUDIT_NEWEST; i < TV_AUDIT_FILES; i++) {
		char *to = log->files[log->n_files].name;
		struct stat *st = &log->files[log->n_files].st;
		int fd;

		tv_audit_file_name(to, name, i);
		fd = tv_audit_file_open(dirfd, to, O_RDONLY);
		if (fd < 0 && errno == ENOENT)
			continue;
		if (fd < 0 || fstat(fd, st))
			return tv_fail(err, TV_IO, "%s can't be read: %s", to, strerror(errno));
		if (is_there(log, st)) {
			close(fd);
			continue;
		}
		log->files[log->n_files].is_newest = i == TV_AUDIT_NEWEST;
		log->files[log->n_files].fd = fd;
		log->files[log->n_files++].size = st->st_size;
	}
	return TV_OK;
}

/* Nobody writes while the moment is caught; if somebody holds the lock for long it is caught without. */
static int lock_key(int dirfd, const char *name)
{
	char path[TV_AUDIT_NAME_CHARS + 8];
	int fd;

	snprintf(path, sizeof path, "%s.key", name);
	fd = tv_audit_file_open(dirfd, path, O_RDONLY);
	for (int i = 0; fd >= 0 && i < LOCK_TRIES && flock(fd, LOCK_SH | LOCK_NB); i++)
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	return fd;
}

static enum tv_status look(struct tv_audit_log *log, const char *directory, const char *name,
			   struct tv_error *err)
{
	char base[TV_AUDIT_NAME_CHARS];
	enum tv_status status;
	int dirfd, key;

	if (snprintf(base, sizeof base, "%s.audit", name) >= (int)sizeof base)
		return tv_fail(err, TV_IO, "%.64s…: the name is too long", name);
	dirfd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0)
		return errno == ENOENT ? TV_OK
				       : tv_fail(err, TV_IO, "%s: %s", directory, strerror(errno));
	key = lock_key(dirfd, base);
	status = open_files(log, dirfd, base, err);
	if (key >= 0) {
		log->has_state = tv_audit_state_read(&log->state, key);
		close(key);
	}
	/* Where it ends is all that reading wants to know. */
	sodium_memzero(log->state.key.wheel, sizeof log->state.key.wheel);
	close(dirfd);
	return status;
}

enum tv_status tv_audit_log_open(struct tv_audit_log **out, const char *directory, const char *name,
				 struct tv_error *err)
{
	struct tv_audit_log *log = calloc(1, sizeof *log);
	enum tv_status status = log ? look(log, directory, name, err)
				    : tv_fail(err, TV_NO_MEMORY, "for the audit log");

	if (status) {
		tv_audit_log_free(log);
		return status;
	}
	log->at = log->n_files;
	*out = log;
	return TV_OK;
}

void tv_audit_log_free(struct tv_audit_log *log)
{
	if (!log)
		return;
	for (size_t i = 0; i < log->n_files; i++)
		close(log->files[i].fd);
	tv_bytes_free(&log->text);
	free(log);
}

bool tv_audit_log_end(struct tv_audit_end *out, const struct tv_audit_log *log)
{
	const struct tv_audit_state *s = &log->state;

	*out = (struct tv_audit_end){
		.has_last = s->has_last,
		.last = s->last,
		.has_key = s->has_key,
		.next = {.has_epoch = s->has_key, .n = s->key.n},
	};
	memcpy(out->next.epoch, s->epoch, sizeof out->next.epoch);
	return log->has_state;
}

/* Once there are all that are kept the oldest one goes when the newest one does, just before there is another
 * newest one. */
bool tv_audit_log_is_whole(const struct tv_audit_log *log, uint64_t part)
{
	size_t n = 0, most = TV_AUDIT_FILES - 1;

	for (size_t i = 0; i < log->n_files; i++)
		n += log->files[i].size > 0;
	if (log->n_files && log->files[0].size && log->files[0].is_newest)
		most++;
	return part <= 1 || n >= most;
}

/* Moves what was not given yet to the front, and reads on; *more is false at the end of the file. */
static enum tv_status read_on(bool *more, struct tv_audit_log *log, struct tv_error *err)
{
	struct tv_bytes *t = &log->text;
	const size_t rest = t->len - log->start;
	const off_t left = log->files[log->at].size - log->offset;
	const size_t want = left < READ_BYTES ? (size_t)left : READ_BYTES;
	ssize_t n;

	if (rest)
		memmove(t->data, t->data + log->start, rest);
	t->len = rest;
	log->start = 0;
	if (!tv_bytes_extend(t, want))
		return tv_bytes_check(t, err);
	do {
		n = pread(log->files[log->at].fd, t->data + rest, want, log->offset);
	} while (n < 0 && errno == EINTR);
	t->len = rest + (n > 0 ? (size_t)n : 0);
	if (n < 0)
		return tv_fail(err, TV_IO, "%s: %s", log->files[log->at].name, strerror(errno));
	log->offset += n;
	*more = n > 0;
	return TV_OK;
}

/* Up to and without the next line end, or what is left at the end of the file; false when that is nothing. */
static enum tv_status find_line(size_t *len, bool *found, struct tv_audit_log *log,
				struct tv_error *err)
{
	size_t seen = 0;
	bool more = true;
	enum tv_status status = TV_OK;

	while (!status) {
		const size_t have = log->text.len - log->start;
		const unsigned char *from = have ? log->text.data + log->start : NULL;
		const unsigned char *end =
			have > seen ? memchr(from + seen, '\n', have - seen) : NULL;

		/* What has no end in the newest one is still being written, or never was. */
		*found = end || (!more && have && log->at);
		*len = end ? (size_t)(end - from) : have;
		if (*found || !more)
			break;
		seen = have;
		status = read_on(&more, log, err);
	}
	return status;
}

enum tv_status tv_audit_log_next(struct tv_line *line, bool *end, const char **file,
				 uint64_t *number, struct tv_audit_log *log, struct tv_error *err)
{
	enum tv_status status;
	bool found = false;
	size_t len = 0;

	for (;;) {
		if (log->at < log->n_files) {
			status = find_line(&len, &found, log, err);
			if (status || found)
				break;
		}
		*end = !log->at;
		if (*end)
			return TV_OK;
		log->at--;
		log->offset = 0;
		log->number = 0;
		log->start = log->text.len = 0;
	}
	if (status)
		return status;
	*end = false;
	*file = log->files[log->at].name;
	*number = ++log->number;
	tv_line_look(line, (const char *)log->text.data + log->start, len);
	log->start += len + (log->start + len < log->text.len);
	return TV_OK;
}
