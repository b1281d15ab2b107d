/* Opens a vault: from the file's bytes to header, key and document. */
#include "vault/open.h"

#include <sodium.h>
#include <string.h>

#include "vault/arena.h"
#include "vault/cursor.h"
#include "vault/derive.h"
#include "vault/entry.h"
#include "vault/payload.h"

void tv_header_mac(unsigned char mac[static TV_MAC_BYTES],
		   const unsigned char vault_key[static TV_KEY_BYTES], const unsigned char *header,
		   size_t len)
{
	tv_derive(mac, TV_MAC_BYTES, vault_key, "tokenvault header mac v1", header, len);
}

void tv_pin_of(unsigned char pin[static 32], const unsigned char key[static TV_KEY_BYTES])
{
	tv_derive(pin, 32, key, "tokenvault pin v1", NULL, 0);
}

static void hash_of_pin(unsigned char hash[static 32], const unsigned char pin[static 32])
{
	crypto_generichash(hash, 32, pin, 32, NULL, 0);
}

struct tv_seen tv_vault_seen(const struct tv_vault *v)
{
	struct tv_seen seen = {.generation = v->header.generation};
	unsigned char pin[32];

	memcpy(seen.vault_id, v->header.vault_id, sizeof seen.vault_id);
	memcpy(seen.mac, v->header.mac, sizeof seen.mac);
	tv_pin_of(pin, v->key);
	hash_of_pin(seen.pin, pin);
	sodium_memzero(pin, sizeof pin);
	return seen;
}

struct tv_doc *tv_vault_doc(const struct tv_vault *v)
{
	return v->doc;
}

const struct tv_header *tv_vault_header(const struct tv_vault *v)
{
	return &v->header;
}

void tv_vault_free(struct tv_vault *v)
{
	if (!v)
		return;
	tv_header_free(&v->header);
	tv_doc_free(v->doc);
	tv_arena_free(v);
	tv_stack_wipe();
}

void tv_vault_cleanup(struct tv_vault **v)
{
	tv_vault_free(*v);
	*v = NULL;
}

struct tv_vault *tv_vault_new(struct tv_error *err)
{
	struct tv_vault *v = tv_arena_alloc(sizeof *v);

	if (!v)
		tv_fail(err, TV_NO_MEMORY, "for a vault");
	return v;
}

/* What can be told of the header against what this machine saw last. */
static enum tv_status check_seen(const struct tv_header *h, const struct tv_seen *seen,
				 struct tv_error *err)
{
	if (!seen || memcmp(seen->vault_id, h->vault_id, sizeof h->vault_id))
		return TV_OK;
	if (h->generation < seen->generation)
		return tv_fail(err, TV_ROLLED_BACK,
			       "generation %llu, seen was %llu; if you put an older copy in place "
			       "yourself, say --accept-rollback",
			       (unsigned long long)h->generation,
			       (unsigned long long)seen->generation);
	if (h->generation == seen->generation && memcmp(h->mac, seen->mac, sizeof h->mac))
		return tv_fail(err, TV_FORKED,
			       "another generation %llu than the one seen; to go on with this one, "
			       "say --accept-rollback",
			       (unsigned long long)h->generation);
	return TV_OK;
}

/* A vault key other than the one seen must name that one among its forebears. */
static enum tv_status check_lineage(const struct tv_vault *v, const struct tv_seen *seen,
				    struct tv_error *err)
{
	struct tv_seen now = tv_vault_seen(v);
	unsigned char hash[32];

	if (!seen || memcmp(seen->vault_id, now.vault_id, sizeof now.vault_id) ||
	    !sodium_memcmp(seen->pin, now.pin, sizeof now.pin))
		return TV_OK;
	for (size_t i = 0; i < v->doc->n_lineage; i++) {
		hash_of_pin(hash, v->doc->lineage[i]);
		if (!sodium_memcmp(hash, seen->pin, sizeof hash))
			return TV_OK;
	}
	return tv_fail(err, TV_NOT_YOURS,
		       "it was not made from the vault seen before; if you know why, say "
		       "--accept-rollback");
}

