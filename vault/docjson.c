/* The document as JSON: printing, and strict parsing that checks all the edits promise. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "vault/arena.h"
#include "vault/doc.h"
#include "vault/entry.h"
#include "vault/header.h"
#include "vault/hex.h"

#define DOCUMENT_VERSION 1

static enum tv_status damaged(struct tv_error *err, const char *what)
{
	return tv_fail(err, TV_DAMAGED, "the document: %s", what);
}

/* Every member must be one of the known ones: else the document was written by a newer program. */
static enum tv_status only(const struct tv_json *object, const char *const *known,
			   struct tv_error *err)
{
	if (!tv_json_is_object(object))
		return damaged(err, "an object is missing");
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

/* A time that may be missing (0) but not negative. */
static bool get_time(int64_t *out, const struct tv_json *object, const char *key)
{
	*out = 0;
	return !tv_json_get(object, key) || (tv_json_get_int(object, key, out) && *out >= 0);
}

static enum tv_status parse_fields(struct tv_version *v, const struct tv_json *fields,
				   struct tv_error *err)
{
	for (struct tv_json *f = tv_json_first(fields); f; f = tv_json_next(f)) {
		const char *value = tv_json_text(f);

		if (!tv_json_key(f) || !value ||
		    tv_version_set_field(v, tv_json_key(f), value, err))
			return damaged(err, "a field is out of bounds");
	}
	return TV_OK;
}

static enum tv_status parse_version(struct tv_version *v, const struct tv_json *j,
				    struct tv_error *err)
{
	const char *token = tv_json_get_text(j, "token");
	const char *label = tv_json_get_text(j, "label");
	const char *note = tv_json_get_text(j, "note");
	size_t len = token ? strlen(token) : 0;

	if (!token || !label || tv_version_set_label(v, label, NULL) ||
	    tv_version_set_note(v, note, NULL) || !get_time(&v->expires, j, "expires") ||
	    !get_time(&v->since, j, "since"))
		return damaged(err, "an entry is out of bounds");
	tv_secret_append(&v->token, token, len);
	if (v->token.failed)
		return tv_fail(err, TV_NO_MEMORY, "for a token");
	if (tv_token_clean(&v->token, NULL) || v->token.len != len)
		return damaged(err, "a token is out of bounds");
	return parse_fields(v, tv_json_get(j, "fields"), err);
}

static enum tv_status parse_history(struct tv_entry *e, const struct tv_json *list,
				    struct tv_error *err)
{
	static const char *const known[] = {"token",   "label", "note", "fields",
					    "expires", "since", NULL};

	if (tv_json_count(list) > TV_HISTORY_MAX)
		return damaged(err, "a history is too long");
	e->history = list ? tv_arena_alloc((tv_json_count(list) + 1) * sizeof *e->history) : NULL;
	if (list && !e->history)
		return tv_fail(err, TV_NO_MEMORY, "for a history");
	for (struct tv_json *j = tv_json_first(list); j; j = tv_json_next(j)) {
		enum tv_status status = only(j, known, err);

		if (!status)
			status = parse_version(&e->history[e->n_history++], j, err);
		if (status)
			return status;
	}
	return TV_OK;
}

static enum tv_status parse_entry(struct tv_entry *e, const struct tv_json *j, struct tv_error *err)
{
	static const char *const known[] = {"id",	"provider", "token",   "label",
					    "note",	"fields",   "expires", "since",
					    "created",	"updated",  "removed", "account",
					    "verified", "history",  "in_use",  NULL};
	const char *id = tv_json_get_text(j, "id");
	const char *provider = tv_json_get_text(j, "provider");
	const char *account = tv_json_get_text(j, "account");
	enum tv_status status = only(j, known, err);

	if (status)
		return status;
	if (!id || strlen(id) != TV_ID_CHARS || strspn(id, "0123456789abcdef") != TV_ID_CHARS ||
	    !provider || !tv_provider_name_is_valid(provider) ||
	    (account && !tv_text_is_valid(account, TV_NOTE_MAX)) ||
	    !get_time(&e->created, j, "created") || !get_time(&e->updated, j, "updated") ||
	    !get_time(&e->removed, j, "removed") || !get_time(&e->verified, j, "verified"))
		return damaged(err, "an entry is out of bounds");
	memcpy(e->id, id, TV_ID_CHARS + 1);
	e->in_use = tv_json_get_true(j, "in_use");
	e->provider = tv_arena_strdup(provider);
	e->account = account ? tv_arena_strdup(account) : NULL;
	if (!e->provider || (account && !e->account))
		return tv_fail(err, TV_NO_MEMORY, "for an entry");
	status = parse_version(&e->now, j, err);
	return status ? status : parse_history(e, tv_json_get(j, "history"), err);
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
	for (size_t i = 0; i < doc->n_entries; i++) {
		if (!doc->entries[i].removed)
			live[n++] = &doc->entries[i];
		else if (doc->entries[i].in_use)
			status = damaged(err, "a removed entry is in use");
	}
	qsort(live, n, sizeof *live, by_name);
	for (size_t start = 0; start < n; start = end) {
		for (end = start + 1; end < n; end++)
			if (strcmp(live[start]->provider, live[end]->provider))
				break;
		if (!run_is_sound(live + start, end - start))
			status = damaged(err, "entries contradict each other");
	}
	tv_arena_free(live);
	return status;
}

static enum tv_status parse_entries(struct tv_doc *doc, const struct tv_json *list,
				    struct tv_error *err)
{
	size_t n = tv_json_count(list);

