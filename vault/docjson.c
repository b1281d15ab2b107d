/* The document as JSON: strict parsing that checks all the edits promise. */
#include "vault/docjson.h"

#include <stdlib.h>
#include <string.h>

#include "vault/arena.h"
#include "vault/header.h"
#include "vault/hex.h"

#define DOCUMENT_VERSION 1

enum tv_status tv_doc_damaged(struct tv_error *err, const char *what)
{
	return tv_fail(err, TV_DAMAGED, "the document: %s", what);
}

enum tv_status tv_doc_only(const struct tv_json *object, const char *const *known,
			   struct tv_error *err)
{
	if (!tv_json_is_object(object))
		return tv_doc_damaged(err, "an object is missing");
	for (struct tv_json *m = tv_json_first(object); m; m = tv_json_next(m)) {
		const char *const *k = known;

		while (*k && strcmp(*k, tv_json_key(m)))
			k++;
		if (!*k)
			return tv_fail(err, TV_NEWER, "the document's member %.40s is not known",
				       tv_json_key(m));
	}
	return TV_OK;
}

bool tv_doc_time(int64_t *out, const struct tv_json *object, const char *key)
{
	*out = 0;
	return !tv_json_get(object, key) || (tv_json_get_int(object, key, out) && *out >= 0);
}

bool tv_doc_text(const char **out, const struct tv_json *object, const char *key)
{
	*out = tv_json_get_text(object, key);
	return *out || !tv_json_get(object, key);
}

bool tv_doc_true(bool *out, const struct tv_json *object, const char *key)
{
	*out = tv_json_get_true(object, key);
	return *out || !tv_json_get(object, key);
}

static int by_id(const void *a, const void *b)
{
	const struct tv_entry *x = *(const struct tv_entry *const *)a;
	const struct tv_entry *y = *(const struct tv_entry *const *)b;

	return strcmp(x->id, y->id);
}

/* Rules and paths are about an entry by its id. */
static bool has_id_twice(const struct tv_entry **entries, size_t n)
{
	qsort(entries, n, sizeof *entries, by_id);
	for (size_t i = 1; i < n; i++)
		if (!strcmp(entries[i - 1]->id, entries[i]->id))
			return true;
	return false;
}

static int by_name(const void *a, const void *b)
{
	const struct tv_entry *x = *(const struct tv_entry *const *)a;
	const struct tv_entry *y = *(const struct tv_entry *const *)b;
	int order = strcmp(x->provider, y->provider);

	return order ? order : strcmp(x->now.label, y->now.label);
}

/* A run of entries of one provider, sorted by label: no label twice, exactly one in use. */
static bool run_is_sound(const struct tv_entry *const *run, size_t n)
{
	size_t in_use = 0;

	for (size_t i = 0; i < n; i++) {
		in_use += run[i]->in_use;
		if (i && !strcmp(run[i - 1]->now.label, run[i]->now.label))
			return false;
	}
	return in_use == 1;
}

static enum tv_status check_entries(const struct tv_doc *doc, struct tv_error *err)
{
	const struct tv_entry **live = tv_arena_alloc((doc->n_entries + 1) * sizeof *live);
	enum tv_status status = TV_OK;
	size_t n = 0;
	size_t end;

	if (!live)
		return tv_fail(err, TV_NO_MEMORY, "for the entries");
	for (size_t i = 0; i < doc->n_entries; i++)
		live[i] = &doc->entries[i];
	if (has_id_twice(live, doc->n_entries))
		status = tv_doc_damaged(err, "two entries have one id");
	for (size_t i = 0; i < doc->n_entries; i++) {
		if (!doc->entries[i].removed)
			live[n++] = &doc->entries[i];
		else if (doc->entries[i].in_use)
			status = tv_doc_damaged(err, "a removed entry is in use");
	}
	qsort(live, n, sizeof *live, by_name);
	for (size_t start = 0; start < n; start = end) {
		for (end = start + 1; end < n; end++)
			if (strcmp(live[start]->provider, live[end]->provider))
				break;
		if (!run_is_sound(live + start, end - start))
			status = tv_doc_damaged(err, "entries contradict each other");
	}
	tv_arena_free(live);
	return status;
}

static enum tv_status parse_entries(struct tv_doc *doc, const struct tv_json *list,
				    struct tv_error *err)
{
	size_t n = tv_json_count(list);

