/* The header's bytes: one canonical encoding, every length checked before it is used. */
#include "vault/header.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "vault/cursor.h"
#include "vault/slot.h"

#define VERSION	    1
#define SUITE	    1 /* Argon2id, X25519, BLAKE2b, XChaCha20-Poly1305 */
#define FIXED_BYTES 120
#define STEPS_FROM  (1 << 20) /* bytes up to which a payload is padded to a power of two */
#define STEPS	    16	      /* between two powers of two: of 64 KiB or more each */
#define LENGTH_AT   12	      /* where the header's length stands */
#define SLOT_FRONT  (2 + 2 + 4 + TV_ID_BYTES)
#define SLOT_BACK   (24 + 32 + TV_KEY_BYTES + 16 + 32)

static const unsigned char magic[8] = {0x89, 'T', 'K', 'V', '\r', '\n', 0x1a, '\n'};

static enum tv_status damaged(struct tv_error *err, const char *what)
{
	return tv_fail(err, TV_DAMAGED, "%s", what);
}

static enum tv_status newer(struct tv_error *err, const char *what, unsigned long value)
{
	return tv_fail(err, TV_NEWER, "%s %lu", what, value);
}

static enum tv_status parse_known(struct tv_slot *slot, struct tv_cursor *c, size_t params_len,
				  struct tv_error *err)
{
	if (slot->flags)
		return newer(err, "slot flags", slot->flags);
	if (c->left != params_len + SLOT_BACK)
		return damaged(err, "a slot has the wrong length");
	slot->known = 1;
	slot->params_len = params_len;
	tv_cursor_copy(c, slot->params, params_len);
	tv_cursor_copy(c, slot->nonce, sizeof slot->nonce);
	tv_cursor_copy(c, slot->ephemeral, sizeof slot->ephemeral);
	tv_cursor_copy(c, slot->wrapped, sizeof slot->wrapped);
	tv_cursor_copy(c, slot->commitment, sizeof slot->commitment);
	return TV_OK;
}

static enum tv_status parse_slot(struct tv_slot *slot, struct tv_cursor *c, struct tv_error *err)
{
	const unsigned char *start = c->at;
	const struct tv_slot_type *type;
	struct tv_cursor body;
	uint32_t len;

	slot->type = tv_cursor_u16(c);
	slot->flags = tv_cursor_u16(c);
	len = tv_cursor_u32(c);
	tv_cursor_copy(c, slot->uuid, sizeof slot->uuid);
	if (c->failed || len < SLOT_FRONT || len > TV_SLOT_BYTES_MAX)
		return damaged(err, "a slot's length is out of bounds");
	body = tv_cursor_over(tv_cursor_take(c, len - SLOT_FRONT), len - SLOT_FRONT);
	if (c->failed)
		return damaged(err, "a slot is cut short");
	type = tv_slot_type_by_number(slot->type);
	if (type)
		return parse_known(slot, &body, type->params_len, err);
	slot->raw = malloc(len);
	if (!slot->raw)
		return tv_fail(err, TV_NO_MEMORY, "for a slot");
	memcpy(slot->raw, start, len);
	slot->raw_len = len;
	return TV_OK;
}

size_t tv_payload_padded(size_t len, uint32_t flags)
{
	size_t size = TV_PAYLOAD_MIN - TV_TAG_BYTES;
	size_t step;

	while (size < len && size < TV_PAYLOAD_MAX)
		size *= 2;
	if (!(flags & TV_FLAG_STEPS))
		return size;
	step = size / 2 / STEPS;
	return (len + step - 1) / step * step;
}

uint32_t tv_payload_flags(size_t len)
{
	return len > STEPS_FROM ? TV_FLAG_STEPS : 0;
}

/* What is in the payload, padded: 0 where that is too short to be one. */
static size_t padded_len(const struct tv_header *h)
{
	return h->payload_len > TV_TAG_BYTES ? h->payload_len - TV_TAG_BYTES : 0;
}

static bool is_padded(const struct tv_header *h)
{
	return tv_payload_padded(padded_len(h), h->flags) == padded_len(h);
}

/* The fixed part up to the number of slots. */
static enum tv_status parse_fixed(struct tv_header *h, size_t *n_slots, struct tv_cursor *c,
				  size_t file_len, struct tv_error *err)
{
	const unsigned char *start = tv_cursor_take(c, sizeof magic);
	unsigned version = tv_cursor_u16(c);
	unsigned suite = tv_cursor_u16(c);

	if (!start || memcmp(start, magic, sizeof magic))
		return damaged(err, "it does not begin as a vault does");
	if (c->failed || !version || !suite)
		return damaged(err, "the header is cut short");
	if (version != VERSION)
		return newer(err, "format version", version);
	if (suite != SUITE)
		return newer(err, "cipher suite", suite);
	h->len = tv_cursor_u32(c);
	tv_cursor_copy(c, h->vault_id, sizeof h->vault_id);
	h->generation = tv_cursor_u64(c);
	tv_cursor_copy(c, h->salt, sizeof h->salt);
	tv_cursor_copy(c, h->previous, sizeof h->previous);
	h->payload_len = tv_cursor_u64(c);
	*n_slots = tv_cursor_u16(c);
	if (tv_cursor_u16(c))
		return damaged(err, "reserved bytes are not zero");
	h->flags = tv_cursor_u32(c);
	if (c->failed)
		return damaged(err, "the header is cut short");
	if (h->flags & ~tv_payload_flags(padded_len(h)))
		return newer(err, "critical flags", h->flags);
	if (!*n_slots || *n_slots > TV_SLOTS_MAX)
		return damaged(err, "the number of slots is out of bounds");
	if (h->len < FIXED_BYTES + TV_MAC_BYTES || h->len > file_len)
		return damaged(err, "the header's length is out of bounds");
	if (!h->generation || h->payload_len > TV_PAYLOAD_MAX || !is_padded(h))
		return damaged(err, "the payload's length is out of bounds");
	return TV_OK;
}