	if (!tv_json_is_array(list) || n > TV_ENTRIES_MAX)
		return damaged(err, "the entries are missing or too many");
	doc->entries = tv_arena_alloc((n + 1) * sizeof *doc->entries);
	if (!doc->entries)
		return tv_fail(err, TV_NO_MEMORY, "for %zu entries", n);
	for (struct tv_json *j = tv_json_first(list); j; j = tv_json_next(j)) {
		enum tv_status status = parse_entry(&doc->entries[doc->n_entries++], j, err);

		if (status)
			return status;
	}
	return check_entries(doc, err);
}

/* A vault without any has no such member: the first ones had not. */
static enum tv_status parse_switches(struct tv_doc *doc, const struct tv_json *list,
				     struct tv_error *err)
{
	static const char *const known[] = {"provider", "file", "on", NULL};

	if (list && !tv_json_is_array(list))
		return damaged(err, "the views are no list");
	for (struct tv_json *j = tv_json_first(list); j; j = tv_json_next(j)) {
		const char *provider = tv_json_get_text(j, "provider");
		const char *file = tv_json_get_text(j, "file");
		enum tv_status status = only(j, known, err);

		if (status)
			return status;
		if (!provider || !tv_provider_name_is_valid(provider) || !file ||
		    !tv_file_name_is_valid(file) || !tv_json_is_bool(tv_json_get(j, "on")) ||
		    tv_doc_switch(doc, provider, file) || doc->n_switches >= TV_SWITCHES_MAX)
			return damaged(err, "a view is out of bounds");
		status = tv_doc_set_switch(doc, provider, file, tv_json_get_true(j, "on"), err);
		if (status)
			return status;
	}
	return TV_OK;
}

static enum tv_status parse_keys(struct tv_doc *doc, const struct tv_json *list,
				 struct tv_error *err)
{
	static const char *const known[] = {"uuid", "recipient", "label", "created", NULL};

	if (!tv_json_is_array(list) || tv_json_count(list) > TV_SLOTS_MAX)
		return damaged(err, "the slots' notes are missing or too many");
	for (struct tv_json *j = tv_json_first(list); j; j = tv_json_next(j)) {
		const char *label = tv_json_get_text(j, "label");
		struct tv_key_note key = {0};
		enum tv_status status = only(j, known, err);

		if (status)
			return status;
		if (!label || !tv_label_is_valid(label) ||
		    !tv_json_get_hex(j, "uuid", key.uuid, sizeof key.uuid) ||
		    !tv_json_get_hex(j, "recipient", key.recipient, sizeof key.recipient) ||
		    !get_time(&key.created, j, "created") || tv_doc_find_key(doc, key.uuid))
			return damaged(err, "a slot's note is out of bounds");
		status = tv_doc_add_key(doc, &key, label, err);
		if (status)
			return status;
	}
	return TV_OK;
}

static enum tv_status parse_lineage(struct tv_doc *doc, const struct tv_json *list,
				    struct tv_error *err)
{
	if (!tv_json_is_array(list))
		return damaged(err, "the lineage is missing");
	for (struct tv_json *j = tv_json_first(list); j; j = tv_json_next(j)) {
		unsigned char pin[32];
		enum tv_status status;

		if (!tv_json_hex(j, pin, sizeof pin))
			return damaged(err, "a pin is out of bounds");
		status = tv_doc_add_lineage(doc, pin, err);
		if (status)
			return status;
	}
	return TV_OK;
}

static enum tv_status parse_all(struct tv_doc *doc, const struct tv_json *j, struct tv_error *err)
{
	static const char *const known[] = {"version", "entries", "views", "keys", "lineage", NULL};
	enum tv_status status;
	int64_t version;

