/* Seals a vault: from header, key and document to the file's bytes. */
#include <sodium.h>
#include <string.h>

#include "vault/arena.h"
#include "vault/docjson.h"
#include "vault/payload.h"

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

/* How long a document's payload is, tag aside, and the flags that say so. */
static size_t size_of(uint32_t *flags, size_t text_len)
{
	const size_t len = 8 + text_len;

	*flags = tv_payload_flags(len);
	return tv_payload_padded(len, *flags);
}

/* Behind room for the header the JSON, with its length before it, padded, and room for the tag. */
static enum tv_status print_payload(struct tv_secret *out, struct tv_header *h, struct tv_doc *doc,
				    struct tv_error *err)
{
	const size_t front = out->len;
	unsigned char len[8] = {0};
	enum tv_status status;
	size_t size;

	tv_secret_append(out, len, sizeof len);
	status = tv_doc_print(out, doc, err);
	if (status)
		return status;
	doc->text_len = out->len - front - sizeof len;
	size = size_of(&h->flags, doc->text_len);
	if (size > TV_PAYLOAD_MAX - TV_TAG_BYTES)
		return tv_fail(err, TV_REFUSED, "the vault would outgrow %d MiB",
			       (TV_PAYLOAD_MAX - TV_TAG_BYTES) >> 20);
	for (size_t i = 0; i < sizeof len; i++)
		out->data[front + i] = (unsigned char)((uint64_t)doc->text_len >> (8 * i));
	tv_secret_fill(out, front + size + TV_TAG_BYTES - out->len);
	h->payload_len = out->len - front;
	return tv_secret_check(out, err);
}

/* Header and MAC into their room at the front. */
static enum tv_status put_header(struct tv_secret *file, struct tv_header *h,
				 const struct tv_vault *v, struct tv_error *err)
{
	tv_auto_bytes front = {0};
	enum tv_status status;

	tv_header_print(&front, h);
	status = tv_bytes_check(&front, err);
	if (status)
		return status;
	tv_header_mac(h->mac, v->key, front.data, front.len);
	memcpy(file->data, front.data, front.len);
	memcpy(file->data + front.len, h->mac, sizeof h->mac);
	return TV_OK;
}

/* The header of the next generation, but for the payload's length and what comes of that. */
static void begin_header(struct tv_header *next, const struct tv_header *now)
{
	*next = *now;
	next->generation++;
	next->len = tv_header_size(next);
	memcpy(next->previous, now->mac, sizeof next->previous);
	randombytes_buf(next->salt, sizeof next->salt);
}

/* What was made must open: nothing that does not may ever replace a vault. */
static enum tv_status would_not_open(enum tv_status status, const struct tv_error *why,
				     struct tv_error *err)
{
	return tv_fail(err, status == TV_NO_MEMORY ? status : TV_FAILED,
		       "the new vault would not open: %s", why->detail);
}

static enum tv_status check_doc(const struct tv_doc *doc, struct tv_error *err)
{
	struct tv_error why = {0};
	enum tv_status status = tv_doc_check(doc, &why);

	return status ? would_not_open(status, &why, err) : TV_OK;
}

enum tv_status tv_vault_print(struct tv_secret *out, struct tv_vault *v, struct tv_error *err)
{
	tv_auto_secret file = {0};
	struct tv_header next;
	enum tv_status status;
	uint32_t flags;

	status = check_doc(v->doc, err);
	if (status)
		return status;
	begin_header(&next, &v->header);
	/* Nearly always it fits where the last one did. */
	tv_secret_reserve(&file,
			  next.len + size_of(&flags, v->doc->text_len + 1024) + TV_TAG_BYTES);
	tv_secret_fill(&file, next.len);
	status = print_payload(&file, &next, v->doc, err);
	if (status)
		return status;
	status = put_header(&file, &next, v, err);
	if (status)
		return status;
	v->header = next;
	tv_secret_move(out, &file);
	return TV_OK;
}

enum tv_status tv_vault_encrypt(struct tv_secret *file, const struct tv_vault *v,
				const struct tv_outlet *outlet, struct tv_error *err)
{
	const struct tv_bytes front = {.data = file->data, .len = file->len};
	tv_auto_vault *again = NULL;
	struct tv_error why = {0};
	enum tv_status status = tv_vault_check_header(&again, &front, false, v, &why);

	if (!status)
		status = tv_payload_encrypt(file->data, v, again, outlet, &why);
	tv_stack_wipe();
	return status ? would_not_open(status, &why, err) : TV_OK;
}

enum tv_status tv_vault_seal(struct tv_bytes *out, struct tv_vault *v, struct tv_error *err)
{
	const struct tv_header before = v->header;
	tv_auto_secret file = {0};
	tv_auto_bytes copy = {0};
	enum tv_status status = tv_vault_print(&file, v, err);

	if (!status)
		status = tv_vault_encrypt(&file, v, NULL, err);
	if (!status) {
		tv_bytes_append(&copy, file.data, file.len);
		status = tv_bytes_check(&copy, err);
	}
	if (status) {
		v->header = before;
		return status;
	}
	tv_bytes_free(out);
	*out = copy;
	copy = (struct tv_bytes){0};
	return TV_OK;
}