static enum tv_status parse_slots(struct tv_header *h, size_t n_slots, struct tv_cursor *c,
				  struct tv_error *err)
{
	while (h->n_slots < n_slots) {
		struct tv_slot *slot = &h->slots[h->n_slots++];
		enum tv_status status = parse_slot(slot, c, err);

		if (status)
			return status;
		for (size_t i = 0; i + 1 < h->n_slots; i++)
			if (!memcmp(h->slots[i].uuid, slot->uuid, sizeof slot->uuid))
				return damaged(err, "two slots have one id");
	}
	tv_cursor_copy(c, h->mac, sizeof h->mac);
	if (c->failed || c->left)
		return damaged(err, "the header is longer or shorter than its slots");
	return TV_OK;
}

static enum tv_status parse(struct tv_header *h, const unsigned char *file, size_t file_len,
			    bool is_front, struct tv_error *err)
{
	struct tv_cursor c = tv_cursor_over(file, file_len);
	size_t n_slots = 0;
	enum tv_status status;

	*h = (struct tv_header){0};
	status = parse_fixed(h, &n_slots, &c, file_len, err);
	if (!status && file_len != h->len + h->payload_len && !(is_front && file_len == h->len))
		status = damaged(err, "the file is longer or shorter than it says");
	if (!status) {
		c = tv_cursor_over(c.at, h->len - FIXED_BYTES);
		status = parse_slots(h, n_slots, &c, err);
	}
	if (status)
		tv_header_free(h);
	return status;
}

enum tv_status tv_header_peek(struct tv_header_front *out, const unsigned char *file, size_t len,
			      struct tv_error *err)
{
	struct tv_cursor c = tv_cursor_over(file, len);
	struct tv_header h;
	size_t ignored;
	enum tv_status status = parse_fixed(&h, &ignored, &c, len, err);

	if (status)
		return status;
	memcpy(out->vault_id, h.vault_id, sizeof out->vault_id);
	out->generation = h.generation;
	out->file_len = h.len + h.payload_len;
	return TV_OK;
}

enum tv_status tv_header_parse(struct tv_header *out, const unsigned char *file, size_t file_len,
			       struct tv_error *err)
{
	return parse(out, file, file_len, false, err);
}

enum tv_status tv_header_parse_front(struct tv_header *out, const unsigned char *front, size_t len,
				     struct tv_error *err)
{
	return parse(out, front, len, true, err);
}

size_t tv_header_length(const unsigned char *file, size_t len)
{
	struct tv_cursor c = tv_cursor_over(file, len);
	uint32_t said;

	tv_cursor_take(&c, LENGTH_AT);
	said = tv_cursor_u32(&c);
	return c.failed ? 0 : said < len ? said : len;
}

void tv_slot_print_front(struct tv_bytes *out, const struct tv_slot *slot)
{
	tv_bytes_u16(out, slot->type);
	tv_bytes_u16(out, slot->flags);
	tv_bytes_u32(out, (uint32_t)(SLOT_FRONT + slot->params_len + SLOT_BACK));
	tv_bytes_append(out, slot->uuid, sizeof slot->uuid);
	tv_bytes_append(out, slot->params, slot->params_len);
}

static void print_slot(struct tv_bytes *out, const struct tv_slot *slot)
{
	if (!slot->known) {
		tv_bytes_append(out, slot->raw, slot->raw_len);
		return;
	}
	tv_slot_print_front(out, slot);
	tv_bytes_append(out, slot->nonce, sizeof slot->nonce);
	tv_bytes_append(out, slot->ephemeral, sizeof slot->ephemeral);
	tv_bytes_append(out, slot->wrapped, sizeof slot->wrapped);
	tv_bytes_append(out, slot->commitment, sizeof slot->commitment);
}

size_t tv_header_size(const struct tv_header *h)
{
	size_t len = FIXED_BYTES + TV_MAC_BYTES;

	for (size_t i = 0; i < h->n_slots; i++)
		len += h->slots[i].known ? SLOT_FRONT + h->slots[i].params_len + SLOT_BACK
					 : h->slots[i].raw_len;
	return len;
}

void tv_header_print(struct tv_bytes *out, const struct tv_header *h)
{
	tv_bytes_append(out, magic, sizeof magic);
	tv_bytes_u16(out, VERSION);
	tv_bytes_u16(out, SUITE);
	tv_bytes_u32(out, (uint32_t)tv_header_size(h));
	tv_bytes_append(out, h->vault_id, sizeof h->vault_id);
	tv_bytes_u64(out, h->generation);
	tv_bytes_append(out, h->salt, sizeof h->salt);
	tv_bytes_append(out, h->previous, sizeof h->previous);
	tv_bytes_u64(out, h->payload_len);
	tv_bytes_u16(out, (uint16_t)h->n_slots);
	tv_bytes_u16(out, 0);
	tv_bytes_u32(out, h->flags);
	for (size_t i = 0; i < h->n_slots; i++)
		print_slot(out, &h->slots[i]);
}

void tv_header_free(struct tv_header *h)
{
	for (size_t i = 0; i < h->n_slots; i++)
		free(h->slots[i].raw);
	*h = (struct tv_header){0};
}
