/*
 * Small files of the user's own that the keeper believes: nobody else can have written them, and reading one
 * waits for nobody.
 */
#ifndef TV_OWN_FILE_H
#define TV_OWN_FILE_H

#include <stdbool.h>

#include "vault/vault.h"

/* Appends a file of at most `most` bytes. TV_NO_ENTRY when there is none; TV_REFUSED when it is no plain file, too
 * large, somebody else's, open to others' writing, mounted over, or, unless links are followed, a link. */
enum tv_status tv_own_file_read(struct tv_bytes *out, const char *path, size_t most, bool follows,
				struct tv_error *err) TV_MUST_CHECK;
/* Puts a new file, mode 0600, in the place of whatever is there, unless it is the same; whoever reads has the old or the
 * new one. */
enum tv_status tv_own_file_replace(const char *path, const struct tv_bytes *bytes,
				   struct tv_error *err) TV_MUST_CHECK;

#endif
