/* Encrypts and decrypts a vault's payload. */
#include "vault/payload.h"

#include <sodium.h>
#include <string.h>

#include "vault/arena.h"
#include "vault/derive.h"

#define PART  ((size_t)16 << 10) /* encrypted at once, and checked while the caches have it */
#define STEPS 8			 /* parts, of which the outlet hears at once */

void tv_payload_key(unsigned char out[static 56],
		    const unsigned char vault_key[static TV_KEY_BYTES], const struct tv_header *h)
{
	unsigned char bound[8 + TV_SALT_BYTES + TV_MAC_BYTES];

	for (size_t i = 0; i < 8; i++)
		bound[i] = (unsigned char)(h->generation >> (8 * i));
	memcpy(bound + 8, h->salt, TV_SALT_BYTES);
	memcpy(bound + 8 + TV_SALT_BYTES, h->mac, TV_MAC_BYTES);
	tv_derive(out, 56, vault_key, "tokenvault payload v1", bound, sizeof bound);
}

enum tv_status tv_payload_decrypt(unsigned char *plain, const struct tv_vault *v,
				  const unsigned char *cipher, struct tv_error *err)
{
	unsigned char key[56];
	int failed;

	tv_payload_key(key, v->key, &v->header);
	failed = crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, cipher,
							    v->header.payload_len, v->header.mac,
							    TV_MAC_BYTES, key + 32, key);
	sodium_memzero(key, sizeof key);
	return failed ? tv_fail(err, TV_DAMAGED, "the payload was changed") : TV_OK;
}

/* What a payload is encrypted with, part by part. The library's AEAD does it in one piece only; it is the one that checks
 * the tag. */
struct work {
	unsigned char key[56];	 /* and nonce */
	unsigned char again[56]; /* those of the check */
	crypto_onetimeauth_state tag;
	size_t part;	       /* at most PART: a small payload is to cost little memory */
	unsigned char rooms[]; /* for a part before, and for what it is decrypted to */
};

/* The cipher's blocks of 64 bytes count from 0, whose first half is the tag's key. */
static void apply(unsigned char *out, const unsigned char *in, size_t at, size_t len,
		  const unsigned char key[static 56])
{
	crypto_stream_xchacha20_xor_ic(out, in, len, key + 32, 1 + at / 64, key);
}

static void begin_tag(struct work *w, const unsigned char mac[static TV_MAC_BYTES])
{
	unsigned char block[64];

	crypto_stream_xchacha20(block, sizeof block, w->key + 32, w->key);
	crypto_onetimeauth_init(&w->tag, block);
	sodium_memzero(block, sizeof block);
	/* Associated data, of whole 16 bytes. */
	crypto_onetimeauth_update(&w->tag, mac, TV_MAC_BYTES);
}

static void end_tag(unsigned char out[static TV_TAG_BYTES], struct work *w, size_t len)
{
	unsigned char lengths[16] = {TV_MAC_BYTES};
	static const unsigned char padding[16];

	for (size_t i = 0; i < 8; i++)
		lengths[8 + i] = (unsigned char)((uint64_t)len >> (8 * i));
	crypto_onetimeauth_update(&w->tag, padding, (16 - len % 16) % 16);
	crypto_onetimeauth_update(&w->tag, lengths, sizeof lengths);
	crypto_onetimeauth_final(&w->tag, out);
}

/* Whether what was made of a part is what it was. */
static bool encrypt_part(struct work *w, unsigned char *data, size_t at, size_t len)
{
	unsigned char *before = w->rooms, *after = w->rooms + w->part;

	memcpy(before, data + at, len);
	apply(data + at, data + at, at, len, w->key);
	crypto_onetimeauth_update(&w->tag, data + at, len);
	apply(after, data + at, at, len, w->again);
	return !memcmp(before, after, len);
}

static bool encrypt_all(struct work *w, unsigned char *file, const struct tv_header *h,
			const struct tv_outlet *outlet)
{
	const size_t whole = h->payload_len - TV_TAG_BYTES;
	unsigned char *data = file + h->len;
	size_t len;

	begin_tag(w, h->mac);
	for (size_t at = 0; at < whole; at += len) {
		len = whole - at < w->part ? whole - at : w->part;
		if (!encrypt_part(w, data, at, len))
			return false;
		if (outlet && (at / PART % STEPS == STEPS - 1 || at + len == whole))
			outlet->ready(outlet->arg, file, h->len + at + len);
	}
	end_tag(data + whole, w, whole);
	return true;
}

enum tv_status tv_payload_encrypt(unsigned char *file, const struct tv_vault *v,
				  const struct tv_vault *check, const struct tv_outlet *outlet,
				  struct tv_error *err)
{
	const size_t len = v->header.payload_len - TV_TAG_BYTES;
	const size_t part = len < PART ? len : PART;
	struct work *w = tv_arena_alloc(sizeof *w + 2 * part);
	bool good = check->header.payload_len == v->header.payload_len &&
		    check->header.len == v->header.len;

	if (!w)
		return tv_fail(err, TV_NO_MEMORY, "for a part of the payload");
	w->part = part;
	tv_payload_key(w->key, v->key, &v->header);
	tv_payload_key(w->again, check->key, &check->header);
	if (good && outlet)
		outlet->begin(outlet->arg, outlet->answer, v->header.len + v->header.payload_len);
	good = good && encrypt_all(w, file, &v->header, outlet);
	tv_arena_free(w);
	if (!good)
		return tv_fail(err, TV_DAMAGED, "its payload is another");
	return tv_payload_decrypt(NULL, check, file + check->header.len, err);
}