	if (!tv_json_is_array(list) || n > TV_ENTRIES_MAX)
		return tv_doc_damaged(err, "the entries are missing or too many");
	doc->entries = tv_arena_alloc((n + 1) * sizeof *doc->entries);
	if (!doc->entries)
		return tv_fail(err, TV_NO_MEMORY, "for %zu entries", n);
	for (struct tv_json *j = tv_json_first(list); j; j = tv_json_next(j)) {
		enum tv_status status = tv_entry_parse(&doc->entries[doc->n_entries++], j, err);

		if (status)
			return status;
	}
	return check_entries(doc, err);
}

static enum tv_status parse_keys(struct tv_doc *doc, const struct tv_json *list,
				 struct tv_error *err)
{
	static const char *const known[] = {"uuid", "recipient", "label", "created", NULL};

	if (!tv_json_is_array(list) || tv_json_count(list) > TV_SLOTS_MAX)
		return tv_doc_damaged(err, "the slots' notes are missing or too many");
	for (struct tv_json *j = tv_json_first(list); j; j = tv_json_next(j)) {
		const char *label = tv_json_get_text(j, "label");
		struct tv_key_note key = {0};
		enum tv_status status = tv_doc_only(j, known, err);

		if (status)
			return status;
		if (!label || !tv_label_is_valid(label) ||
		    !tv_json_get_hex(j, "uuid", key.uuid, sizeof key.uuid) ||
		    !tv_json_get_hex(j, "recipient", key.recipient, sizeof key.recipient) ||
		    !tv_doc_time(&key.created, j, "created") || tv_doc_find_key(doc, key.uuid))
			return tv_doc_damaged(err, "a slot's note is out of bounds");
		status = tv_doc_add_key(doc, &key, label, err);
		if (status)
			return status;
	}
	return TV_OK;
}

static enum tv_status parse_lineage(struct tv_doc *doc, const struct tv_json *list,
				    struct tv_error *err)
{
	if (!tv_json_is_array(list) || tv_json_count(list) > TV_LINEAGE_MAX)
		return tv_doc_damaged(err, "the lineage is missing or too long");
	for (struct tv_json *j = tv_json_first(list); j; j = tv_json_next(j)) {
		unsigned char pin[32];
		enum tv_status status;

		if (!tv_json_hex(j, pin, sizeof pin))
			return tv_doc_damaged(err, "a pin is out of bounds");
		status = tv_doc_add_lineage(doc, pin, err);
		if (status)
			return status;
	}
	return TV_OK;
}

/* Vaults from before there was an audit log have none. */
static enum tv_status parse_audit(struct tv_doc *doc, const struct tv_json *j, struct tv_error *err)
{
	if (!j)
		return TV_OK;
	doc->has_audit = tv_json_hex(j, doc->audit, sizeof doc->audit);
	return doc->has_audit ? TV_OK : tv_doc_damaged(err, "its key of the audit log");
}

static enum tv_status parse_all(struct tv_doc *doc, const struct tv_json *j, struct tv_error *err)
{
	static const char *const known[] = {"version", "entries",  "views",   "paths", "rules",
					    "keys",    "settings", "lineage", "audit", NULL};
	enum tv_status status;
	int64_t version;

	if (!tv_json_get_int(j, "version", &version) || version < 1)
		return tv_doc_damaged(err, "its version is missing");
	if (version > DOCUMENT_VERSION)
		return tv_fail(err, TV_NEWER, "document version %lld", (long long)version);
	status = tv_doc_only(j, known, err);
	if (!status)
		status = parse_entries(doc, tv_json_get(j, "entries"), err);
	if (!status)
		status = tv_choices_parse(doc, j, err);
	if (!status)
		status = parse_keys(doc, tv_json_get(j, "keys"), err);
	if (!status)
		status = parse_lineage(doc, tv_json_get(j, "lineage"), err);
	if (!status)
		status = parse_audit(doc, tv_json_get(j, "audit"), err);
	return status;
}

enum tv_status tv_doc_parse(struct tv_doc **out, const void *text, size_t len, struct tv_error *err)
{
	tv_auto_json *j = NULL;
	enum tv_status status = tv_json_parse(&j, text, len, err);
	struct tv_doc *doc;

	if (status)
		return status;
	doc = tv_doc_new();
	if (!doc)
		return tv_fail(err, TV_NO_MEMORY, "for the document");
	status = parse_all(doc, j, err);
	if (status) {
		tv_doc_free(doc);
		return status;
	}
	*out = doc;
	return TV_OK;
}
