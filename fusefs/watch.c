/* Watches the vault's directory by inotify(7) and reads the file anew. */
#include "fusefs/watch.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#define EVENTS                                                                                     \
	(IN_MOVED_TO | IN_MOVED_FROM | IN_CLOSE_WRITE | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF |   \
	 IN_MOVE_SELF | IN_ONLYDIR)

enum tv_status tv_watch_open(struct tv_watch *w, const char *vault, struct tv_error *err)
{
	char real[PATH_MAX];
	enum tv_status status;
	char *slash;

	*w = (struct tv_watch){.fd = -1};
	status = tv_store_open(&w->store, vault, err);
	if (status)
		return status;
	/* A save through a symbolic link replaces what the link leads to. */
	if (!realpath(vault, real))
		strncpy(real, vault, sizeof real - 1);
	real[sizeof real - 1] = 0;
	w->directory = strdup(real);
	if (!w->directory) {
		tv_watch_close(w);
		return tv_fail(err, TV_NO_MEMORY, "%s", vault);
	}
	slash = strrchr(w->directory, '/');
	*slash = 0;
	w->name = slash + 1;
	w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (w->fd >= 0 &&
	    inotify_add_watch(w->fd, *w->directory ? w->directory : "/", EVENTS) < 0) {
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
	free(w->directory);
	*w = (struct tv_watch){.fd = -1};
}

bool tv_watch_drain(struct tv_watch *w)
{
	_Alignas(struct inotify_event) char events[4096];
	bool touched = false;
	ssize_t n;

	while ((n = read(w->fd, events, sizeof events)) > 0)
		for (char *at = events; at < events + n;) {
			const struct inotify_event *e = (const void *)at;

			if (e->mask & IN_Q_OVERFLOW || (e->len && !strcmp(e->name, w->name)))
				touched = true;
			at += sizeof *e + e->len;
		}
	return touched;
}

enum tv_status tv_watch_read(int *fd, struct tv_watch *w, struct tv_error *err)
{
	tv_auto_bytes file = {0};
	enum tv_status status = tv_store_read(&file, w->store, err);

	return status ? status : tv_memfd_write(fd, &file, err);
}
