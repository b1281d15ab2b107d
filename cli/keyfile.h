/* Keyfiles: files whose bytes open a vault. */
#ifndef TV_KEYFILE_H
#define TV_KEYFILE_H

#include "vault/vault.h"

/* The bytes of a keyfile: TV_BAD_VALUE when they are too few or too many, TV_IO with the path. */
enum tv_status tv_keyfile_read(struct tv_secret *out, const char *path,
			       struct tv_error *err) TV_MUST_CHECK;
/* The same, but a missing file is made, of random bytes, for the owner only; *made says so. */
enum tv_status tv_keyfile_read_or_make(struct tv_secret *out, bool *made, const char *path,
				       struct tv_error *err) TV_MUST_CHECK;

#endif
