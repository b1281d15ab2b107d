/* Mounts views over placeholders, finds them again, and unmounts them. */
#include "fusefs/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "fusefs/fusermount.h"
#include "fusefs/place.h"

static void mount_free(struct tv_mount *m)
{
	free(m->path);
	if (m->parent >= 0)
		close(m->parent);
	if (m->placeholder >= 0)
		close(m->placeholder);
}

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

/* The new mount's device, without asking its server, which has not got it yet. */
static dev_t device_of(const char *path)
{
	struct statx x;

	if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_STATX_DONT_SYNC, STATX_BASIC_STATS, &x))
		return 0;
	return makedev(x.stx_dev_major, x.stx_dev_minor);
}

static enum tv_status mount_over(int *fuse_fd, const struct tv_mount *m, const char *source,
				 struct tv_error *err)
{
	char options[256];

	/* A file in place is read-only by the server's word, not the kernel's: on a read-only mount those who
	 * watch it could not be told of a change (see fusefs/changes.h). Nor does the kernel check modes, for
	 * which it would ask once more at each open; it lets nobody in but the owner. */
	snprintf(options, sizeof options, "%snosuid,nodev,noexec,fsname=%s,subtype=tokenvault",
		 m->is_tree ? "ro," : "", source);
	return tv_fusermount_mount(fuse_fd, options, m->path, err);
}

enum tv_status tv_mount_make(int *fuse_fd, struct tv_mounts *mounts, uint32_t view,
			     const char *path, struct tv_error *err)
{
	struct tv_mount m = {.view = view, .parent = -1, .placeholder = -1, .is_tree = !path};
	struct tv_mount *grown = reallocarray(mounts->at, mounts->count + 1, sizeof *grown);
	enum tv_status status;

	if (!grown)
		return tv_fail(err, TV_NO_MEMORY, "the list of mounts");
	mounts->at = grown;
	status = place(&m, mounts, path, err);
	if (!status) {
		status = mount_over(fuse_fd, &m, mounts->config->source, err);
		if (status)
			tv_place_remove(&mounts->journal, m.parent, m.placeholder, m.path);
	}
	if (status) {
		mount_free(&m);
		return status;
	}
	fchmod(m.placeholder, 0);
	m.dev = device_of(m.path);
	mounts->at[mounts->count++] = m;
	return TV_OK;
}

const char *tv_mount_present_path(const struct tv_mountpoints *points, const struct tv_mount *m)
{
	for (size_t i = 0; i < points->count; i++)
		if (points->at[i].dev == m->dev)
			return points->at[i].path;
	return NULL;
}

/* Unmounts those from..to, wherever they are. */
static void unmount(struct tv_mounts *mounts, size_t from, size_t to, bool lazy)
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
	tv_fusermount_unmount(paths, n, lazy);
	free(paths);
}

static void forget(struct tv_mounts *mounts, size_t i)
{
	mount_free(&mounts->at[i]);
	memmove(mounts->at + i, mounts->at + i + 1, (mounts->count - i - 1) * sizeof *mounts->at);
	mounts->count--;
}

static void clear_away(struct tv_mounts *mounts, size_t i)
{
	const struct tv_mount *m = &mounts->at[i];

	tv_place_remove(&mounts->journal, m->parent, m->placeholder, m->path);
	forget(mounts, i);
}

void tv_mount_remove(struct tv_mounts *mounts, uint32_t view)
{
	for (size_t i = mounts->count; i-- > 0;)
		if (mounts->at[i].view == view) {
			unmount(mounts, i, i + 1, false);
			clear_away(mounts, i);
		}
}

void tv_mounts_remove_all(struct tv_mounts *mounts)
{
	unmount(mounts, 0, mounts->count, false);
	while (mounts->count)
		clear_away(mounts, mounts->count - 1);
	tv_journal_undo(&mounts->journal);
	tv_journal_free(&mounts->journal);
	free(mounts->at);
	mounts->at = NULL;
}

void tv_mounts_abandon(struct tv_mounts *mounts)
{
	unmount(mounts, 0, mounts->count, true);
	while (mounts->count)
		forget(mounts, mounts->count - 1);
	tv_journal_free(&mounts->journal);
	free(mounts->at);
	mounts->at = NULL;
}

/* Whoever made mounts of this source held the locks that we hold now: none of them has a server. */
enum tv_status tv_mounts_clear_old(bool *found, struct tv_mounts *mounts, struct tv_error *err)
{
	tv_auto_mountpoints points = {0};
	enum tv_status status = tv_mountinfo_read(&points, mounts->config->source, err);
	const char **paths;
	size_t n = 0;

	if (status)
		return status;
	paths = calloc(points.count + 1, sizeof *paths);
	if (!paths)
		return tv_fail(err, TV_NO_MEMORY, "the list of mounts");
	for (size_t i = points.count; i-- > 0;)
		paths[n++] = points.at[i].path;
	tv_fusermount_unmount(paths, n, true);
	free(paths);
	*found = n || mounts->journal.count;
	tv_journal_undo(&mounts->journal);
	return TV_OK;
}
