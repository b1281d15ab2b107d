/* That the keeper can watch the vault's file: it is tried, and how much is used is counted. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "cli/checkup/look.h"

#define HARM                                                                                       \
	"so that changes of the vault by a sync or another program are not noticed; as root: "     \
	"sysctl -w "

/* How many instances this process' user has, as far as its processes may be looked at. */
static long count_of(const char *process)
{
	char path[64 + NAME_MAX], to[64];
	struct dirent *member;
	DIR *dir;
	long n = 0;

	snprintf(path, sizeof(path), "/proc/%s/fd", process);
	dir = opendir(path);
	while (dir && (member = readdir(dir))) {
		ssize_t len;

		snprintf(path, sizeof(path), "/proc/%s/fd/%s", process, member->d_name);
		len = readlink(path, to, sizeof(to) - 1);
		to[len > 0 ? len : 0] = '\0';
		n += !strcmp(to, "anon_inode:inotify");
	}
	if (dir)
		closedir(dir);
	return n;
}

static long count_all(void)
{
	DIR *dir = opendir("/proc");
	struct dirent *member;
	long n = 0;

	while (dir && (member = readdir(dir))) {
		if (strspn(member->d_name, "0123456789") == strlen(member->d_name))
			n += count_of(member->d_name);
	}
	if (dir)
		closedir(dir);
	return n;
}

static void look_at_numbers(struct tv_checkup *c)
{
	long instances, used = count_all();

	if (tv_look_number(&instances, c, "/proc/sys/fs/inotify/max_user_instances") &&
	    used > instances - instances / 10 - 1)
		tv_remark_note(c,
			       "%ld of your %ld inotify instances are in use; beyond that, a "
			       "keeper can't watch, " HARM "fs.inotify.max_user_instances=%ld",
			       used, instances, instances < 128 ? 256 : instances * 2);
}

static void say_refused(struct tv_checkup *c, const char *what, const char *name)
{
	tv_remark_wrong(c, "no %s is left (%s), " HARM "%s=<more>", what, strerror(errno), name);
}

static void look(struct tv_checkup *c)
{
	const char *place = c->cli->paths.vault_dir;
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (fd < 0)
		say_refused(c, "inotify instance", "fs.inotify.max_user_instances");
	else if (inotify_add_watch(fd, access(place, F_OK) ? "/" : place, IN_MOVED_TO) < 0 &&
		 errno == ENOSPC)
		say_refused(c, "inotify watch", "fs.inotify.max_user_watches");
	else
		look_at_numbers(c);
	if (fd >= 0)
		close(fd);
}

const struct tv_check tv_check_inotify = {
	.name = "inotify",
	.fine = "the vault's file can be watched for changes (tried)",
	.look = look,
};
