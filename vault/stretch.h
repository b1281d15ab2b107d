/* Argon2id (RFC 9106): a passphrase stretched with a salt and a cost that lie in a slot's parameters. */
#ifndef TV_STRETCH_H
#define TV_STRETCH_H

#include "vault/slot.h"

/* Salt (16), passes (4), memory in KiB (4). */
#define TV_STRETCH_BYTES 24

void tv_stretch_make(unsigned char *params, const struct tv_kdf *cost);
/* TV_KDF_BOUNDS. */
enum tv_status tv_stretch_check(const unsigned char *params, const struct tv_kdf_limits *limits,
				struct tv_error *err) TV_MUST_CHECK;
enum tv_status tv_stretch(unsigned char key[static TV_KEY_BYTES], const unsigned char *params,
			  const struct tv_secret *passphrase, struct tv_error *err) TV_MUST_CHECK;

#endif
