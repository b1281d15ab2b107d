/* Unlocking with a passphrase and a keyfile together: either alone is worth nothing. */
#include <sodium.h>

#include "vault/derive.h"
#include "vault/slots/slots.h"
#include "vault/stretch.h"

static enum tv_status derive(unsigned char key[static TV_KEY_BYTES], const unsigned char *params,
			     const struct tv_credential *c,
			     const unsigned char vault_id[static TV_ID_BYTES], struct tv_error *err)
{
	const struct tv_secret *bytes = &c->part[TV_PART_KEYFILE];
	unsigned char stretched[TV_KEY_BYTES], hash[32];
	enum tv_status status = tv_stretch(stretched, params, &c->part[TV_PART_PASSPHRASE], err);

	(void)vault_id;
	if (status)
		return status;
	crypto_generichash(hash, sizeof hash, bytes->data, bytes->len, NULL, 0);
	tv_derive(key, TV_KEY_BYTES, stretched, "tokenvault both v1", hash, sizeof hash);
	sodium_memzero(stretched, sizeof stretched);
	sodium_memzero(hash, sizeof hash);
	return TV_OK;
}

const struct tv_slot_type tv_slot_both = {
	.number = 6,
	.name = "both",
	.about = "passphrase and keyfile",
	.parts = TV_PART_BIT(TV_PART_PASSPHRASE) | TV_PART_BIT(TV_PART_KEYFILE),
	.params_len = TV_STRETCH_BYTES,
	.make = tv_stretch_make,
	.check = tv_stretch_check,
	.derive = derive,
};
