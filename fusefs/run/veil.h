/*
 * Veils: an overlay over a directory, inside the run's namespace, under which names show that are not
 * there. What is written goes to the directory itself; outside none of it is seen. Its subdirectories are
 * bound over the veil, so that all below them is the real thing: only what lies right in the directory is
 * reached by way of the overlay, whose locks and watches are not those of the world outside.
 */
#ifndef TV_VEIL_H
#define TV_VEIL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "fusefs/config.h"
#include "fusefs/journal.h"

struct tv_veil {
	char *path;   /* the directory, links resolved */
	int real;     /* the same, from before anything lay over it */
	int top;      /* what lies over it */
	char *work;   /* the overlay's spare directory */
	char **names; /* what is to show: paths below it */
	size_t n_names;
	bool is_up;
	bool is_over; /* it could not be put up, and others stand in for it; or another one is in its place */
	dev_t dev;
	unsigned long flags; /* of the mount: nosuid and its like */
};

/* Takes real, the directory opened without what lies over it, in any case. NULL and errno when that is -1, or memory is
 * out. */
struct tv_veil *tv_veil_new(const char *path, int real);
void tv_veil_free(struct tv_veil *v);
/* Has a path below the directory show as an empty, closed file, and directories above it. false when memory
 * is out. */
bool tv_veil_add(struct tv_veil *v, const char *name);
/* Puts it up. skeleton is an empty directory on a file system of the run's own. TV_NO_FUSE where there
 * can't be one: nothing has changed then. */
enum tv_status tv_veil_raise(struct tv_veil *v, const char *skeleton, struct tv_journal *j,
			     const struct tv_fs_config *c, struct tv_error *err) TV_MUST_CHECK;
/* Whether an overlay over it can be put up at all: at is an empty directory of the run's own, where it is tried. */
bool tv_veil_try(struct tv_veil *v, const char *at, struct tv_journal *j,
		 const struct tv_fs_config *c);
/* The directory was changed from outside: what the overlay remembers of its names is to be forgotten. */
void tv_veil_refresh(const struct tv_veil *v);
/* Whether what is at a path lies on it, and not on what is bound over it. */
bool tv_veil_has(const struct tv_veil *v, const char *path);
/* Whether it is up still: who removes the directory outside takes it away. */
bool tv_veil_is_there(const struct tv_veil *v);
void tv_veil_lower(struct tv_veil *v, struct tv_journal *j);
/* The file system that what is at a path is on, 0: nothing is there. No server is asked, which may hang. flags: of statx(2). */
dev_t tv_device_at(const char *path, int flags);

#endif
