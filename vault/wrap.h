/* Between a slot's key and the vault key: what tv_slot_wrap and tv_slot_unwrap need besides. Only for the
 * library itself. */
#ifndef TV_WRAP_H
#define TV_WRAP_H

#include "vault/slot.h"

/* What tells whether a slot key is the slot's, before anything is decrypted with it. */
void tv_slot_commit(unsigned char commitment[static 32],
		    const unsigned char slot_key[static TV_KEY_BYTES]);
/* Fills in what follows from the slot key: the commitment, and what it takes to wrap for the slot. */
void tv_slot_follow(struct tv_slot_new *slot, const struct tv_slot_type *type,
		    const unsigned char slot_key[static TV_KEY_BYTES]);

#endif
