/* The document as JSON: printing. */
#include "vault/arena.h"
#include "vault/docjson.h"
#include "vault/hex.h"
#include "vault/rules.h"

#define DOCUMENT_VERSION 1

/* Zero stands for "none" and is left out. */
static bool put_time(struct tv_json *object, const char *key, int64_t time)
{
	return !time || tv_json_put_int(object, key, time);
}

static bool put_hosts(struct tv_json *object, const char *key, const struct tv_hosts *h)
{
	return !h->count || tv_json_put(object, key, tv_hosts_to_json(h));
}

static bool put_version(struct tv_json *object, const struct tv_version *v)
{
	struct tv_json *fields;

	if (!tv_json_put_text(object, "label", v->label) ||
	    !tv_json_put_text(object, "token", tv_secret_text(&v->token)) ||
	    (v->note && !tv_json_put_text(object, "note", v->note)) ||
	    !put_time(object, "expires", v->expires) ||
	    (v->expires_from &&
	     !tv_json_put_text(object, "expires_from", tv_expiry_name(v->expires_from))) ||
	    !put_time(object, "since", v->since) || !put_time(object, "ended", v->ended) ||
	    (v->account && !tv_json_put_text(object, "account", v->account)) ||
	    !put_hosts(object, "hosts", &v->hosts))
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

static bool put_rotation(struct tv_json *object, const struct tv_rotation *r)
{
	struct tv_json *j = r->name ? tv_json_object() : NULL;

	return !r->name ||
	       (tv_json_put(object, "rotation", j) &&
		tv_json_put_text(j, "step", r->token.len ? "minted" : "minting") &&
		tv_json_put_text(j, "name", r->name) && put_time(j, "started", r->started) &&
		(!r->token.len || tv_json_put_text(j, "token", tv_secret_text(&r->token))) &&
		(!r->id || tv_json_put_text(j, "id", r->id)) && put_time(j, "expires", r->expires));
}

static bool put_revoking(struct tv_json *object, const struct tv_entry *e)
{
	struct tv_json *list = e->n_revoking ? tv_json_array() : NULL;
	bool put = !e->n_revoking || tv_json_put(object, "revoking", list);

	for (size_t i = 0; put && i < e->n_revoking; i++) {
		struct tv_json *j = tv_json_object();

		put = tv_json_put(list, NULL, j) && tv_json_put_text(j, "id", e->revoking[i].id) &&
		      put_time(j, "at", e->revoking[i].at);
	}
	return put;
}

/* What the service said last, where it was asked. */
static bool put_answer(struct tv_json *j, const struct tv_entry *e)
{
	return put_time(j, "verified", e->verified) && put_time(j, "tried", e->tried) &&
	       (!e->tried || tv_json_put_text(j, "answer", tv_status_name(e->answer)));
}

static bool put_entry(struct tv_json *list, const struct tv_entry *e)
{
	struct tv_json *j = tv_json_object();

	return tv_json_put(list, NULL, j) && tv_json_put_text(j, "id", e->id) &&
	       tv_json_put_text(j, "provider", e->provider) && put_version(j, &e->now) &&
	       put_time(j, "created", e->created) && put_time(j, "updated", e->updated) &&
	       put_time(j, "removed", e->removed) && put_answer(j, e) &&
	       (!e->in_use || tv_json_put_bool(j, "in_use", true)) &&
	       (!e->deny || tv_json_put_bool(j, "deny", true)) && put_rotation(j, &e->rotation) &&
	       put_revoking(j, e) && put_history(j, e);
}

static bool put_entry_id(struct tv_json *object, const char *id)
{
	return !*id || tv_json_put_text(object, "entry", id);
}

static bool put_switches(struct tv_json *object, const struct tv_doc *doc)
{
	struct tv_json *list = doc->n_switches ? tv_json_array() : NULL;
	bool put = !doc->n_switches || tv_json_put(object, "views", list);

	for (size_t i = 0; put && i < doc->n_switches; i++) {
		struct tv_json *j = tv_json_object();

		put = tv_json_put(list, NULL, j) &&
		      tv_json_put_text(j, "provider", doc->switches[i].provider) &&
		      put_entry_id(j, doc->switches[i].entry) &&
		      tv_json_put_text(j, "file", doc->switches[i].file) &&
		      tv_json_put_bool(j, "on", doc->switches[i].on);
	}
	return put;
}

static bool put_paths(struct tv_json *object, const struct tv_doc *doc)
{
	struct tv_json *list = doc->n_paths ? tv_json_array() : NULL;
	bool put = !doc->n_paths || tv_json_put(object, "paths", list);

	for (size_t i = 0; put && i < doc->n_paths; i++) {
		struct tv_json *j = tv_json_object();

		put = tv_json_put(list, NULL, j) &&
		      tv_json_put_text(j, "provider", doc->paths[i].provider) &&
		      put_entry_id(j, doc->paths[i].entry) &&
		      tv_json_put_text(j, "file", doc->paths[i].file) &&
		      tv_json_put_text(j, "path", doc->paths[i].path);
	}
	return put;
}

static bool put_rules(struct tv_json *object, const struct tv_doc *doc)
{
	struct tv_json *list = doc->n_rules ? tv_json_array() : NULL;
	bool put = !doc->n_rules || tv_json_put(object, "rules", list);

	for (size_t i = 0; put && i < doc->n_rules; i++) {
		struct tv_json *j = tv_json_object();

		put = tv_json_put(list, NULL, j) && tv_json_put_text(j, "id", doc->rules[i].id) &&
		      tv_json_put_text(j, "entry", doc->rules[i].entry) &&
		      tv_rule_put(j, &doc->rules[i]) &&
		      put_time(j, "created", doc->rules[i].created);
	}
	return put;
}

static bool put_settings(struct tv_json *object, const struct tv_settings *s)
{
	struct tv_json *j = tv_settings_are_set(s) ? tv_json_object() : NULL;

	return !tv_settings_are_set(s) ||
	       (tv_json_put(object, "settings", j) && tv_settings_put(j, s, false));
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
	if (!put_switches(j, doc) || !put_paths(j, doc) || !put_rules(j, doc) ||
	    !put_settings(j, &doc->settings))
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
	return !doc->has_audit || tv_json_put_hex(j, "audit", doc->audit, sizeof doc->audit);
}

enum tv_status tv_doc_print(struct tv_secret *out, const struct tv_doc *doc, struct tv_error *err)
{
	tv_auto_json *j = tv_json_object();

	if (!put_all(j, doc))
		return tv_fail(err, TV_NO_MEMORY, "for the document");
	return tv_json_print(out, j, err);
}
