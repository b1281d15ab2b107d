/* Watches the vault's directory by inotify(7) and reads the file anew. */
#include "fusefs/watch.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define EVENTS                                                                                     \
	(IN_MOVED_TO | IN_MOVED_FROM | IN_CLOSE_WRITE | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF |   \
	 IN_MOVE_SELF | IN_ONLYDIR)

#define DRAIN_MS 3	     /* for which it waits what else is done there */
#define SAVED_MS 10	     /* for which it waits for a save that it was told of */
#define REST_MS	 20	     /* between two looks at what is none of ours */
#define LARGE	 (128 << 10) /* bytes of a vault's file */
#define LARGE_MS 1000	     /* for which one that is larger waits */

enum tv_status tv_watch_open(struct tv_watch *w, const char *vault, struct tv_error *err)
{
	char real[PATH_MAX];
	enum tv_status status;

	*w = (struct tv_watch){.fd = -1};
	status = tv_store_open(&w->store, vault, err);
	if (status)
		return status;
	/* A save through a symbolic link replaces what the link leads to. */
	if (!realpath(vault, real))
		strncpy(real, vault, sizeof real - 1);
	real[sizeof real - 1] = 0;
	w->path = strdup(real);
	if (!w->path) {
		tv_watch_close(w);
		return tv_fail(err, TV_NO_MEMORY, "%s", vault);
	}
	w->name = strrchr(w->path, '/') + 1;
	real[w->name - w->path - 1] = 0;
	w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (w->fd >= 0 && inotify_add_watch(w->fd, *real ? real : "/", EVENTS) < 0) {
		close(w->fd);
		w->fd = -1;
	}
	return TV_OK;
}

void tv_watch_close(struct tv_watch *w)
{
	if (w->fd >= 0)
		close(w->fd);
	tv_store_free(w->store);
	free(w->path);
	*w = (struct tv_watch){.fd = -1};
}

/* Reads all events; true when the vault's file was touched by any. any: whether there were some. */
static bool drain(bool *any, struct tv_watch *w)
{
	_Alignas(struct inotify_event) char events[4096];
	bool touched = false;
	ssize_t n;

	*any = false;
	while ((n = read(w->fd, events, sizeof events)) > 0)
		for (char *at = events; at < events + n;) {
			const struct inotify_event *e = (const void *)at;

			*any = true;
			if (e->mask & IN_Q_OVERFLOW || (e->len && !strcmp(e->name, w->name)))
				touched = true;
			at += sizeof *e + e->len;
		}
	return touched;
}

static bool is_large(const struct tv_watch *w)
{
	struct stat st;

	return !stat(w->path, &st) && st.st_size > LARGE;
}

void tv_watch_felt(struct tv_watch *w)
{
	if (!w->drain_at)
		w->drain_at = tv_now_ms() + DRAIN_MS;
}

bool tv_watch_expect(struct tv_watch *w)
{
	if (w->fd < 0 || w->drain_at)
		return false;
	w->drain_at = tv_now_ms() + SAVED_MS;
	return true;
}

static bool is_due(int64_t then)
{
	return then && tv_now_ms() >= then;
}

int tv_watch_wait(const struct tv_watch *w)
{
	int64_t first = w->drain_at;

	if (w->look_at && (!first || w->look_at < first))
		first = w->look_at;
	if (!first)
		return -1;
	first -= tv_now_ms();
	return first < 0 ? 0 : (int)first;
}

bool tv_watch_hurry(struct tv_watch *w)
{
	if (is_due(w->drain_at)) {
		bool any;
		const bool touched = drain(&any, w);

		/* Where other vaults lie beside it, not each of their saves is to wake us. */
		w->drain_at = any && !touched ? tv_now_ms() + REST_MS : 0;
		if (touched && !w->look_at)
			w->look_at = tv_now_ms() + (is_large(w) ? LARGE_MS : 0);
	}
	if (!is_due(w->look_at))
		return false;
	w->look_at = 0;
	return true;
}

enum tv_status tv_watch_read(int *fd, struct tv_watch *w, struct tv_error *err)
{
	tv_auto_bytes file = {0};
	enum tv_status status = tv_store_read(&file, w->store, err);

	return status ? status : tv_memfd_write(fd, &file, err);
}
