/* What is at a path where a file of the vault's could be mounted. */
#include "cli/occupant.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* By its device, in the list of mounts. */
static bool is_our_mount(const struct statx *x)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char device[32];
	char *line = NULL;
	size_t size = 0;
	bool found = false;

	snprintf(device, sizeof(device), " %u:%u ", x->stx_dev_major, x->stx_dev_minor);
	while (file && !found && getline(&line, &size, file) > 0)
		found = strstr(line, device) && strstr(line, " - fuse.tokenvault tokenvault:");
	free(line);
	if (file)
		fclose(file);
	return found;
}

/* As the keeper leaves it under a mount. */
static bool is_placeholder(const struct statx *x)
{
	const unsigned mode = x->stx_mode & 07777;

	return !x->stx_size && (!mode || mode == 0200);
}

bool tv_occupant_is_placeholder(const char *path)
{
	struct statx x;

	return !statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC,
		      STATX_BASIC_STATS, &x) &&
	       S_ISREG(x.stx_mode) && x.stx_uid == geteuid() && x.stx_nlink == 1 &&
	       !(x.stx_attributes & STATX_ATTR_MOUNT_ROOT) && is_placeholder(&x);
}

enum tv_occupant tv_occupant_at(const char *path)
{
	struct statx x;

	if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC,
		  STATX_BASIC_STATS, &x))
		return errno == ENOENT || errno == ENOTDIR ? TV_OCCUPANT_NONE : TV_OCCUPANT_UNKNOWN;
	if (is_our_mount(&x))
		return TV_OCCUPANT_OURS;
	if (x.stx_attributes & STATX_ATTR_MOUNT_ROOT)
		return TV_OCCUPANT_MOUNT;
	if (S_ISLNK(x.stx_mode))
		return TV_OCCUPANT_LINK;
	if (S_ISDIR(x.stx_mode))
		return TV_OCCUPANT_DIRECTORY;
	if (!S_ISREG(x.stx_mode))
		return TV_OCCUPANT_OTHER;
	if (is_placeholder(&x))
		return TV_OCCUPANT_OURS;
	return x.stx_size ? TV_OCCUPANT_FILE : TV_OCCUPANT_EMPTY;
}
