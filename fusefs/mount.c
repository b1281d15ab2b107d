/* Keeps the list of what is mounted. */
#include "fusefs/mount.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "fusefs/fusermount.h"

const struct tv_mounter *tv_mounter_of(const struct tv_fs_config *config)
{
	return config->is_run ? &tv_mounter_run : &tv_mounter_helper;
}

static const struct tv_mounter *mounter(const struct tv_mounts *mounts)
{
	return tv_mounter_of(mounts->config);
}

static void mount_free(struct tv_mount *m)
{
	free(m->path);
	if (m->parent >= 0)
		close(m->parent);
	if (m->placeholder >= 0)
		close(m->placeholder);
}

/* The new mount's device, without asking its server, which has not got it yet. */
static dev_t device_of(const char *path)
{
	struct statx x;

	if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_STATX_DONT_SYNC, STATX_BASIC_STATS, &x))
		return 0;
	return makedev(x.stx_dev_major, x.stx_dev_minor);
}

/* Once one is mounted there has to be room for it in the list, for else nobody would unmount it. */
static bool make_room(struct tv_mounts *mounts)
{
	struct tv_mount *grown =
		reallocarray(mounts->at, mounts->count + mounts->begun + 1, sizeof *grown);

	if (grown)
		mounts->at = grown;
	return grown != NULL;
}

enum tv_status tv_mount_begin(struct tv_mounting *out, struct tv_mounts *mounts, uint32_t view,
			      const char *path, struct tv_error *err)
{
	enum tv_status status;

	*out = (struct tv_mounting){
		.mount = {.view = view, .parent = -1, .placeholder = -1, .is_tree = !path},
		.fuse_fd = -1,
	};
	if (!make_room(mounts))
		return tv_fail(err, TV_NO_MEMORY, "the list of mounts");
	status = mounter(mounts)->begin(out, mounts, path, err);
	if (status)
		mount_free(&out->mount);
	else
		mounts->begun++;
	return status;
}

bool tv_mounts_are_parallel(const struct tv_mounts *mounts)
{
	return mounter(mounts)->start;
}

enum tv_status tv_mount_start(struct tv_mounting *mounting, struct tv_mounts *mounts,
			      struct tv_error *err)
{
	enum tv_status status = TV_OK;

	if (mounter(mounts)->start)
		status = mounter(mounts)->start(mounting, mounts, err);
	if (status) {
		mount_free(&mounting->mount);
		mounts->begun--;
	}
	return status;
}

enum tv_status tv_mount_end(int *fuse_fd, struct tv_mounting *mounting, struct tv_mounts *mounts,
			    struct tv_error *err)
{
	struct tv_mount *m = &mounting->mount;
	enum tv_status status = TV_OK;

	if (mounter(mounts)->end)
		status = mounter(mounts)->end(mounting, mounts, err);
	mounts->begun--;
	if (status) {
		mount_free(m);
		return status;
	}
	m->dev = device_of(m->path);
	mounts->at[mounts->count++] = *m;
	*fuse_fd = mounting->fuse_fd;
	return TV_OK;
}

const char *tv_mount_present_path(const struct tv_mountpoints *points, const struct tv_mount *m)
{
	for (size_t i = 0; i < points->count; i++)
		if (points->at[i].dev == m->dev)
			return points->at[i].path;
	return NULL;
}

static void forget(struct tv_mounts *mounts, size_t i)
{
	mount_free(&mounts->at[i]);
	memmove(mounts->at + i, mounts->at + i + 1, (mounts->count - i - 1) * sizeof *mounts->at);
	mounts->count--;
}

static void clear_away(struct tv_mounts *mounts, size_t i)
{
	mounter(mounts)->displace(mounts, &mounts->at[i]);
	forget(mounts, i);
}

void tv_mount_remove(struct tv_mounts *mounts, uint32_t view)
{
	for (size_t i = mounts->count; i-- > 0;)
		if (mounts->at[i].view == view) {
			mounter(mounts)->unmount(mounts, i, i + 1, false);
			clear_away(mounts, i);
		}
}

void tv_mounts_remove_all(struct tv_mounts *mounts)
{
	mounter(mounts)->unmount(mounts, 0, mounts->count, false);
	mounts->journal.is_ending = true;
	while (mounts->count)
		clear_away(mounts, mounts->count - 1);
	if (mounter(mounts)->clear)
		mounter(mounts)->clear(mounts);
	tv_journal_undo(&mounts->journal);
	tv_journal_free(&mounts->journal);
	free(mounts->at);
	mounts->at = NULL;
}

void tv_mounts_abandon(struct tv_mounts *mounts)
{
	mounter(mounts)->unmount(mounts, 0, mounts->count, true);
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
