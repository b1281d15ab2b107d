/* All veils of a run, and what stands in for those that can't be put up. */
#ifndef TV_VEILS_H
#define TV_VEILS_H

#include <limits.h>

#include "fusefs/run/veil.h"

struct tv_veils {
	const struct tv_fs_config *config;
	struct tv_journal *journal;
	struct tv_veil **at;
	size_t count;
	unsigned n_skeletons; /* in the configuration's room, on the run's own file system */
	int watch;	      /* inotify: what changes in veiled directories; -1: none */
	size_t n_real;	      /* placeholders that had to be real */
	char said[PATH_MAX + 200];
};

void tv_veils_init(struct tv_veils *all, const struct tv_fs_config *config,
		   struct tv_journal *journal);
/* Has a name show below a directory, once the veils are raised. One that is up there is lowered first, with what
 * is mounted on it. */
enum tv_status tv_veils_cover(struct tv_veils *all, const char *directory, const char *name,
			      struct tv_error *err) TV_MUST_CHECK;
/* Raises those that are not up. Where one can't be, real directories are made and the last one is veiled; at
 * last a real placeholder. */
enum tv_status tv_veils_raise(struct tv_veils *all, struct tv_error *err) TV_MUST_CHECK;
/* The same, while others may be unmounting what is to be veiled: one that fails is left out, unless none could
 * be put up before. */
void tv_veils_raise_again(struct tv_veils *all);
/* Has what changes in a directory wake up who waits for `watch`, too. */
void tv_veils_watch(const struct tv_veils *all, const char *directory);
/* Directories have changed, or mounts have gone. */
void tv_veils_refresh(struct tv_veils *all);
void tv_veils_forget_lost(struct tv_veils *all);
void tv_veils_lower(struct tv_veils *all);

#endif
