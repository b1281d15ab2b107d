/* Places: where a file is to be mounted, and the making of what a mount needs there. */
#ifndef TV_PLACE_H
#define TV_PLACE_H

#include "fusefs/journal.h"

/* Whether a path may be mounted below the home directory: relative, no empty or dotted components, no
 * control characters. */
bool tv_place_is_clean(const char *path);

/* Makes the directories that are missing on the way to HOME/path, 0700 and recorded. *parent is the
 * caller's descriptor of the last one, *resolved its true path with the file's name, to be freed. */
enum tv_status tv_place_prepare(int *parent, char **resolved, struct tv_journal *j,
				const char *home, const char *path,
				struct tv_error *err) TV_MUST_CHECK;

/* Makes the placeholder in the directory, recorded, or takes one that was left; *fd keeps it. Only the owner may write to it
 * until it is sealed, for fusermount3 wants so; nobody may read. TV_IN_THE_WAY when there is
 * anything else. */
enum tv_status tv_place_file(int *fd, struct tv_journal *j, int parent, const char *path,
			     struct tv_error *err) TV_MUST_CHECK;
/* The same for the directory view. */
enum tv_status tv_place_directory(int *fd, struct tv_journal *j, int parent, const char *path,
				  struct tv_error *err) TV_MUST_CHECK;

/* Removes a placeholder if it is still the one behind fd. */
void tv_place_remove(struct tv_journal *j, int parent, int fd, const char *path);

#endif
