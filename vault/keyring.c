/* The slots of an open vault: adding, removing, and a new vault key for all of them. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "vault/entry.h"
#include "vault/open.h"

/* A slot's place in the header, or n_slots. */
static size_t place_of(const struct tv_header *h, const unsigned char *uuid)
{
	size_t i = 0;

	while (i < h->n_slots && memcmp(h->slots[i].uuid, uuid, TV_ID_BYTES))
		i++;
	return i;
}

/* Wraps the vault key for a new slot and notes its recipient. */
static enum tv_status make_slot(struct tv_slot *out, struct tv_vault *v,
				const struct tv_slot_new *fresh, struct tv_error *err)
{
	struct tv_key_note note = {.created = fresh->created};
	struct tv_slot slot = {.type = fresh->type, .params_len = fresh->params_len, .known = 1};
	enum tv_status status;

	if (place_of(&v->header, fresh->uuid) < v->header.n_slots)
		return tv_fail(err, TV_EXISTS, "a key with this id");
	memcpy(slot.uuid, fresh->uuid, sizeof slot.uuid);
	memcpy(slot.params, fresh->params, fresh->params_len);
	memcpy(slot.commitment, fresh->commitment, sizeof slot.commitment);
	memcpy(note.uuid, fresh->uuid, sizeof note.uuid);
	memcpy(note.recipient, fresh->recipient, sizeof note.recipient);
	status = tv_slot_wrap(&slot, v->header.vault_id, fresh->recipient, v->key, err);
	if (!status)
		status = tv_doc_add_key(v->doc, &note, fresh->label, err);
	if (!status)
		*out = slot;
	return status;
}

enum tv_status tv_vault_add_slot(struct tv_vault *v, const struct tv_slot_new *fresh,
				 struct tv_error *err)
{
	struct tv_slot slot;
	enum tv_status status;

	if (v->header.n_slots >= TV_SLOTS_MAX)
		return tv_fail(err, TV_REFUSED, "a vault has at most %d keys", TV_SLOTS_MAX);
	status = make_slot(&slot, v, fresh, err);
	if (!status)
		v->header.slots[v->header.n_slots++] = slot;
	return status;
}

enum tv_status tv_vault_replace_slot(struct tv_vault *v,
				     const unsigned char uuid[static TV_ID_BYTES],
				     const struct tv_slot_new *fresh, struct tv_error *err)
{
	size_t i = place_of(&v->header, uuid);
	struct tv_slot slot;
	enum tv_status status;

	if (i == v->header.n_slots)
		return tv_fail(err, TV_NO_ENTRY, "the vault has no such key");
	status = make_slot(&slot, v, fresh, err);
	if (status)
		return status;
	tv_doc_remove_key(v->doc, uuid);
	free(v->header.slots[i].raw);
	v->header.slots[i] = slot;
	return TV_OK;
}

enum tv_status tv_vault_remove_slot(struct tv_vault *v,
				    const unsigned char uuid[static TV_ID_BYTES],
				    struct tv_error *err)
{
	struct tv_header *h = &v->header;
	size_t i = place_of(h, uuid);

	if (i == h->n_slots)
		return tv_fail(err, TV_NO_ENTRY, "the vault has no such key");
	if (h->n_slots == 1)
		return tv_fail(err, TV_REFUSED, "it is the last key of the vault");
	tv_doc_remove_key(v->doc, uuid);
	free(h->slots[i].raw);
	memmove(&h->slots[i], &h->slots[i + 1], (h->n_slots - i - 1) * sizeof h->slots[i]);
	h->slots[--h->n_slots] = (struct tv_slot){0};
	return TV_OK;
}

enum tv_status tv_vault_rekey(struct tv_vault *v, struct tv_error *err)
{
	struct tv_header next = v->header;
	unsigned char key[TV_KEY_BYTES];
	unsigned char pin[32];
	enum tv_status status = TV_OK;

	randombytes_buf(key, sizeof key);
	for (size_t i = 0; !status && i < next.n_slots; i++) {
		struct tv_slot *slot = &next.slots[i];
		struct tv_key_note *note = tv_doc_find_key(v->doc, slot->uuid);

		if (!slot->known || !note)
			status = tv_fail(err, TV_REFUSED,
					 "one of the keys is of a kind that this program does not "
					 "know and can't carry over");
		else
			status = tv_slot_wrap(slot, next.vault_id, note->recipient, key, err);
	}
	tv_pin_of(pin, v->key);
	if (!status)
		status = tv_doc_add_lineage(v->doc, pin, err);
	if (!status) {
		v->header = next;
		memcpy(v->key, key, sizeof key);
	}
	sodium_memzero(key, sizeof key);
	sodium_memzero(pin, sizeof pin);
	return status;
}
