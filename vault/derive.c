/* Keys from keys: one keyed BLAKE2b with a name for each purpose. */
#include "vault/derive.h"

#include <sodium.h>
#include <string.h>

void tv_derive(unsigned char *out, size_t out_len, const unsigned char key[static TV_KEY_BYTES],
	       const char *purpose, const void *data, size_t len)
{
	crypto_generichash_state state;
	unsigned char purpose_len = (unsigned char)strlen(purpose);

	crypto_generichash_init(&state, key, TV_KEY_BYTES, out_len);
	crypto_generichash_update(&state, &purpose_len, 1);
	crypto_generichash_update(&state, (const unsigned char *)purpose, purpose_len);
	crypto_generichash_update(&state, data, len);
	crypto_generichash_final(&state, out, out_len);
	sodium_memzero(&state, sizeof state);
}
