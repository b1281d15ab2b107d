/*
 * Changes of which inotify(7)'s watchers are to hear: the kernel raises no event for a file whose server has
 * other bytes for it. So the keeper sets the file's times, through its mount, to what they are: nothing
 * changes by that, and the server allows it, but the kernel tells the file's watchers, as it does those of the
 * directory when the same is done to the placeholder beneath.
 */
#ifndef TV_CHANGES_H
#define TV_CHANGES_H

#include "fusefs/mount.h"

struct tv_changes {
	uint32_t *views;
	size_t count;
};

/* Notes a view; without memory for that its watchers hear nothing. */
void tv_changes_note(struct tv_changes *changes, uint32_t view);
/* Tells the watchers of all that were noted, and forgets them. Waits for nothing: a process of its own asks the
 * server, which may hang. */
void tv_changes_tell(struct tv_changes *changes, const struct tv_mounts *mounts);
void tv_changes_free(struct tv_changes *changes);

#endif
