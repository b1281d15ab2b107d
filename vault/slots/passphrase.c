/* Unlocking with a passphrase: Argon2id (RFC 9106) with a salt and a cost of the slot's own. */
#include <sodium.h>
#include <string.h>

#include "vault/cursor.h"
#include "vault/slots/slots.h"

#define SALT	   crypto_pwhash_argon2id_SALTBYTES
#define PARAMS_LEN (SALT + 4 + 4)

static struct tv_kdf cost_of(const unsigned char *params)
{
	struct tv_cursor c = tv_cursor_over(params + SALT, 8);
	struct tv_kdf cost = {0};

	cost.passes = tv_cursor_u32(&c);
	cost.memory_kib = tv_cursor_u32(&c);
	return cost;
}

static void make(unsigned char *params, const struct tv_kdf *cost)
{
	randombytes_buf(params, SALT);
	for (size_t i = 0; i < 4; i++) {
		params[SALT + i] = (unsigned char)(cost->passes >> (8 * i));
		params[SALT + 4 + i] = (unsigned char)(cost->memory_kib >> (8 * i));
	}
}

static enum tv_status check(const unsigned char *params, const struct tv_kdf_limits *limits,
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

static enum tv_status usable(const struct tv_secret *secret, struct tv_error *err)
{
	return secret->len ? TV_OK : tv_fail(err, TV_BAD_VALUE, "the passphrase is empty");
}

static enum tv_status derive(unsigned char key[static TV_KEY_BYTES], const unsigned char *params,
			     const struct tv_secret *secret, struct tv_error *err)
{
	struct tv_kdf cost = cost_of(params);

	if (crypto_pwhash_argon2id(key, TV_KEY_BYTES, tv_secret_text(secret), secret->len, params,
				   cost.passes, (size_t)cost.memory_kib * 1024,
				   crypto_pwhash_argon2id_ALG_ARGON2ID13))
		return tv_fail(err, TV_NO_MEMORY, "Argon2id needs %u MiB", cost.memory_kib / 1024);
	return TV_OK;
}

const struct tv_slot_type tv_slot_passphrase = {
	.number = 1,
	.name = "passphrase",
	.params_len = PARAMS_LEN,
	.make = make,
	.check = check,
	.usable = usable,
	.derive = derive,
};
