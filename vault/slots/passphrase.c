/* Unlocking with a passphrase: Argon2id with a salt and a cost of the slot's own. */
#include "vault/slots/slots.h"
#include "vault/stretch.h"

static enum tv_status derive(unsigned char key[static TV_KEY_BYTES], const unsigned char *params,
			     const struct tv_credential *c,
			     const unsigned char vault_id[static TV_ID_BYTES], struct tv_error *err)
{
	(void)vault_id;
	return tv_stretch(key, params, &c->part[TV_PART_PASSPHRASE], err);
}

const struct tv_slot_type tv_slot_passphrase = {
	.number = 1,
	.name = "passphrase",
	.about = "passphrase",
	.parts = TV_PART_BIT(TV_PART_PASSPHRASE),
	.params_len = TV_STRETCH_BYTES,
	.make = tv_stretch_make,
	.check = tv_stretch_check,
	.derive = derive,
};
