/*
 * The mounts of this instance: each stands over a placeholder that we made, an empty file without any
 * permission, so that what shows when the server dies is an error and never an empty success.
 */
#ifndef TV_MOUNT_H
#define TV_MOUNT_H

#include <stdint.h>
#include <sys/types.h>

#include "fusefs/config.h"
#include "fusefs/fusermount.h"
#include "fusefs/journal.h"
#include "fusefs/mountinfo.h"

struct tv_mount {
	uint32_t view;
	char *path;	 /* where it was mounted, links resolved */
	int parent;	 /* the directory it is in, also after that was renamed */
	int placeholder; /* kept from before the mount, which hides it */
	bool is_tree;
	dev_t dev;
};

/* One on its way. */
struct tv_mounting {
	struct tv_mount mount;
	struct tv_fusermount helper; /* of what is mounted by one */
	int fuse_fd;		     /* else it is here */
};

struct tv_ground;

struct tv_mounts {
	const struct tv_fs_config *config;
	struct tv_ground *ground; /* of a run; see fusefs/run/ground.h */
	struct tv_journal journal;
	struct tv_mount *at;
	size_t count;
	size_t begun; /* besides, and not ended */
};

/* How views are mounted: by fusermount3, over placeholders on the user's disk, or by ourselves in a mount
 * namespace of a run's own. */
struct tv_mounter {
	/* Whether anything can be mounted: TV_NO_FUSE. */
	enum tv_status (*check)(struct tv_error *err);
	/* Finds or makes a place for the view, and fills in what m->mount has of it. */
	enum tv_status (*begin)(struct tv_mounting *m, struct tv_mounts *mounts, const char *path,
				struct tv_error *err);
	/* Begins to mount there; on failure nothing is left of it. NULL: it is mounted, and m->fuse_fd is there. */
	enum tv_status (*start)(struct tv_mounting *m, struct tv_mounts *mounts,
				struct tv_error *err);
	/* Waits until it is mounted; on failure nothing is left of it. */
	enum tv_status (*end)(struct tv_mounting *m, struct tv_mounts *mounts,
			      struct tv_error *err);
	/* Unmounts those from..to, wherever they are; is_dead: nobody serves them any more, and they must not
	 * come to look empty. */
	void (*unmount)(struct tv_mounts *mounts, size_t from, size_t to, bool is_dead);
	/* Takes away what one of them was mounted over. */
	void (*displace)(struct tv_mounts *mounts, const struct tv_mount *m);
	/* Takes away what was made for all of them; NULL: nothing. */
	void (*clear)(struct tv_mounts *mounts);
};

extern const struct tv_mounter tv_mounter_helper;
extern const struct tv_mounter tv_mounter_run;
const struct tv_mounter *tv_mounter_of(const struct tv_fs_config *config);

/* Whether many can be mounted at once. */
bool tv_mounts_are_parallel(const struct tv_mounts *mounts);
/* Mounts a view at HOME/path, or the directory view at config->tree where path is NULL, in three steps, so that many
 * are mounted at once: whatever was begun has to be started, and what was started to be ended. All are begun before any
 * is started: a path may lead through another mount, which answers nobody before it was ended. *fuse_fd is the
 * caller's. TV_IN_THE_WAY when something stands at the path, TV_NO_FUSE, TV_IO. */
enum tv_status tv_mount_begin(struct tv_mounting *out, struct tv_mounts *mounts, uint32_t view,
			      const char *path, struct tv_error *err) TV_MUST_CHECK;
enum tv_status tv_mount_start(struct tv_mounting *mounting, struct tv_mounts *mounts,
			      struct tv_error *err) TV_MUST_CHECK;
enum tv_status tv_mount_end(int *fuse_fd, struct tv_mounting *mounting, struct tv_mounts *mounts,
			    struct tv_error *err) TV_MUST_CHECK;
/* Where a mount lies now, or NULL when it is gone. */
const char *tv_mount_present_path(const struct tv_mountpoints *points, const struct tv_mount *m);
/* Unmounts a view and removes what was made for it. */
void tv_mount_remove(struct tv_mounts *mounts, uint32_t view);
void tv_mounts_remove_all(struct tv_mounts *mounts);
/* Unmounts everything, but leaves the placeholders: nobody serves the files any more. */
void tv_mounts_abandon(struct tv_mounts *mounts);

/* Clears away what an earlier run of this instance left: mounts, placeholders, directories. *found
 * says whether there was anything. */
enum tv_status tv_mounts_clear_old(bool *found, struct tv_mounts *mounts,
				   struct tv_error *err) TV_MUST_CHECK;

#endif
