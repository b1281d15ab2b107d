/* What all slots have in common: finding the one that a credential opens, and wrapping. */
#include "vault/slot.h"

#include <sodium.h>
#include <string.h>

#include "vault/arena.h"
#include "vault/cursor.h"
#include "vault/derive.h"
#include "vault/doc.h"
#include "vault/slots/slots.h"

const struct tv_kdf tv_kdf_default = {.passes = 3, .memory_kib = 256 << 10};

const struct tv_kdf_limits tv_kdf_limits = {
	.least = {.passes = 1, .memory_kib = 64 << 10},
	.most = {.passes = 16, .memory_kib = 1 << 20},
	.most_product_kib = 4 << 20,
};

static const struct tv_slot_type *const types[] = {
#define TV_SLOT(name) &tv_slot_##name,
#include "vault/slots/slots.def"
#undef TV_SLOT
	NULL,
};

const struct tv_slot_type *const *tv_slot_types(void)
{
	return types;
}

const struct tv_slot_type *tv_slot_type_by_number(uint16_t number)
{
	for (size_t i = 0; types[i]; i++)
		if (types[i]->number == number)
			return types[i];
	return NULL;
}

const struct tv_slot_type *tv_slot_type_by_name(const char *name)
{
	for (size_t i = 0; types[i]; i++)
		if (!strcmp(types[i]->name, name))
			return types[i];
	return NULL;
}

void tv_credential_free(struct tv_credential *c)
{
	tv_secret_free(&c->secret);
	c->type = NULL;
}

void tv_slot_key_wipe(struct tv_slot_key *k)
{
	sodium_memzero(k, sizeof *k);
}

