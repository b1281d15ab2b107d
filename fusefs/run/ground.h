/*
 * The ground of a run: where its files can be mounted, so that outside everything stays what it is. Over a
 * file that is there; else under a veil over the deepest directory there is. Where no veil can be put up,
 * in real directories that are taken away afterwards; and at last over a real placeholder, which is said.
 */
#ifndef TV_GROUND_H
#define TV_GROUND_H

#include "fusefs/config.h"
#include "fusefs/journal.h"

struct tv_ground;

/* Makes the run's own file system, and prepares all places that the configuration names. TV_IN_THE_WAY for
 * one that can't be mounted over. On failure *out may be there all the same, to be cleared. */
enum tv_status tv_ground_prepare(struct tv_ground **out, const struct tv_fs_config *config,
				 struct tv_journal *journal, struct tv_error *err) TV_MUST_CHECK;
/* Has a file that is mounted on the run's own file system show at a place, and go on to: what happens outside
 * may take it away from there. TV_REFUSED for a place that was not prepared. *target is the ground's. */
enum tv_status tv_ground_show(const char **target, struct tv_ground *g, const char *place,
			      const char *file, struct tv_error *err) TV_MUST_CHECK;
/* It is to show no more. */
void tv_ground_hide(struct tv_ground *g, const char *file);
/* A directory on the run's own file system, out of the way. */
const char *tv_ground_room(const struct tv_ground *g);
/* What stands on the user's disk meanwhile, for people; "": nothing. */
const char *tv_ground_said(const struct tv_ground *g);
/* What tells of changes in veiled directories, and of mounts that went: a descriptor to be read when there is
 * something, or -1; and the reading. */
int tv_ground_watch(const struct tv_ground *g);
void tv_ground_follow(struct tv_ground *g);
/* How long until that is to be called although nothing is told, in ms; −1: it need not be. */
int tv_ground_wait(const struct tv_ground *g);
/* Takes away what covers anything, and frees it. */
void tv_ground_clear(struct tv_ground *g);

#endif
