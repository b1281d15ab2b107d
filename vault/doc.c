/* The document's entries: finding, validity, and the small changes that edits are made of. */
#include "vault/doc.h"

#include <sodium.h>
#include <string.h>

#include "vault/arena.h"
#include "vault/entry.h"
#include "vault/utf8.h"

static bool made_of(const char *text, size_t max, const char *set)
{
	size_t len = strlen(text);

	return len && len <= max && strspn(text, set) == len;
}

#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

bool tv_label_is_valid(const char *label)
{
	return made_of(label, TV_LABEL_MAX, LOWER UPPER DIGITS "._-") && strcmp(label, ".") &&
	       strcmp(label, "..");
}

bool tv_provider_name_is_valid(const char *name)
{
	return made_of(name, 32, LOWER DIGITS "-") && *name != '-';
}

bool tv_field_name_is_valid(const char *name)
{
	return made_of(name, 32, LOWER DIGITS "_") && *name >= 'a';
}

bool tv_file_name_is_valid(const char *name)
{
	return *name && !strchr(name, '/') && strcmp(name, ".") && strcmp(name, "..") &&
	       tv_text_is_valid(name, 255);
}

bool tv_text_is_valid(const char *text, size_t max)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return false;
	return len <= max && tv_utf8_is_valid(text, len);
}

bool tv_text_is_shown(const char *text, size_t max)
{
	bool is = tv_text_is_valid(text, max);

	/* Nearly always there is nothing else. */
	while (*text >= ' ' && *text < 0x7f)
		text++;
	while (is && *text)
		is = tv_utf8_is_shown(tv_utf8_next(&text));
	return is;
}

enum tv_status tv_token_clean(struct tv_secret *token, struct tv_error *err)
{
	while (token->len &&
	       (token->data[token->len - 1] == '\n' || token->data[token->len - 1] == '\r'))
		token->data[--token->len] = '\0';
	if (!token->len)
		return tv_fail(err, TV_BAD_VALUE, "the token is empty");
	if (token->len > TV_TOKEN_MAX)
		return tv_fail(err, TV_BAD_VALUE, "the token has %zu bytes, %d are the most",
			       token->len, TV_TOKEN_MAX);
	for (size_t i = 0; i < token->len; i++)
		if (token->data[i] < ' ' || token->data[i] > '~')
			return tv_fail(err, TV_BAD_VALUE,
				       "byte %zu of the token is not printable ASCII", i + 1);
	return TV_OK;
}

struct tv_doc *tv_doc_new(void)
{
	return tv_arena_alloc(sizeof(struct tv_doc));
}

void tv_doc_free_rest(struct tv_doc *doc)
{
	for (size_t i = 0; i < doc->n_keys; i++)
		tv_arena_free(doc->keys[i].label);
	tv_doc_free_choices(doc);
	tv_settings_free(&doc->settings);
	tv_arena_free(doc->keys);
	tv_arena_free(doc->lineage);
}

void tv_doc_free(struct tv_doc *doc)
{
	if (!doc)
		return;
	for (size_t i = 0; i < doc->n_entries; i++)
		tv_entry_release(doc->entries[i]);
	tv_doc_free_rest(doc);
	tv_arena_free(doc->entries);
	tv_arena_free(doc->names.at);
	tv_arena_free(doc->ids.at);
	tv_arena_free(doc->used.at);
	tv_arena_free(doc->dated.at);
	tv_arena_free(doc->loose);
	tv_arena_free(doc);
}

void *tv_grow(void *array, size_t count, size_t size)
{
	return tv_arena_realloc(array, (count + 1) * size);
}

enum tv_status tv_doc_add_key(struct tv_doc *doc, const struct tv_key_note *key, const char *label,
			      struct tv_error *err)
{
	char *name = tv_arena_strdup(label);
	struct tv_key_note *keys = tv_grow(doc->keys, doc->n_keys, sizeof *keys);

	if (keys)
		doc->keys = keys;
	if (!name || !keys) {
		tv_arena_free(name);
		return tv_fail(err, TV_NO_MEMORY, "for a slot's note");
	}
	keys[doc->n_keys] = *key;
	keys[doc->n_keys++].label = name;
	return TV_OK;
}

struct tv_key_note *tv_doc_find_key(const struct tv_doc *doc, const unsigned char *uuid)
{
	for (size_t i = 0; i < doc->n_keys; i++)
		if (!memcmp(doc->keys[i].uuid, uuid, sizeof doc->keys[i].uuid))
			return &doc->keys[i];
	return NULL;
}

void tv_doc_remove_key(struct tv_doc *doc, const unsigned char *uuid)
{
	struct tv_key_note *key = tv_doc_find_key(doc, uuid);

	if (!key)
		return;
	tv_arena_free(key->label);
	memmove(key, key + 1, (size_t)(doc->keys + doc->n_keys - key - 1) * sizeof *key);
	doc->n_keys--;
}

enum tv_status tv_doc_add_lineage(struct tv_doc *doc, const unsigned char pin[static 32],
				  struct tv_error *err)
{
	unsigned char(*pins)[32] = tv_grow(doc->lineage, doc->n_lineage, sizeof *pins);

	if (!pins)
		return tv_fail(err, TV_NO_MEMORY, "for a pin");
	doc->lineage = pins;
	if (doc->n_lineage == TV_LINEAGE_MAX) {
		memmove(pins, pins + 1, (TV_LINEAGE_MAX - 1) * sizeof *pins);
		doc->n_lineage--;
	}
	memcpy(pins[doc->n_lineage++], pin, sizeof *pins);
	return TV_OK;
}

const struct tv_entry *tv_doc_find_removed(const struct tv_doc *doc, const char *provider,
					   const char *label)
{
	const struct tv_entry *last = NULL;

	for (size_t i = 0; i < doc->n_entries; i++) {
		const struct tv_entry *e = doc->entries[i];

		if (e->removed && !strcmp(e->provider, provider) &&
		    !strcmp(e->now.label, label ? label : "default") &&
		    (!last || e->removed >= last->removed))
			last = e;
	}
	return last;
}
