/* Argon2id (RFC 9106): a passphrase stretched with a salt and a cost that lie in a slot's parameters. */
#include "vault/stretch.h"

#include <sodium.h>

#include "vault/cursor.h"

#define SALT crypto_pwhash_argon2id_SALTBYTES

static struct tv_kdf cost_of(const unsigned char *params)
{
	struct tv_cursor c = tv_cursor_over(params + SALT, 8);
	struct tv_kdf cost = {0};

	cost.passes = tv_cursor_u32(&c);
	cost.memory_kib = tv_cursor_u32(&c);
	return cost;
}

void tv_stretch_make(unsigned char *params, const struct tv_kdf *cost)
{
	randombytes_buf(params, SALT);
	for (size_t i = 0; i < 4; i++) {
		params[SALT + i] = (unsigned char)(cost->passes >> (8 * i));
		params[SALT + 4 + i] = (unsigned char)(cost->memory_kib >> (8 * i));
	}
}

enum tv_status tv_stretch_check(const unsigned char *params, const struct tv_kdf_limits *limits,
				struct tv_error *err)
{
	struct tv_kdf cost = cost_of(params);

	if (cost.passes < limits->least.passes || cost.passes > limits->most.passes)
		return tv_fail(err, TV_KDF_BOUNDS, "%u passes of Argon2id, %u to %u are allowed",
			       cost.passes, limits->least.passes, limits->most.passes);
	if (cost.memory_kib < limits->least.memory_kib || cost.memory_kib > limits->most.memory_kib)
		return tv_fail(err, TV_KDF_BOUNDS, "%u KiB for Argon2id, %u to %u are allowed",
			       cost.memory_kib, limits->least.memory_kib, limits->most.memory_kib);
	if ((uint64_t)cost.passes * cost.memory_kib > limits->most_product_kib)
		return tv_fail(err, TV_KDF_BOUNDS,
			       "%u passes over %u KiB of Argon2id are more than allowed together",
			       cost.passes, cost.memory_kib);
	return TV_OK;
}

enum tv_status tv_stretch(unsigned char key[static TV_KEY_BYTES], const unsigned char *params,
			  const struct tv_secret *passphrase, struct tv_error *err)
{
	struct tv_kdf cost = cost_of(params);

	if (crypto_pwhash_argon2id(key, TV_KEY_BYTES, tv_secret_text(passphrase), passphrase->len,
				   params, cost.passes, (size_t)cost.memory_kib * 1024,
				   crypto_pwhash_argon2id_ALG_ARGON2ID13))
		return tv_fail(err, TV_NO_MEMORY, "Argon2id needs %u MiB", cost.memory_kib / 1024);
	return TV_OK;
}