	if (!tv_json_get_int(j, "version", &version) || version < 1)
		return damaged(err, "its version is missing");
	if (version > DOCUMENT_VERSION)
		return tv_fail(err, TV_NEWER, "document version %lld", (long long)version);
	status = only(j, known, err);
	if (!status)
		status = parse_entries(doc, tv_json_get(j, "entries"), err);
	if (!status)
		status = parse_switches(doc, tv_json_get(j, "views"), err);
	if (!status)
		status = parse_keys(doc, tv_json_get(j, "keys"), err);
	if (!status)
		status = parse_lineage(doc, tv_json_get(j, "lineage"), err);
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

/* Zero stands for "none" and is left out. */
static bool put_time(struct tv_json *object, const char *key, int64_t time)
{
	return !time || tv_json_put_int(object, key, time);
}

static bool put_version(struct tv_json *object, const struct tv_version *v)
{
	struct tv_json *fields;

	if (!tv_json_put_text(object, "label", v->label) ||
	    !tv_json_put_text(object, "token", tv_secret_text(&v->token)) ||
	    (v->note && !tv_json_put_text(object, "note", v->note)) ||
	    !put_time(object, "expires", v->expires) || !put_time(object, "since", v->since))
		return false;
	if (!v->n_fields)
		return true;
	if (!tv_json_put(object, "fields", tv_json_object()))
		return false;
	fields = tv_json_get(object, "fields");
	for (size_t i = 0; i < v->n_fields; i++)
		if (!tv_json_put_text(fields, v->fields[i].name, v->fields[i].value))
			return false;
	return true;
}

static bool put_history(struct tv_json *object, const struct tv_entry *e)
{
	struct tv_json *list;

	if (!e->n_history)
		return true;
	if (!tv_json_put(object, "history", tv_json_array()))
		return false;
	list = tv_json_get(object, "history");
	for (size_t i = 0; i < e->n_history; i++) {
		struct tv_json *version = tv_json_object();

		if (!tv_json_put(list, NULL, version) || !put_version(version, &e->history[i]))
			return false;
	}
	return true;
}

static bool put_entry(struct tv_json *list, const struct tv_entry *e)
{
	struct tv_json *j = tv_json_object();

	return tv_json_put(list, NULL, j) && tv_json_put_text(j, "id", e->id) &&
	       tv_json_put_text(j, "provider", e->provider) && put_version(j, &e->now) &&
	       put_time(j, "created", e->created) && put_time(j, "updated", e->updated) &&
	       put_time(j, "removed", e->removed) && put_time(j, "verified", e->verified) &&
	       (!e->account || tv_json_put_text(j, "account", e->account)) &&
	       (!e->in_use || tv_json_put_bool(j, "in_use", true)) && put_history(j, e);
}

static bool put_switches(struct tv_json *object, const struct tv_doc *doc)
{
	struct tv_json *list = doc->n_switches ? tv_json_array() : NULL;
	bool put = !doc->n_switches || tv_json_put(object, "views", list);

	for (size_t i = 0; put && i < doc->n_switches; i++) {
		struct tv_json *j = tv_json_object();

		put = tv_json_put(list, NULL, j) &&
		      tv_json_put_text(j, "provider", doc->switches[i].provider) &&
		      tv_json_put_text(j, "file", doc->switches[i].file) &&
		      tv_json_put_bool(j, "on", doc->switches[i].on);
	}
	return put;
}

static bool put_key(struct tv_json *list, const struct tv_key_note *key)
{
	struct tv_json *j = tv_json_object();

	return tv_json_put(list, NULL, j) &&
	       tv_json_put_hex(j, "uuid", key->uuid, sizeof key->uuid) &&
	       tv_json_put_hex(j, "recipient", key->recipient, sizeof key->recipient) &&
	       tv_json_put_text(j, "label", key->label) && put_time(j, "created", key->created);
}

static bool put_all(struct tv_json *j, const struct tv_doc *doc)
{
	struct tv_json *entries = tv_json_array();
	struct tv_json *keys;
	struct tv_json *lineage;

	if (!tv_json_put_int(j, "version", DOCUMENT_VERSION) || !tv_json_put(j, "entries", entries))
		return false;
	for (size_t i = 0; i < doc->n_entries; i++)
		if (!put_entry(entries, &doc->entries[i]))
			return false;
	if (!put_switches(j, doc))
		return false;
	keys = tv_json_array();
	if (!tv_json_put(j, "keys", keys))
		return false;
	for (size_t i = 0; i < doc->n_keys; i++)
		if (!put_key(keys, &doc->keys[i]))
			return false;
	lineage = tv_json_array();
	if (!tv_json_put(j, "lineage", lineage))
		return false;
	for (size_t i = 0; i < doc->n_lineage; i++)
		if (!tv_json_put_hex(lineage, NULL, doc->lineage[i], sizeof doc->lineage[i]))
			return false;
	return true;
}

enum tv_status tv_doc_print(struct tv_secret *out, const struct tv_doc *doc, struct tv_error *err)
{
	tv_auto_json *j = tv_json_object();

	if (!put_all(j, doc))
		return tv_fail(err, TV_NO_MEMORY, "for the document");
	return tv_json_print(out, j, err);
}
