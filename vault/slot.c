/* What all slots have in common: making one, and finding the one that a credential opens. */
#include "vault/slot.h"

#include <sodium.h>
#include <string.h>

#include "vault/arena.h"
#include "vault/doc.h"
#include "vault/slots/slots.h"
#include "vault/wrap.h"

#define KEYFILE_LEAST 32

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
	for (size_t i = 0; i < TV_PARTS; i++)
		tv_secret_free(&c->part[i]);
	c->type = NULL;
}

static enum tv_status check_keyfile(const struct tv_secret *bytes, struct tv_error *err)
{
	if (bytes->len < KEYFILE_LEAST)
		return tv_fail(err, TV_BAD_VALUE,
			       "the keyfile has %zu bytes, %d are the least; make one: head -c 64 "
			       "/dev/urandom > KEYFILE",
			       bytes->len, KEYFILE_LEAST);
	return TV_OK;
}

enum tv_status tv_part_check(enum tv_part part, const struct tv_secret *secret,
			     struct tv_error *err)
{
	if (part == TV_PART_KEYFILE)
		return check_keyfile(secret, err);
	if (part == TV_PART_DEVICE && secret->len != TV_KEY_BYTES)
		return tv_fail(err, TV_BAD_VALUE, "a machine's own key has %d bytes, not %zu",
			       TV_KEY_BYTES, secret->len);
	return secret->len ? TV_OK : tv_fail(err, TV_BAD_VALUE, "the passphrase is empty");
}

static enum tv_status check_parts(const struct tv_credential *c, const struct tv_slot_type *type,
				  struct tv_error *err)
{
	enum tv_status status = TV_OK;

	for (size_t i = 0; !status && i < TV_PARTS; i++)
		if (type->parts & TV_PART_BIT(i))
			status = tv_part_check(i, &c->part[i], err);
	return status;
}

void tv_slot_key_wipe(struct tv_slot_key *k)
{
	sodium_memzero(k, sizeof *k);
}

void tv_slot_new_wipe(struct tv_slot_new *s)
{
	sodium_memzero(s, sizeof *s);
}

/* Bounds, then the slot key. */
static enum tv_status derive(unsigned char key[static TV_KEY_BYTES],
			     const struct tv_slot_type *type, const unsigned char *params,
			     const struct tv_credential *c, const unsigned char *vault_id,
			     const struct tv_kdf_limits *limits, struct tv_error *err)
{
	enum tv_status status = type->check ? type->check(params, limits, err) : TV_OK;

	return status ? status : type->derive(key, params, c, vault_id, err);
}

/* Derives the slot key and compares the commitment. */
static enum tv_status try_slot(struct tv_slot_key *out, const struct tv_slot *slot,
			       const struct tv_slot_type *type, const struct tv_credential *c,
			       const unsigned char *vault_id, const struct tv_kdf_limits *limits,
			       struct tv_error *err)
{
	unsigned char commitment[32];
	enum tv_status status = derive(out->key, type, slot->params, c, vault_id, limits, err);

	if (status)
		return status;
	tv_slot_commit(commitment, out->key);
	if (sodium_memcmp(commitment, slot->commitment, sizeof commitment))
		return tv_fail(err, TV_WRONG_KEY, "no slot opens with this %s", type->about);
	memcpy(out->uuid, slot->uuid, sizeof out->uuid);
	return TV_OK;
}

static enum tv_status search(struct tv_slot_key *out, const struct tv_header *h,
			     const struct tv_slot_type *type, const struct tv_credential *c,
			     const struct tv_kdf_limits *limits, struct tv_error *err)
{
	enum tv_status worst = TV_OK;

	for (size_t i = 0; i < h->n_slots; i++) {
		struct tv_error why = {0};
		enum tv_status status;

		if (!h->slots[i].known || h->slots[i].type != type->number)
			continue;
		status = try_slot(out, &h->slots[i], type, c, h->vault_id, limits, &why);
		if (!status)
			return TV_OK;
		if (!worst || status != TV_WRONG_KEY) {
			worst = status;
			tv_fail(err, status, "%s", why.detail);
		}
	}
	return worst ? worst
		     : tv_fail(err, TV_WRONG_KEY, "the vault has no slot for a %s", type->about);
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
		status = check_parts(credential, type, err);
	if (!status)
		status = search(&found, &h, type, credential, limits, err);
	tv_header_free(&h);
	tv_stack_wipe();
	if (!status)
		*out = found;
	return status;
}

enum tv_status tv_slot_prepare(struct tv_slot_new *out, const struct tv_credential *credential,
			       const char *label, const unsigned char *vault_id,
			       const struct tv_kdf *cost, const struct tv_kdf_limits *limits,
			       struct tv_error *err)
{
	static const unsigned char none[TV_ID_BYTES];
	const struct tv_slot_type *type = tv_slot_type_by_name(credential->type);
	tv_auto_slot_new slot = {0};
	unsigned char key[TV_KEY_BYTES];
	enum tv_status status;

	if (!type)
		return tv_fail(err, TV_BAD_VALUE, "no way to unlock is called %s",
			       credential->type);
	if (!tv_label_is_valid(label))
		return tv_fail(err, TV_BAD_VALUE, "a label is 1 to 64 of A-Z a-z 0-9 . _ -");
	if (!vault_id && type->public_key_at)
		return tv_fail(err, TV_BAD_VALUE, "a %s is for a vault that there is", type->about);
	slot.type = type->number;
	slot.params_len = type->params_len;
	memcpy(slot.label, label, strlen(label) + 1);
	randombytes_buf(slot.uuid, sizeof slot.uuid);
	type->make(slot.params, cost ? cost : &tv_kdf_default);
	status = check_parts(credential, type, err);
	if (!status)
		status = derive(key, type, slot.params, credential, vault_id ? vault_id : none,
				limits, err);
	if (!status) {
		tv_slot_follow(&slot, type, key);
		*out = slot;
	}
	sodium_memzero(key, sizeof key);
	tv_stack_wipe();
	return status;
}
