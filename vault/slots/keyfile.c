/* Unlocking with a file of random bytes: keyed hashing, for there is nothing to stretch. */
#include <sodium.h>

#include "vault/derive.h"
#include "vault/slots/slots.h"

#define SALT 32

static void make(unsigned char *params, const struct tv_kdf *cost)
{
	(void)cost;
	randombytes_buf(params, SALT);
}

static enum tv_status derive(unsigned char key[static TV_KEY_BYTES], const unsigned char *params,
			     const struct tv_credential *c,
			     const unsigned char vault_id[static TV_ID_BYTES], struct tv_error *err)
{
	const struct tv_secret *bytes = &c->part[TV_PART_KEYFILE];

	(void)vault_id;
	(void)err;
	tv_derive(key, TV_KEY_BYTES, params, "tokenvault keyfile v1", bytes->data, bytes->len);
	return TV_OK;
}

const struct tv_slot_type tv_slot_keyfile = {
	.number = 2,
	.name = "keyfile",
	.about = "keyfile",
	.parts = TV_PART_BIT(TV_PART_KEYFILE),
	.params_len = SALT,
	.make = make,
	.derive = derive,
};
