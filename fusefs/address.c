/* Watches the runtime directory by inotify(7). */
#include "fusefs/address.h"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

/* Not renames: who moves it aside can still bring it back. */
#define EVENTS (IN_DELETE | IN_DELETE_SELF | IN_ONLYDIR)

int tv_address_watch(const struct tv_fs_config *c)
{
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	if (fd >= 0 && inotify_add_watch(fd, c->runtime, EVENTS) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

bool tv_address_is_gone(int watch, const struct tv_fs_config *c)
{
	_Alignas(struct inotify_event) char events[4096];
	struct stat st;

	while (read(watch, events, sizeof events) > 0)
		;
	return lstat(c->socket, &st) || !S_ISSOCK(st.st_mode);
}
