/* Paths of files, as definitions write them. */
#ifndef TV_PATH_H
#define TV_PATH_H

#include <stdbool.h>

#define TV_PATH_MAX 1024

/* The path with the label in its places. False when it would not stay below its root: absolute, too
 * long, with an empty component, ".", ".." or anything else in braces. */
bool tv_path_expand(char out[static TV_PATH_MAX], const char *path, const char *label);
/* Whether it may be a place of the user's own: as above, without braces or control characters. */
bool tv_path_is_own(const char *path);
/* Whether a path has a place for the label. */
bool tv_path_has_label(const char *path);

#endif
