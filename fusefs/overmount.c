/* Mounts by fusermount3, over placeholders on the user's disk. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fusefs/fusermount.h"
#include "fusefs/mount.h"
#include "fusefs/place.h"

static enum tv_status place(struct tv_mount *m, struct tv_mounts *mounts, const char *path,
			    struct tv_error *err)
{
	enum tv_status status;

	if (m->is_tree) {
		m->path = strdup(mounts->config->tree);
		m->parent = open(mounts->config->runtime, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (!m->path || m->parent < 0)
			return tv_fail(err, TV_IO, "%s: %s", mounts->config->runtime,
				       strerror(errno));
		return tv_place_directory(&m->placeholder, &mounts->journal, m->parent, m->path,
					  err);
	}
	status = tv_place_prepare(&m->parent, &m->path, &mounts->journal, mounts->config->home,
				  path, err);
	if (status)
		return status;
	return tv_place_file(&m->placeholder, &mounts->journal, m->parent, m->path, err);
}

static enum tv_status start_helper(struct tv_fusermount *out, const struct tv_mount *m,
				   const char *source, struct tv_error *err)
{
	char options[256];

	/* A file in place is read-only by the server's word, not the kernel's: on a read-only mount those who
	 * watch it could not be told of a change (see fusefs/changes.h). Nor does the kernel check modes, for
	 * which it would ask once more at each open; it lets nobody in but the owner. */
	snprintf(options, sizeof options, "%snosuid,nodev,noexec,fsname=%s,subtype=tokenvault",
		 m->is_tree ? "ro," : "", source);
	return tv_fusermount_start(out, options, m->path, err);
}

static void displace(struct tv_mounts *mounts, const struct tv_mount *m)
{
	tv_place_remove(&mounts->journal, m->parent, m->placeholder, m->path);
}

static enum tv_status begin(struct tv_mounting *mounting, struct tv_mounts *mounts,
			    const char *path, struct tv_error *err)
{
	return place(&mounting->mount, mounts, path, err);
}

static enum tv_status start(struct tv_mounting *mounting, struct tv_mounts *mounts,
			    struct tv_error *err)
{
	struct tv_mount *m = &mounting->mount;
	enum tv_status status = start_helper(&mounting->helper, m, mounts->config->source, err);

	if (status)
		displace(mounts, m);
	return status;
}

static enum tv_status end(struct tv_mounting *mounting, struct tv_mounts *mounts,
			  struct tv_error *err)
{
	struct tv_mount *m = &mounting->mount;
	enum tv_status status =
		tv_fusermount_finish(&mounting->fuse_fd, &mounting->helper, m->path, err);

	if (status)
		displace(mounts, m);
	else
		fchmod(m->placeholder, 0);
	return status;
}

static void unmount(struct tv_mounts *mounts, size_t from, size_t to, bool is_dead)
{
	tv_auto_mountpoints points = {0};
	struct tv_error err;
	const char **paths = calloc(to - from + 1, sizeof *paths);
	size_t n = 0;

	if (!paths || tv_mountinfo_read(&points, mounts->config->source, &err)) {
		free(paths);
		return;
	}
	for (size_t i = from; i < to; i++) {
		paths[n] = tv_mount_present_path(&points, &mounts->at[i]);
		n += paths[n] != NULL;
	}
	tv_fusermount_unmount(paths, n, is_dead);
	free(paths);
}

const struct tv_mounter tv_mounter_helper = {
	.check = tv_fusermount_check,
	.begin = begin,
	.start = start,
	.end = end,
	.unmount = unmount,
	.displace = displace,
};
