/* The document as JSON: strict parsing that checks all the edits promise. */
#include "vault/docjson.h"

#include <string.h>

#include "vault/header.h"
#include "vault/hex.h"
#include "vault/span.h"

enum tv_status tv_doc_damaged(struct tv_error *err, const char *what)
{
	return tv_fail(err, TV_DAMAGED, "the document: %s", what);
}

enum tv_status tv_doc_not_taken(enum tv_status why, struct tv_error *err, const char *what)
{
	return why == TV_NO_MEMORY ? tv_fail(err, why, "for a part of the document")
				   : tv_doc_damaged(err, what);
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

static enum tv_status parse_entries(struct tv_doc *doc, struct tv_span list, struct tv_error *err)
{
	struct tv_span one;
	enum tv_status status = TV_OK;

	while (!status && tv_span_element(&one, &list)) {
		struct tv_entry *e;

		if (doc->n_entries == TV_ENTRIES_MAX)
			return tv_doc_damaged(err, "the entries are too many");
		status = tv_doc_reserve(doc, doc->n_entries + 1, err);
		if (!status)
			status = tv_entry_read(&e, one.at, one.len, err);
		if (!status)
			tv_doc_append(doc, e);
	}
	if (!status && list.at)
		return tv_doc_damaged(err, "the entries are no list");
	return status ? status : tv_doc_index(doc, err);
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

enum tv_status tv_doc_rest_parse(struct tv_doc *doc, const struct tv_json *j, struct tv_error *err)
{
	enum tv_status status = tv_choices_parse(doc, j, err);

	if (!status)
		status = parse_keys(doc, tv_json_get(j, "keys"), err);
	if (!status)
		status = parse_lineage(doc, tv_json_get(j, "lineage"), err);
	return status ? status : parse_audit(doc, tv_json_get(j, "audit"), err);
}

static enum tv_status check_head(const struct tv_json *j, struct tv_error *err)
{
	static const char *const known[] = {"version", "entries",  "views",   "paths", "rules",
					    "keys",    "settings", "lineage", "audit", NULL};
	int64_t version = 0;

	tv_json_get_int(j, "version", &version);
	if (version < 1)
		return tv_doc_damaged(err, "its version is missing");
	if (version > TV_DOC_VERSION)
		return tv_fail(err, TV_NEWER, "document version %lld", (long long)version);
	return tv_doc_only(j, known, err);
}

/* The text apart from its list of entries: they are read one by one, so that there never is a tree of them all. Where
 * no member is spelled so it may be in another way, and then the list is copied. */
static enum tv_status split(struct tv_json **rest, struct tv_span *list, struct tv_secret *copy,
			    struct tv_span text, struct tv_error *err)
{
	tv_auto_secret around = {0};
	enum tv_status status;

	if (!tv_span_member(list, text, "entries")) {
		status = tv_json_parse(rest, text.at, text.len, err);
		if (!status && tv_json_get(*rest, "entries"))
			status = tv_json_print(copy, tv_json_get(*rest, "entries"), err);
		*list = (struct tv_span){tv_secret_text(copy), copy->len};
		return status;
	}
	tv_secret_append(&around, text.at, (size_t)(list->at - text.at));
	tv_secret_puts(&around, "[]");
	tv_secret_append(&around, list->at + list->len,
			 (size_t)(text.at + text.len - list->at) - list->len);
	status = tv_secret_check(&around, err);
	return status ? status : tv_json_parse(rest, around.data, around.len, err);
}

static enum tv_status parse_all(struct tv_doc *doc, struct tv_span text, struct tv_error *err)
{
	tv_auto_secret copy = {0};
	tv_auto_json *j = NULL;
	struct tv_span list;
	enum tv_status status = split(&j, &list, &copy, text, err);

	if (!status)
		status = check_head(j, err);
	if (!status)
		status = parse_entries(doc, list, err);
	return status ? status : tv_doc_rest_parse(doc, j, err);
}

enum tv_status tv_doc_parse(struct tv_doc **out, const void *text, size_t len, struct tv_error *err)
{
	struct tv_doc *doc = tv_doc_new();
	enum tv_status status;

	if (!doc)
		return tv_fail(err, TV_NO_MEMORY, "for the document");
	status = parse_all(doc, (struct tv_span){text, len}, err);
	if (status) {
		tv_doc_free(doc);
		return status;
	}
	doc->text_len = len;
	*out = doc;
	return TV_OK;
}

static enum tv_status share_entries(struct tv_doc *to, const struct tv_doc *from,
				    struct tv_error *err)
{
	enum tv_status status = tv_doc_reserve(to, from->n_entries + 1, err);

	if (status)
		return status;
	for (size_t i = 0; i < from->n_entries; i++) {
		from->entries[i]->holders++;
		tv_doc_append(to, from->entries[i]);
	}
	to->names.count = from->names.count;
	to->ids.count = from->ids.count;
	to->used.count = from->used.count;
	to->dated.count = from->dated.count;
	if (!from->n_entries)
		return TV_OK;
	memcpy(to->names.at, from->names.at, from->names.count * sizeof(struct tv_entry *));
	memcpy(to->ids.at, from->ids.at, from->ids.count * sizeof(struct tv_entry *));
	memcpy(to->used.at, from->used.at, from->used.count * sizeof(struct tv_entry *));
	memcpy(to->dated.at, from->dated.at, from->dated.count * sizeof(struct tv_entry *));
	return TV_OK;
}

enum tv_status tv_doc_share(struct tv_doc **out, const struct tv_doc *doc, struct tv_error *err)
{
	tv_auto_json *rest = tv_doc_rest(doc, err);
	struct tv_doc *copy = tv_doc_new();
	enum tv_status status = TV_NO_MEMORY;

	if (!copy)
		return tv_fail(err, status, "for the document");
	if (rest)
		status = share_entries(copy, doc, err);
	if (!status)
		status = tv_doc_rest_parse(copy, rest, err);
	if (status) {
		tv_doc_free(copy);
		return status;
	}
	copy->text_len = doc->text_len;
	*out = copy;
	return TV_OK;
}

/* Its entries stand in for those of the document that would be read. */
enum tv_status tv_doc_check(const struct tv_doc *doc, struct tv_error *err)
{
	struct tv_doc read = {.entries = doc->entries,
			      .n_entries = doc->n_entries,
			      .names = doc->names,
			      .ids = doc->ids,
			      .used = doc->used};
	tv_auto_json *rest = tv_doc_rest(doc, err);
	enum tv_status status = rest ? tv_doc_rest_parse(&read, rest, err) : TV_NO_MEMORY;

	tv_doc_free_rest(&read);
	return !status && doc->n_loose ? tv_doc_damaged(err, "an edit is under way") : status;
}