/* Unpads and parses: a length, the JSON, zeroes. */
static enum tv_status parse_payload(struct tv_doc **out, const unsigned char *plain, size_t len,
				    uint32_t flags, struct tv_error *err)
{
	struct tv_cursor c = tv_cursor_over(plain, len);
	uint64_t json_len = tv_cursor_u64(&c);

	if (json_len > c.left || tv_payload_padded(json_len + sizeof json_len, flags) != len ||
	    !sodium_is_zero(c.at + json_len, c.left - json_len))
		return tv_fail(err, TV_DAMAGED, "the payload's padding");
	return tv_doc_parse(out, c.at, json_len, err);
}

static bool has_payload(const struct tv_vault *v, const struct tv_bytes *file)
{
	return file->len > v->header.len;
}

/* The payload of a header that is open already: of two under one header one would not have the right tag. */
static enum tv_status open_same(struct tv_vault *v, const struct tv_bytes *file,
				const struct tv_vault *same, struct tv_error *err)
{
	enum tv_status status =
		has_payload(v, file) ? tv_payload_decrypt(NULL, v, file->data + v->header.len, err)
				     : TV_OK;

	return status ? status : tv_doc_share(&v->doc, same->doc, err);
}

static enum tv_status open_payload(struct tv_vault *v, const struct tv_bytes *file,
				   struct tv_error *err)
{
	size_t len = v->header.payload_len - TV_TAG_BYTES;
	unsigned char *plain;
	enum tv_status status;

	if (!has_payload(v, file))
		return tv_fail(err, TV_DAMAGED, "there is only the header");
	plain = tv_arena_alloc(len);
	if (!plain)
		return tv_fail(err, TV_NO_MEMORY, "for %zu bytes of payload", len);
	status = tv_payload_decrypt(plain, v, file->data + v->header.len, err);
	if (!status)
		status = parse_payload(&v->doc, plain, len, v->header.flags, err);
	tv_arena_free(plain);
	return status;
}

/* Header MAC, then what was seen, then the payload, or that of a vault that has the same header (or is NULL): v has
 * header and key. */
static enum tv_status open_rest(struct tv_vault *v, const struct tv_bytes *file,
				const struct tv_vault *same, const struct tv_seen *seen,
				enum tv_status wrong_mac, struct tv_error *err)
{
	unsigned char mac[TV_MAC_BYTES];
	enum tv_status status;

	tv_header_mac(mac, v->key, file->data, v->header.len - TV_MAC_BYTES);
	if (sodium_memcmp(mac, v->header.mac, sizeof mac))
		return tv_fail(err, wrong_mac,
			       wrong_mac == TV_WRONG_KEY ? "the vault key has changed"
							 : "the header was changed");
	status = check_seen(&v->header, seen, err);
	if (!status)
		status = same && !memcmp(v->header.mac, same->header.mac, sizeof mac)
				 ? open_same(v, file, same, err)
				 : open_payload(v, file, err);
	if (!status)
		status = check_lineage(v, seen, err);
	return status;
}

static const struct tv_slot *slot_by_uuid(const struct tv_header *h, const unsigned char *uuid)
{
	for (size_t i = 0; i < h->n_slots; i++)
		if (h->slots[i].known && !memcmp(h->slots[i].uuid, uuid, TV_ID_BYTES))
			return &h->slots[i];
	return NULL;
}

/* A vault of which there is the header so far. is_front: it may be all there is. */
static enum tv_status read_header(struct tv_vault **out, const struct tv_bytes *file, bool is_front,
				  struct tv_error *err)
{
	tv_auto_vault *v = tv_vault_new(err);
	enum tv_status status;

	if (!v)
		return TV_NO_MEMORY;
	status = (is_front ? tv_header_parse_front : tv_header_parse)(&v->header, file->data,
								      file->len, err);
	if (status)
		return status;
	*out = v;
	v = NULL;
	return TV_OK;
}