static void commit_to(unsigned char commitment[static 32],
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

/* Derives the slot key and compares the commitment. */
static enum tv_status try_slot(struct tv_slot_key *out, const struct tv_slot *slot,
			       const struct tv_slot_type *type, const struct tv_secret *secret,
			       const struct tv_kdf_limits *limits, struct tv_error *err)
{
	unsigned char commitment[32];
	enum tv_status status = type->check(slot->params, limits, err);

	if (!status)
		status = type->derive(out->key, slot->params, secret, err);
	if (status)
		return status;
	commit_to(commitment, out->key);
	if (sodium_memcmp(commitment, slot->commitment, sizeof commitment))
		return tv_fail(err, TV_WRONG_KEY, "no slot opens with this %s", type->name);
	memcpy(out->uuid, slot->uuid, sizeof out->uuid);
	return TV_OK;
}

static enum tv_status search(struct tv_slot_key *out, const struct tv_header *h,
			     const struct tv_slot_type *type, const struct tv_secret *secret,
			     const struct tv_kdf_limits *limits, struct tv_error *err)
{
	enum tv_status worst = TV_OK;

	for (size_t i = 0; i < h->n_slots; i++) {
		struct tv_error why = {0};
		enum tv_status status;

		if (!h->slots[i].known || h->slots[i].type != type->number)
			continue;
		status = try_slot(out, &h->slots[i], type, secret, limits, &why);
		if (!status)
			return TV_OK;
		if (!worst || status != TV_WRONG_KEY) {
			worst = status;
			tv_fail(err, status, "%s", why.detail);
		}
	}
	return worst ? worst
		     : tv_fail(err, TV_WRONG_KEY, "the vault has no slot for a %s", type->name);
}

enum tv_status tv_slot_unlock(struct tv_slot_key *out, const struct tv_bytes *file,
			      const struct tv_credential *credential,
			      const struct tv_kdf_limits *limits, struct tv_error *err)
{
	const struct tv_slot_type *type = tv_slot_type_by_name(credential->type);
	tv_auto_slot_key found = {0};
	struct tv_header h = {0};
	enum tv_status status;

	if (!type)
		return tv_fail(err, TV_BAD_VALUE, "no way to unlock is called %s",
			       credential->type);
	status = tv_header_parse(&h, file->data, file->len, err);
	if (!status)
		status = type->usable(&credential->secret, err);
	if (!status)
		status = search(&found, &h, type, &credential->secret, limits, err);
	tv_header_free(&h);
	tv_stack_wipe();
	if (!status)
		*out = found;
	return status;
}

enum tv_status tv_slot_prepare(struct tv_slot_new *out, const struct tv_credential *credential,
			       const char *label, const struct tv_kdf *cost,
			       const struct tv_kdf_limits *limits, struct tv_error *err)
{
	const struct tv_slot_type *type = tv_slot_type_by_name(credential->type);
	struct tv_slot_new slot = {0};
	unsigned char key[TV_KEY_BYTES];
	enum tv_status status;

	if (!type)
		return tv_fail(err, TV_BAD_VALUE, "no way to unlock is called %s",
			       credential->type);
	if (!tv_label_is_valid(label))
		return tv_fail(err, TV_BAD_VALUE, "a label is 1 to 64 of A-Z a-z 0-9 . _ -");
	slot.type = type->number;
	slot.params_len = type->params_len;
	memcpy(slot.label, label, strlen(label) + 1);
	randombytes_buf(slot.uuid, sizeof slot.uuid);
	type->make(slot.params, cost ? cost : &tv_kdf_default);
	status = type->usable(&credential->secret, err);
	if (!status)
		status = type->check(slot.params, limits, err);
	if (!status)
		status = type->derive(key, slot.params, &credential->secret, err);
	if (!status) {
		commit_to(slot.commitment, key);
		key_pair(slot.recipient, NULL, key);
		*out = slot;
	}
	sodium_memzero(key, sizeof key);
	tv_stack_wipe();
	return status;
}

/* The key that wraps: from the Diffie-Hellman secret and both public keys. TV_DAMAGED for a public
 * key of low order, which would make the secret a constant. */
static enum tv_status wrapping_key(unsigned char key[static TV_KEY_BYTES],
				   const unsigned char scalar[static 32],
				   const unsigned char other[static 32],
				   const unsigned char ephemeral[static 32],
				   const unsigned char recipient[static 32], struct tv_error *err)
{
	unsigned char shared[32];
	unsigned char both[64];

	if (crypto_scalarmult(shared, scalar, other))
		return tv_fail(err, TV_DAMAGED, "a slot's public key is of low order");
	memcpy(both, ephemeral, 32);
	memcpy(both + 32, recipient, 32);
	tv_derive(key, TV_KEY_BYTES, shared, "tokenvault slot wrap v1", both, sizeof both);
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

enum tv_status tv_slot_wrap(struct tv_slot *slot, const unsigned char vault_id[static TV_ID_BYTES],
			    const unsigned char recipient[static 32],
			    const unsigned char vault_key[static TV_KEY_BYTES],
			    struct tv_error *err)
{
	unsigned char scalar[32];
	unsigned char key[TV_KEY_BYTES];
	tv_auto_bytes bound = {0};
	enum tv_status status = bound_to(&bound, slot, vault_id, err);

	if (status)
		return status;
	randombytes_buf(scalar, sizeof scalar);
	randombytes_buf(slot->nonce, sizeof slot->nonce);
	crypto_scalarmult_base(slot->ephemeral, scalar);
	status = wrapping_key(key, scalar, recipient, slot->ephemeral, recipient, err);
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
	unsigned char key[TV_KEY_BYTES];
	tv_auto_bytes bound = {0};
	enum tv_status status;

	commit_to(commitment, slot_key);
	if (sodium_memcmp(commitment, slot->commitment, sizeof commitment))
		return tv_fail(err, TV_WRONG_KEY, "the slot belongs to another key");
	status = bound_to(&bound, slot, vault_id, err);
	if (status)
		return status;
	key_pair(recipient, scalar, slot_key);
	status = wrapping_key(key, scalar, slot->ephemeral, slot->ephemeral, recipient, err);
	if (!status && crypto_aead_xchacha20poly1305_ietf_decrypt(
			       vault_key, NULL, NULL, slot->wrapped, sizeof slot->wrapped,
			       bound.data, bound.len, slot->nonce, key))
		status = tv_fail(err, TV_DAMAGED, "the slot was changed");
	sodium_memzero(scalar, sizeof scalar);
	sodium_memzero(key, sizeof key);
	tv_stack_wipe();
	return status;
}
