/* Unlocking with a machine's own secret, which that machine made and never gives away. */
#include <sodium.h>
#include <string.h>

#include "vault/derive.h"
#include "vault/slots/slots.h"

#define SALT 32

static void make(unsigned char *params, const struct tv_kdf *cost)
{
	(void)cost;
	randombytes_buf(params, SALT);
}

/* The vault's id goes in as well: who was told what is needed to wrap for this slot can wrap no other
 * vault's key for it. */
static enum tv_status derive(unsigned char key[static TV_KEY_BYTES], const unsigned char *params,
			     const struct tv_credential *c,
			     const unsigned char vault_id[static TV_ID_BYTES], struct tv_error *err)
{
	unsigned char bound[TV_ID_BYTES + SALT];

	(void)err;
	memcpy(bound, vault_id, TV_ID_BYTES);
	memcpy(bound + TV_ID_BYTES, params, SALT);
	tv_derive(key, TV_KEY_BYTES, c->part[TV_PART_DEVICE].data, "tokenvault device v1", bound,
		  sizeof bound);
	return TV_OK;
}

const struct tv_slot_type tv_slot_device = {
	.number = 3,
	.name = "device",
	.about = "machine's own key",
	.parts = TV_PART_BIT(TV_PART_DEVICE),
	.params_len = SALT + 32,
	.public_key_at = SALT,
	.make = make,
	.derive = derive,
};
