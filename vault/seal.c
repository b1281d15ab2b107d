/* Seals a vault: from header, key and document to the file's bytes. */
#include <sodium.h>
#include <string.h>

#include "vault/arena.h"
#include "vault/docjson.h"
#include "vault/open.h"

enum tv_status tv_vault_begin(struct tv_vault **out, struct tv_error *err)
{
	tv_auto_vault *v = tv_vault_new(err);

	if (!v)
		return TV_NO_MEMORY;
	v->doc = tv_doc_new();
	if (!v->doc)
		return tv_fail(err, TV_NO_MEMORY, "for a document");
	randombytes_buf(v->header.vault_id, sizeof v->header.vault_id);
	randombytes_buf(v->key, sizeof v->key);
	tv_doc_make_audit(v->doc);
	*out = v;
	v = NULL;
	return TV_OK;
}

enum tv_status tv_vault_create(struct tv_vault **out, const struct tv_slot_new *first,
			       struct tv_error *err)
{
	tv_auto_vault *v = NULL;
	enum tv_status status = tv_vault_begin(&v, err);

	if (!status)
		status = tv_vault_add_slot(v, first, err);
	if (status)
		return status;
	*out = v;
	v = NULL;
	return TV_OK;
}

static size_t padded(size_t len)
{
	size_t size = 4096;

	while (size < len)
		size *= 2;
	return size;
}

/* The JSON with its length before it, padded. */
static enum tv_status print_payload(struct tv_secret *out, struct tv_doc *doc, struct tv_error *err)
{
	unsigned char len[8] = {0};
	enum tv_status status;
	size_t size;

	/* Nearly always it fits where the last one did. */
	tv_secret_reserve(out, padded(doc->text_len + sizeof len + 1024));
	tv_secret_append(out, len, sizeof len);
	status = tv_doc_print(out, doc, err);
	if (status)
		return status;
	size = padded(out->len);
	if (size > TV_PAYLOAD_MAX - TV_TAG_BYTES)
		return tv_fail(err, TV_REFUSED, "the vault would outgrow %d MiB",
			       (TV_PAYLOAD_MAX - TV_TAG_BYTES) >> 20);
	doc->text_len = out->len - sizeof len;
	for (size_t i = 0; i < sizeof len; i++)
		out->data[i] = (unsigned char)((uint64_t)doc->text_len >> (8 * i));
	tv_secret_fill(out, size - out->len);
	return tv_secret_check(out, err);
}

/* Header, MAC and encrypted payload behind each other. */
static enum tv_status print_file(struct tv_bytes *out, struct tv_header *h,
				 const struct tv_vault *v, const struct tv_secret *plain,
				 struct tv_error *err)
{
	unsigned char key[56];
	enum tv_status status;
	size_t start;

	tv_header_print(out, h);
	status = tv_bytes_check(out, err);
	if (status)
		return status;
	tv_header_mac(h->mac, v->key, out->data, out->len);
	tv_bytes_append(out, h->mac, sizeof h->mac);
	h->len = out->len;
	start = out->len;
	if (!tv_bytes_extend(out, h->payload_len))
		return tv_bytes_check(out, err);
	tv_payload_key(key, v->key, h);
	crypto_aead_xchacha20poly1305_ietf_encrypt(out->data + start, NULL, plain->data, plain->len,
						   h->mac, TV_MAC_BYTES, NULL, key + 32, key);
	sodium_memzero(key, sizeof key);
	return TV_OK;
}

/* What was made must open: nothing that does not may ever replace a vault. */
static enum tv_status check_opens(const struct tv_bytes *file, const struct tv_vault *v,
				  const struct tv_secret *plain, struct tv_error *err)
{
	struct tv_error why = {0};
	enum tv_status status = tv_vault_check_bytes(file, v, plain, &why);

	if (!status)
		status = tv_doc_check(v->doc, &why);
	return status ? tv_fail(err, status == TV_NO_MEMORY ? status : TV_FAILED,
				"the new vault would not open: %s", why.detail)
		      : TV_OK;
}

enum tv_status tv_vault_seal(struct tv_bytes *out, struct tv_vault *v, struct tv_error *err)
{
	struct tv_header next = v->header;
	tv_auto_secret plain = {0};
	tv_auto_bytes file = {0};
	enum tv_status status = print_payload(&plain, v->doc, err);

	if (status)
		return status;
	next.generation++;
	next.payload_len = plain.len + TV_TAG_BYTES;
	memcpy(next.previous, v->header.mac, sizeof next.previous);
	randombytes_buf(next.salt, sizeof next.salt);
	status = print_file(&file, &next, v, &plain, err);
	if (!status)
		status = check_opens(&file, v, &plain, err);
	tv_stack_wipe();
	if (status)
		return status;
	v->header = next;
	tv_bytes_free(out);
	*out = file;
	file = (struct tv_bytes){0};
	return TV_OK;
}
