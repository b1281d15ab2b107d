/* Between a slot's key and the vault key: the commitment, the key pair, the wrapping. */
#include "vault/wrap.h"

#include <sodium.h>
#include <string.h>

#include "vault/arena.h"
#include "vault/derive.h"

void tv_slot_commit(unsigned char commitment[static 32],
		    const unsigned char slot_key[static TV_KEY_BYTES])
{
	tv_derive(commitment, 32, slot_key, "tokenvault slot commitment v1", NULL, 0);
}

/* The slot's X25519 key pair; secret may be NULL. */
static void key_pair(unsigned char public_key[static 32], unsigned char *secret,
		     const unsigned char slot_key[static TV_KEY_BYTES])
{
	unsigned char scalar[32];

	tv_derive(scalar, sizeof scalar, slot_key, "tokenvault slot x25519 v1", NULL, 0);
	crypto_scalarmult_base(public_key, scalar);
	if (secret)
		memcpy(secret, scalar, sizeof scalar);
	sodium_memzero(scalar, sizeof scalar);
}

/* The secret that was shared with whoever wraps for a slot whose public key is in the file. */
static void shared_secret(unsigned char psk[static 32],
			  const unsigned char slot_key[static TV_KEY_BYTES])
{
	tv_derive(psk, 32, slot_key, "tokenvault slot psk v1", NULL, 0);
}

void tv_slot_follow(struct tv_slot_new *slot, const struct tv_slot_type *type,
		    const unsigned char key[static TV_KEY_BYTES])
{
	tv_slot_commit(slot->commitment, key);
	key_pair(slot->recipient, NULL, key);
	if (!type->public_key_at)
		return;
	memcpy(slot->params + type->public_key_at, slot->recipient, 32);
	shared_secret(slot->recipient, key);
}

/* The key that wraps: from the Diffie-Hellman secret, both public keys and, unless it is NULL, the
 * pre-shared secret. TV_DAMAGED for a public key of low order, which would make the former a constant. */
static enum tv_status wrapping_key(unsigned char key[static TV_KEY_BYTES],
				   const unsigned char scalar[static 32],
				   const unsigned char other[static 32],
				   const unsigned char ephemeral[static 32],
				   const unsigned char recipient[static 32],
				   const unsigned char *psk, struct tv_error *err)
{
	unsigned char shared[32];
	unsigned char both[64];

	if (crypto_scalarmult(shared, scalar, other))
		return tv_fail(err, TV_DAMAGED, "a slot's public key is of low order");
	memcpy(both, ephemeral, 32);
	memcpy(both + 32, recipient, 32);
	tv_derive(key, TV_KEY_BYTES, shared, "tokenvault slot wrap v1", both, sizeof both);
	if (psk)
		tv_derive(key, TV_KEY_BYTES, psk, "tokenvault slot wrap psk v1", key, TV_KEY_BYTES);
	sodium_memzero(shared, sizeof shared);
	sodium_memzero(both, sizeof both);
	return TV_OK;
}

/* What the wrapped key is bound to: the vault and everything of the slot before the nonce. */
static enum tv_status bound_to(struct tv_bytes *out, const struct tv_slot *slot,
			       const unsigned char *vault_id, struct tv_error *err)
{
	tv_bytes_append(out, vault_id, TV_ID_BYTES);
	tv_slot_print_front(out, slot);
	return tv_bytes_check(out, err);
}

/* Where the slot has its public key in the parameters, else NULL. */
static const unsigned char *public_key(const struct tv_slot *slot)
{
	const struct tv_slot_type *type = tv_slot_type_by_number(slot->type);

	return type && type->public_key_at ? slot->params + type->public_key_at : NULL;
}

enum tv_status tv_slot_wrap(struct tv_slot *slot, const unsigned char vault_id[static TV_ID_BYTES],
			    const unsigned char recipient[static 32],
			    const unsigned char vault_key[static TV_KEY_BYTES],
			    struct tv_error *err)
{
	const unsigned char *in_file = public_key(slot), *to = in_file ? in_file : recipient;
	unsigned char scalar[32];
	unsigned char key[TV_KEY_BYTES];
	tv_auto_bytes bound = {0};
	enum tv_status status = bound_to(&bound, slot, vault_id, err);

	if (status)
		return status;
	randombytes_buf(scalar, sizeof scalar);
	randombytes_buf(slot->nonce, sizeof slot->nonce);
	crypto_scalarmult_base(slot->ephemeral, scalar);
	status =
		wrapping_key(key, scalar, to, slot->ephemeral, to, in_file ? recipient : NULL, err);
	if (!status)
		crypto_aead_xchacha20poly1305_ietf_encrypt(slot->wrapped, NULL, vault_key,
							   TV_KEY_BYTES, bound.data, bound.len,
							   NULL, slot->nonce, key);
	sodium_memzero(scalar, sizeof scalar);
	sodium_memzero(key, sizeof key);
	tv_stack_wipe();
	return status;
}

enum tv_status tv_slot_unwrap(unsigned char vault_key[static TV_KEY_BYTES],
			      const struct tv_slot *slot,
			      const unsigned char vault_id[static TV_ID_BYTES],
			      const unsigned char slot_key[static TV_KEY_BYTES],
			      struct tv_error *err)
{
	unsigned char commitment[32];
	unsigned char recipient[32];
	unsigned char scalar[32];
	unsigned char psk[32];
	unsigned char key[TV_KEY_BYTES];
	const unsigned char *in_file = public_key(slot);
	tv_auto_bytes bound = {0};
	enum tv_status status;

	tv_slot_commit(commitment, slot_key);
	if (sodium_memcmp(commitment, slot->commitment, sizeof commitment))
		return tv_fail(err, TV_WRONG_KEY, "the slot belongs to another key");
	status = bound_to(&bound, slot, vault_id, err);
	if (status)
		return status;
	key_pair(recipient, scalar, slot_key);
	shared_secret(psk, slot_key);
	if (in_file && sodium_memcmp(in_file, recipient, sizeof recipient))
		status = tv_fail(err, TV_DAMAGED, "the slot's public key was changed");
	else
		status = wrapping_key(key, scalar, slot->ephemeral, slot->ephemeral, recipient,
				      in_file ? psk : NULL, err);
	if (!status && crypto_aead_xchacha20poly1305_ietf_decrypt(
			       vault_key, NULL, NULL, slot->wrapped, sizeof slot->wrapped,
			       bound.data, bound.len, slot->nonce, key))
		status = tv_fail(err, TV_DAMAGED, "the slot was changed");
	sodium_memzero(scalar, sizeof scalar);
	sodium_memzero(psk, sizeof psk);
	sodium_memzero(key, sizeof key);
	tv_stack_wipe();
	return status;
}
