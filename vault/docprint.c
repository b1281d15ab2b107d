/* The document as JSON: printing. */
#include <string.h>

#include "vault/docjson.h"
#include "vault/hex.h"
#include "vault/rules.h"
#include "vault/write.h"

/* Zero stands for "none" and is left out. */
static bool put_time(struct tv_json *object, const char *key, int64_t time)
{
	return !time || tv_json_put_int(object, key, time);
}

static void write_time(struct tv_secret *out, const char *key, int64_t time)
{
	if (time)
		tv_write_int(out, key, time);
}

static void write_text(struct tv_secret *out, const char *key, const char *text)
{
	if (text)
		tv_write_text(out, key, text);
}

static void write_hosts(struct tv_secret *out, const struct tv_hosts *h)
{
	if (!h->count)
		return;
	tv_write_open(out, "hosts", '[');
	for (size_t i = 0; i < h->count; i++)
		tv_write_text(out, NULL, h->at[i]);
	tv_write_close(out, ']');
}

static void write_version(struct tv_secret *out, const struct tv_version *v)
{
	tv_write_text(out, "label", v->label);
	tv_write_text(out, "token", tv_secret_text(&v->token));
	write_text(out, "note", v->note);
	write_time(out, "expires", v->expires);
	write_text(out, "expires_from", tv_expiry_name(v->expires_from));
	write_time(out, "since", v->since);
	write_time(out, "ended", v->ended);
	write_text(out, "account", v->account);
	write_hosts(out, &v->hosts);
	if (!v->n_fields)
		return;
	tv_write_open(out, "fields", '{');
	for (size_t i = 0; i < v->n_fields; i++)
		tv_write_text(out, v->fields[i].name, v->fields[i].value);
	tv_write_close(out, '}');
}

static void write_history(struct tv_secret *out, const struct tv_entry *e)
{
	if (!e->n_history)
		return;
	tv_write_open(out, "history", '[');
	for (size_t i = 0; i < e->n_history; i++) {
		tv_write_open(out, NULL, '{');
		write_version(out, &e->history[i]);
		tv_write_close(out, '}');
	}
	tv_write_close(out, ']');
}

static void write_rotation(struct tv_secret *out, const struct tv_rotation *r)
{
	if (!r->name)
		return;
	tv_write_open(out, "rotation", '{');
	tv_write_text(out, "step", r->token.len ? "minted" : "minting");
	tv_write_text(out, "name", r->name);
	write_time(out, "started", r->started);
	if (r->token.len)
		tv_write_text(out, "token", tv_secret_text(&r->token));
	write_text(out, "id", r->id);
	write_time(out, "expires", r->expires);
	tv_write_close(out, '}');
}

static void write_revoking(struct tv_secret *out, const struct tv_entry *e)
{
	if (!e->n_revoking)
		return;
	tv_write_open(out, "revoking", '[');
	for (size_t i = 0; i < e->n_revoking; i++) {
		tv_write_open(out, NULL, '{');
		tv_write_text(out, "id", e->revoking[i].id);
		write_time(out, "at", e->revoking[i].at);
		tv_write_close(out, '}');
	}
	tv_write_close(out, ']');
}

void tv_entry_print(struct tv_secret *out, const struct tv_entry *e)
{
	tv_write_open(out, NULL, '{');
	tv_write_text(out, "id", e->id);
	tv_write_text(out, "provider", e->provider);
	write_version(out, &e->now);
	write_time(out, "created", e->created);
	write_time(out, "updated", e->updated);
	write_time(out, "removed", e->removed);
	write_time(out, "verified", e->verified);
	write_time(out, "tried", e->tried);
	/* What the service said last, where it was asked. */
	if (e->tried)
		tv_write_text(out, "answer", tv_status_name(e->answer));
	if (e->in_use)
		tv_write_bool(out, "in_use", true);
	if (e->deny)
		tv_write_bool(out, "deny", true);
	write_rotation(out, &e->rotation);
	write_revoking(out, e);
	write_history(out, e);
	tv_write_close(out, '}');
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

/* All but the entries. */
static bool put_rest(struct tv_json *j, const struct tv_doc *doc)
{
	struct tv_json *keys = tv_json_array();
	struct tv_json *lineage = tv_json_array();
	bool put = put_switches(j, doc) && put_paths(j, doc) && put_rules(j, doc) &&
		   put_settings(j, &doc->settings);

	put = tv_json_put(j, "keys", keys) && put;
	put = tv_json_put(j, "lineage", lineage) && put;
	for (size_t i = 0; put && i < doc->n_keys; i++)
		put = put_key(keys, &doc->keys[i]);
	for (size_t i = 0; put && i < doc->n_lineage; i++)
		put = tv_json_put_hex(lineage, NULL, doc->lineage[i], sizeof doc->lineage[i]);
	return put &&
	       (!doc->has_audit || tv_json_put_hex(j, "audit", doc->audit, sizeof doc->audit));
}

struct tv_json *tv_doc_rest(const struct tv_doc *doc, struct tv_error *err)
{
	tv_auto_json *j = tv_json_object();
	struct tv_json *made = NULL;

	if (!tv_json_put_int(j, "version", TV_DOC_VERSION) || !put_rest(j, doc)) {
		tv_fail(err, TV_NO_MEMORY, "for the document");
		return NULL;
	}
	made = j;
	j = NULL;
	return made;
}

/* The entries go behind the version; the brackets of the rest hold it all together. */
enum tv_status tv_doc_print(struct tv_secret *out, const struct tv_doc *doc, struct tv_error *err)
{
	static const char version[] = "{\"version\":1";
	tv_auto_json *j = tv_doc_rest(doc, err);
	tv_auto_secret rest = {0};
	enum tv_status status = j ? tv_json_print(&rest, j, err) : TV_NO_MEMORY;

	if (status)
		return status;
	tv_secret_append(out, rest.data, strlen(version));
	tv_write_open(out, "entries", '[');
	for (size_t i = 0; i < doc->n_entries; i++)
		tv_entry_print(out, doc->entries[i]);
	tv_write_close(out, ']');
	tv_secret_append(out, rest.data + strlen(version), rest.len - strlen(version));
	return tv_secret_check(out, err);
}
