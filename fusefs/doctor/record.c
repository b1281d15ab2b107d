/* What is watched, and what was seen: counting, from many threads. */
#include "fusefs/doctor/record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fusefs/doctor/caller.h"

int tv_deed_error(enum tv_deed deed)
{
	static const int errors[] = {
#define TV_DEED(name, error, words, obstacle) error,
#include "fusefs/doctor/deeds.def"
#undef TV_DEED
	};

	return errors[deed];
}

void tv_record_note(struct tv_record *r, struct tv_watched *w, enum tv_deed deed, pid_t pid,
		    const char *detail)
{
	struct tv_note *note = &w->notes[deed];
	char by[TV_COMM_CHARS] = "";

	if (!note->count)
		tv_caller_name(by, pid);
	pthread_mutex_lock(&r->mutex);
	if (!note->count++) {
		memcpy(note->by, by, sizeof note->by);
		snprintf(note->detail, sizeof note->detail, "%s", detail);
	}
	pthread_mutex_unlock(&r->mutex);
}

void tv_record_read(struct tv_record *r, struct tv_watched *w, size_t size, pid_t pid)
{
	tv_record_note(r, w, TV_DEED_read, pid, "");
	pthread_mutex_lock(&r->mutex);
	if (!w->least || size < w->least)
		w->least = size;
	if (size > w->most)
		w->most = size;
	pthread_mutex_unlock(&r->mutex);
}

/* How long the directory part of a path is, its slash included. */
static size_t directory_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) + 1 : 0;
}

/* In the same directory; in the home directory itself, where everything lies, also of the same name. */
static bool is_beside(const struct tv_watched *w, const char *path)
{
	size_t len = directory_len(w->path);

	if (len)
		return directory_len(path) == len && !strncmp(path, w->path, len);
	return !directory_len(path) && !strncmp(path, w->path, strlen(w->path));
}

static bool is_beside_any(const struct tv_record *r, const char *path)
{
	for (size_t i = 0; i < r->count; i++)
		if (is_beside(&r->watched[i], path))
			return true;
	return false;
}

static struct tv_beside *find_beside(struct tv_record *r, const char *path)
{
	for (size_t i = 0; i < r->n_beside; i++)
		if (!strcmp(r->beside[i].path, path))
			return &r->beside[i];
	return NULL;
}

void tv_record_made(struct tv_record *r, const char *path, pid_t pid)
{
	struct tv_beside new = {.removed = false};
	struct tv_beside *old;

	if (!is_beside_any(r, path))
		return;
	tv_caller_name(new.by, pid);
	pthread_mutex_lock(&r->mutex);
	old = find_beside(r, path);
	if (old)
		old->removed = false;
	else if (r->n_beside < TV_BESIDE_MAX && (new.path = strdup(path)))
		r->beside[r->n_beside++] = new;
	pthread_mutex_unlock(&r->mutex);
}

void tv_record_removed(struct tv_record *r, const char *path)
{
	struct tv_beside *b;

	pthread_mutex_lock(&r->mutex);
	b = find_beside(r, path);
	if (b)
		b->removed = true;
	pthread_mutex_unlock(&r->mutex);
}

void tv_record_renamed_over(struct tv_record *r, const char *path)
{
	struct tv_beside *b;

	pthread_mutex_lock(&r->mutex);
	b = find_beside(r, path);
	if (b)
		b->renamed_over = true;
	pthread_mutex_unlock(&r->mutex);
}

void tv_record_moved(struct tv_record *r, const char *path, pid_t pid)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < r->count; i++) {
		struct tv_watched *w = &r->watched[i];

		if (!strncmp(w->path, path, len) && w->path[len] == '/')
			tv_record_note(r, w, TV_DEED_move_parent, pid, path);
	}
}
