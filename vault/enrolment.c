/* Enrolments as text: one way to write each, and a check for what is lost between two machines. */
#include "vault/enrolment.h"

#include <sodium.h>
#include <string.h>

#include "vault/doc.h"

#define FORM	    "tokenvault-enrolment 1"
#define CHECK_BYTES 8

static void put_hex(struct tv_secret *out, const unsigned char *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	tv_secret_putc(out, ' ');
	for (size_t i = 0; i < len; i++) {
		tv_secret_putc(out, digits[data[i] >> 4]);
		tv_secret_putc(out, digits[data[i] & 15]);
	}
}

/* A digit that was mistyped, or lost, is not to make a slot that never opens. */
static void put_check(struct tv_secret *out)
{
	unsigned char hash[32];

	crypto_generichash(hash, sizeof hash, out->data, out->len, NULL, 0);
	put_hex(out, hash, CHECK_BYTES);
}

enum tv_status tv_enrolment_print(struct tv_secret *out, const struct tv_slot_new *slot,
				  const unsigned char vault_id[static TV_ID_BYTES],
				  struct tv_error *err)
{
	const struct tv_slot_type *type = tv_slot_type_by_number(slot->type);

	if (!type || !type->public_key_at)
		return tv_fail(err, TV_BAD_VALUE, "such a key is not asked for by a line");
	tv_secret_puts(out, FORM " ");
	tv_secret_puts(out, type->name);
	tv_secret_putc(out, ' ');
	tv_secret_puts(out, slot->label);
	put_hex(out, vault_id, TV_ID_BYTES);
	put_hex(out, slot->uuid, sizeof slot->uuid);
	put_hex(out, slot->params, slot->params_len);
	put_hex(out, slot->commitment, sizeof slot->commitment);
	put_hex(out, slot->recipient, sizeof slot->recipient);
	put_check(out);
	return tv_secret_check(out, err);
}

/* What is left of the line. */
struct reader {
	const char *at;
	const char *end;
	bool failed;
};

static void take_text(struct reader *r, const char *text)
{
	size_t len = strlen(text);

	if (r->failed || (size_t)(r->end - r->at) < len || strncmp(r->at, text, len) != 0)
		r->failed = true;
	else
		r->at += len;
}

static void take_label(struct reader *r, char *out, size_t size)
{
	size_t len = r->failed ? 0 : strcspn(r->at, " ");

	if (!len || len >= size) {
		r->failed = true;
		return;
	}
	memcpy(out, r->at, len);
	out[len] = '\0';
	r->at += len;
	r->failed = !tv_label_is_valid(out);
}

static void take_hex(struct reader *r, unsigned char *out, size_t len)
{
	size_t got;

	take_text(r, " ");
	if (r->failed || (size_t)(r->end - r->at) < 2 * len ||
	    sodium_hex2bin(out, len, r->at, 2 * len, NULL, &got, NULL) || got != len)
		r->failed = true;
	else
		r->at += 2 * len;
}

/* Whether printing gives the very same, check included. */
static bool is_canonical(const struct reader *line, const struct tv_slot_new *slot,
			 const unsigned char *vault_id)
{
	tv_auto_secret again = {0};
	size_t len = (size_t)(line->end - line->at);

	return !tv_enrolment_print(&again, slot, vault_id, NULL) && again.len == len &&
	       !sodium_memcmp(again.data, line->at, len);
}

enum tv_status tv_enrolment_parse(struct tv_slot_new *out,
				  unsigned char vault_id[static TV_ID_BYTES],
				  const struct tv_secret *line, const struct tv_slot_type *type,
				  struct tv_error *err)
{
	static const char white[] = " \t\r\n";
	const char *text = tv_secret_text(line);
	struct reader whole = {.at = text + strspn(text, white), .end = text + line->len};
	tv_auto_slot_new slot = {.type = type->number, .params_len = type->params_len};
	unsigned char id[TV_ID_BYTES];
	struct reader r;

	while (whole.end > whole.at && strchr(white, whole.end[-1]))
		whole.end--;
	r = whole;
	take_text(&r, FORM " ");
	if (r.failed)
		return tv_fail(err, TV_BAD_VALUE, "that is no line of tokenvault key %s",
			       type->name);
	take_text(&r, type->name);
	take_text(&r, " ");
	take_label(&r, slot.label, sizeof slot.label);
	take_hex(&r, id, sizeof id);
	take_hex(&r, slot.uuid, sizeof slot.uuid);
	take_hex(&r, slot.params, slot.params_len);
	take_hex(&r, slot.commitment, sizeof slot.commitment);
	take_hex(&r, slot.recipient, sizeof slot.recipient);
	if (r.failed || !is_canonical(&whole, &slot, id))
		return tv_fail(err, TV_BAD_VALUE,
			       "the line of tokenvault key %s came here changed or cut short",
			       type->name);
	memcpy(vault_id, id, sizeof id);
	*out = slot;
	return TV_OK;
}