static enum tv_status unwrap_key(unsigned char out[static TV_KEY_BYTES], const struct tv_vault *v,
				 const struct tv_slot_key *key, struct tv_error *err)
{
	const struct tv_slot *slot = slot_by_uuid(&v->header, key->uuid);

	if (!slot)
		return tv_fail(err, TV_WRONG_KEY, "the slot of this key is not there any more");
	return tv_slot_unwrap(out, slot, v->header.vault_id, key->key, err);
}

enum tv_status tv_vault_check_key(const struct tv_vault *v, const struct tv_slot_key *key,
				  struct tv_error *err)
{
	unsigned char vault_key[TV_KEY_BYTES] = {0};
	enum tv_status status = unwrap_key(vault_key, v, key, err);

	if (!status && sodium_memcmp(vault_key, v->key, sizeof vault_key))
		status = tv_fail(err, TV_WRONG_KEY, "the key opens another vault key");
	sodium_memzero(vault_key, sizeof vault_key);
	return status;
}

static enum tv_status take_key(struct tv_vault *v, const struct tv_vault *from,
			       struct tv_error *err)
{
	if (memcmp(v->header.vault_id, from->header.vault_id, TV_ID_BYTES))
		return tv_fail(err, TV_NOT_YOURS, "it is another vault");
	memcpy(v->key, from->key, sizeof v->key);
	return TV_OK;
}

bool tv_vault_has_header(const struct tv_vault *v, const struct tv_bytes *file)
{
	struct tv_header h = {0};
	bool has = !tv_header_parse_front(&h, file->data, file->len, NULL) &&
		   !memcmp(h.mac, v->header.mac, sizeof h.mac);

	tv_header_free(&h);
	return has;
}

enum tv_status tv_vault_open(struct tv_vault **out, const struct tv_bytes *file,
			     const struct tv_slot_key *key, const struct tv_seen *seen,
			     struct tv_error *err)
{
	tv_auto_vault *v = NULL;
	enum tv_status status = read_header(&v, file, false, err);

	if (!status)
		status = unwrap_key(v->key, v, key, err);
	if (!status)
		status = open_rest(v, file, NULL, seen, TV_DAMAGED, err);
	tv_stack_wipe();
	if (status)
		return status;
	*out = v;
	v = NULL;
	return TV_OK;
}

enum tv_status tv_vault_reopen(struct tv_vault **out, const struct tv_bytes *file,
			       const struct tv_vault *with, const struct tv_seen *seen,
			       struct tv_error *err)
{
	tv_auto_vault *v = NULL;
	enum tv_status status = read_header(&v, file, true, err);

	if (!status)
		status = take_key(v, with, err);
	if (!status)
		status = open_rest(v, file, with, seen, TV_WRONG_KEY, err);
	tv_stack_wipe();
	if (status)
		return status;
	*out = v;
	v = NULL;
	return TV_OK;
}

enum tv_status tv_vault_check_header(struct tv_vault **out, const struct tv_bytes *file,
				     bool is_front, const struct tv_vault *v, struct tv_error *err)
{
	tv_auto_vault *again = NULL;
	unsigned char mac[TV_MAC_BYTES];
	enum tv_status status = read_header(&again, file, is_front, err);

	if (!status)
		status = take_key(again, v, err);
	if (status)
		return status;
	tv_header_mac(mac, again->key, file->data, again->header.len - TV_MAC_BYTES);
	if (sodium_memcmp(mac, again->header.mac, sizeof mac))
		return tv_fail(err, TV_DAMAGED, "its header's MAC is wrong");
	*out = again;
	again = NULL;
	return TV_OK;
}

enum tv_status tv_vault_check_own(const struct tv_vault *v, const struct tv_bytes *file,
				  struct tv_error *err)
{
	tv_auto_vault *again = NULL;
	enum tv_status status = tv_vault_check_header(&again, file, true, v, err);

	if (!status && memcmp(again->header.mac, v->header.mac, TV_MAC_BYTES) != 0)
		status = tv_fail(err, TV_DAMAGED, "it has another header");
	if (!status && has_payload(again, file))
		status = tv_payload_decrypt(NULL, again, file->data + again->header.len, err);
	return status;
}
