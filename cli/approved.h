/* The list of paths of the user's own that files may be mounted at on this machine: what the vault says
 * the keeper can't read, and the server is not trusted with. */
#ifndef TV_CLI_APPROVED_H
#define TV_CLI_APPROVED_H

#include <limits.h>

#include "cli/paths.h"

/* The path below the home directory that a word means: absolute, ~/…, or relative to the current
 * directory. TV_BAD_VALUE for one that does not stay below. */
enum tv_status tv_approved_path(char out[static PATH_MAX], const struct tv_paths *p,
				const char *word, struct tv_error *err) TV_MUST_CHECK;
/* Adds a path, or takes it out; *changed tells whether that made a difference. The list is replaced in
 * one step. */
enum tv_status tv_approved_set(bool *changed, const struct tv_paths *p, const char *path,
			       bool approved, struct tv_error *err) TV_MUST_CHECK;

#endif
