/* Putting a plaintext file back where the vault's was mounted. */
#ifndef TV_PUTBACK_H
#define TV_PUTBACK_H

#include "vault/vault.h"

/* In two steps, so that one which is cut short between them is known again: first the bytes, on the disk
 * under a name beside the path, 0600; directories that are missing are made. */
enum tv_status tv_putback_prepare(const char *path, const struct tv_secret *text,
				  struct tv_error *err) TV_MUST_CHECK;
/* Then, once the path is free, that file at the path, never over another. Waits for a mount of ours to go.
 * TV_BUSY when that takes too long; then it can be finished later. In any other case of failure,
 * TV_IN_THE_WAY for one, the prepared file is gone. */
enum tv_status tv_putback_finish(const char *path, struct tv_error *err) TV_MUST_CHECK;
/* Whether one is prepared. */
bool tv_putback_is_prepared(const char *path);

#endif
