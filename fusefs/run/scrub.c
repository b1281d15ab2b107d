/* Extended attributes and whiteouts; see Documentation/filesystems/overlayfs.rst of the kernel. */
#include "fusefs/run/scrub.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define PREFIX "user.overlay."

static void strip(int fd)
{
	char names[4096];
	const ssize_t len = flistxattr(fd, names, sizeof names);

	for (ssize_t at = 0; at < len; at += (ssize_t)strlen(names + at) + 1)
		if (!strncmp(names + at, PREFIX, strlen(PREFIX)))
			fremovexattr(fd, names + at);
}

static bool is_whiteout(int parent, const char *name)
{
	struct stat st;

	return !fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISCHR(st.st_mode) &&
	       !st.st_rdev && st.st_uid == geteuid();
}

static void scrub_child(int parent, const struct dirent *child)
{
	int fd;

	if (is_whiteout(parent, child->d_name)) {
		unlinkat(parent, child->d_name, 0);
		return;
	}
	if (child->d_type != DT_DIR && child->d_type != DT_UNKNOWN)
		return;
	fd = openat(parent, child->d_name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return;
	strip(fd);
	close(fd);
}

static void scrub_children(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	DIR *all = copy >= 0 ? fdopendir(copy) : NULL;

	for (const struct dirent *d; all && (d = readdir(all));)
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			scrub_child(fd, d);
	if (all)
		closedir(all);
	else if (copy >= 0)
		close(copy);
}

void tv_scrub(const char *path, bool may_go)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool made;

	if (fd < 0) {
		if (is_whiteout(AT_FDCWD, path))
			unlink(path);
		return;
	}
	made = fgetxattr(fd, TV_SCRUB_MADE, NULL, 0) >= 0;
	strip(fd);
	scrub_children(fd);
	close(fd);
	if (made && may_go)
		rmdir(path);
}

void tv_scrub_attributes(int directory)
{
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	strip(fd);
	close(fd);
}
