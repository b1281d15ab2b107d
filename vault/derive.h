/* Keys from keys: one keyed BLAKE2b (RFC 7693) with a name for each purpose. */
#ifndef TV_DERIVE_H
#define TV_DERIVE_H

#include <stddef.h>

#include "vault/header.h"

/* out = BLAKE2b(key, len(purpose) as a byte || purpose || data), out_len bytes (16 to 64). */
void tv_derive(unsigned char *out, size_t out_len, const unsigned char key[static TV_KEY_BYTES],
	       const char *purpose, const void *data, size_t len);

#endif
