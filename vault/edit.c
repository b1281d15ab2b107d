/* The messages that change entries: add, set, remove, use, undo, forget. */
#include <string.h>

#include "vault/checked.h"
#include "vault/request.h"
#include "vault/when.h"

static enum tv_status set_fields(struct tv_version *v, const struct tv_json *fields,
				 struct tv_error *err)
{
	for (struct tv_json *f = tv_json_first(fields); f; f = tv_json_next(f)) {
		const char *value = tv_json_text(f);
		enum tv_status status;

		if (!tv_json_key(f) || (!value && !tv_json_is_null(f)))
			return tv_fail(err, TV_BAD_VALUE, "a field is no text");
		status = tv_version_set_field(v, tv_json_key(f), value, err);
		if (status)
			return status;
	}
	return TV_OK;
}

/* What add and set have in common. */
static enum tv_status apply(struct tv_version *v, const struct tv_json *request,
			    struct tv_error *err)
{
	const char *token = tv_json_get_text(request, "token");
	const struct tv_json *note = tv_json_get(request, "note");
	const struct tv_json *hosts = tv_json_get(request, "hosts");
	enum tv_status status = token ? tv_version_set_token(v, token, err) : TV_OK;
	int64_t expires;
	bool given;

	if (!status)
		status = set_fields(v, tv_json_get(request, "fields"), err);
	if (!status && note)
		status = tv_version_set_note(v, tv_json_text(note), err);
	if (!status)
		status = tv_request_time(&expires, &given, request, "expires", err);
	if (!status && given)
		tv_version_set_expires(v, expires, TV_EXPIRY_USER);
	return status || !hosts ? status : tv_hosts_from_json(&v->hosts, hosts, TV_HOSTS_MAX, err);
}

/* What add and set say of the entry besides its version; and their reply. */
static enum tv_status finish(struct tv_json *reply, struct tv_entry *e,
			     const struct tv_json *request, int64_t now, struct tv_error *err)
{
	const struct tv_json *checked = tv_json_get(request, "checked");
	const struct tv_json *deny = tv_json_get(request, "deny");
	enum tv_status status = TV_OK;

	if (deny && !tv_json_is_bool(deny))
		return tv_fail(err, TV_BAD_VALUE, "deny is neither true nor false");
	if (deny)
		e->deny = tv_json_is_true(deny);
	if (checked)
		status = tv_checked_apply(e, checked, now, err);
	if (!status)
		status = tv_reply_name(reply, e, err);
	if (status)
		return status;
	return tv_reply_put(tv_reply_expiry(reply, &e->now) &&
				    tv_json_put_text(reply, "account", e->now.account) &&
				    tv_json_put_text(reply, "answer",
						     e->tried ? tv_status_name(e->answer) : NULL),
			    err);
}

static enum tv_status refuse_taken(const struct tv_doc *doc, const char *provider,
				   const char *label, struct tv_error *err)
{
	if (!tv_doc_find(doc, provider, label))
		return TV_OK;
	return tv_fail(err, TV_EXISTS, "%s/%s; to change it: tokenvault set %s/%s", provider, label,
		       provider, label);
}

static enum tv_status make_version(struct tv_version *v, const char *label,
				   const struct tv_json *request, struct tv_error *err)
{
	enum tv_status status = tv_version_set_label(v, label, err);

	if (!status && !tv_json_get_text(request, "token"))
		status = tv_fail(err, TV_BAD_VALUE, "the token is missing");
	return status ? status : apply(v, request, err);
}

enum tv_status tv_request_add(struct tv_json *reply, struct tv_vault *vault,
			      const struct tv_json *request, int64_t now, struct tv_error *err)
{
	static const char *const known[] = {"provider", "label", "token", "fields",  "note",
					    "expires",	"hosts", "deny",  "checked", NULL};
	struct tv_doc *doc = tv_vault_doc(vault);
	struct tv_version version = {0};
	struct tv_entry *e;
	const char *provider;
	const char *label;
	enum tv_status status = tv_request_only(request, known, err);

	if (!status)
		status = tv_request_name(&provider, &label, request, err);
	if (status)
		return status;
	label = label ? label : "default";
	if (doc->n_entries >= TV_ENTRIES_MAX)
		return tv_fail(err, TV_REFUSED, "a vault has at most %d entries", TV_ENTRIES_MAX);
	status = refuse_taken(doc, provider, label, err);
	if (!status)
		status = make_version(&version, label, request, err);
	if (!status)
		status = tv_doc_add(&e, doc, provider, &version, now, err);
	tv_version_free(&version);
	if (!status)
		status = finish(reply, e, request, now, err);
	return status ? status : tv_reply_put(tv_json_put_bool(reply, "in_use", e->in_use), err);
}

/* Whether a request makes another version, or just says something of the entry. */
static bool makes_version(const struct tv_json *request)
{
	static const char *const members[] = {"token",	 "fields", "note", "new_label",
					      "expires", "hosts",  NULL};

	for (const char *const *m = members; *m; m++)
		if (tv_json_get(request, *m))
			return true;
	return false;
}

/* The version that a request makes of the current one. */
static enum tv_status change(struct tv_entry *e, const struct tv_doc *doc,
			     const struct tv_json *request, int64_t now, struct tv_error *err)
{
	const char *new_label = tv_json_get_text(request, "new_label");
	struct tv_version version = {0};
	enum tv_status status = tv_version_copy(&version, &e->now, err);

	if (!status && new_label && strcmp(new_label, e->now.label)) {
		status = tv_version_set_label(&version, new_label, err);
		if (!status)
			status = refuse_taken(doc, e->provider, new_label, err);
	}
	if (!status)
		status = apply(&version, request, err);
	if (!status)
		status = tv_entry_replace(e, &version, now, err);
	tv_version_free(&version);
	return status;
}

enum tv_status tv_request_set(struct tv_json *reply, struct tv_vault *vault,
			      const struct tv_json *request, int64_t now, struct tv_error *err)
{
	static const char *const known[] = {"provider", "label",     "token",	"fields",
					    "note",	"new_label", "expires", "hosts",
					    "deny",	"checked",   NULL};
	struct tv_doc *doc = tv_vault_doc(vault);
	struct tv_entry *e;
	enum tv_status status = tv_request_only(request, known, err);

	if (!status)
		status = tv_request_own(&e, doc, request, err);
	if (!status && makes_version(request))
		status = change(e, doc, request, now, err);
	return status ? status : finish(reply, e, request, now, err);
}

/* Another entry of the provider, to be in use once this one is gone; NULL when it was the only one. */
static const struct tv_entry *successor(const struct tv_doc *doc, const struct tv_entry *gone)
{
	for (size_t i = 0; i < doc->n_entries; i++)
		if (!doc->entries[i]->removed && doc->entries[i] != gone &&
		    !strcmp(doc->entries[i]->provider, gone->provider))
			return doc->entries[i];
	return NULL;
}

enum tv_status tv_request_remove(struct tv_json *reply, struct tv_vault *vault,
				 const struct tv_json *request, int64_t now, struct tv_error *err)
{
	static const char *const known[] = {"provider", "label", NULL};
	struct tv_doc *doc = tv_vault_doc(vault);
	const struct tv_entry *after = NULL;
	struct tv_entry *next = NULL;
	struct tv_entry *e;
	enum tv_status status = tv_request_only(request, known, err);

	if (!status)
		status = tv_request_own(&e, doc, request, err);
	if (status)
		return status;
	if (e->in_use)
		after = successor(doc, e);
	if (after)
		status = tv_doc_own(&next, doc, after, err);
	if (status)
		return status;
	e->in_use = false;
	e->removed = now;
	if (next)
		next->in_use = true;
	status = tv_reply_name(reply, e, err);
	if (status)
		return status;
	return tv_reply_put(tv_json_put_text(reply, "now_in_use", next ? next->now.label : NULL),
			    err);
}

enum tv_status tv_request_use(struct tv_json *reply, struct tv_vault *vault,
			      const struct tv_json *request, int64_t now, struct tv_error *err)
{
	static const char *const known[] = {"provider", "label", NULL};
	const struct tv_entry *e;
	enum tv_status status = tv_request_only(request, known, err);

	(void)now;
	if (!status)
		status = tv_request_entry(&e, tv_vault_doc(vault), request, err);
	if (!status)
		status = tv_reply_name(reply, e, err);
	return status ? status : tv_doc_use(tv_vault_doc(vault), e, err);
}

/* Which earlier version to go back to, as an index into history. */
static enum tv_status earlier(size_t *out, const struct tv_entry *e, const struct tv_json *request,
			      struct tv_error *err)
{
	int64_t version;

	if (!e->n_history)
		return tv_fail(err, TV_NO_ENTRY, "%s/%s has no earlier version", e->provider,
			       e->now.label);
	*out = e->n_history - 1;
	if (!tv_json_get(request, "version"))
		return TV_OK;
	if (!tv_json_get_int(request, "version", &version) || version < 1 ||
	    (uint64_t)version > e->n_history)
		return tv_fail(err, TV_NO_ENTRY,
			       "%s/%s has the earlier versions 1 to %zu; see: tokenvault history",
			       e->provider, e->now.label, e->n_history);
	*out = (size_t)version - 1;
	return TV_OK;
}

/* A token that no longer works is nobody's wish, unless they say so. */
static enum tv_status refuse_ended(const struct tv_entry *e, size_t to,
				   const struct tv_json *request, struct tv_error *err)
{
	const struct tv_version *v = &e->history[to];
	char date[TV_WHEN_CHARS];

	if (!v->ended || tv_json_get_true(request, "force"))
		return TV_OK;
	tv_when_print(date, v->ended);
	return tv_fail(err, TV_TOKEN_REFUSED,
		       "the token of %s/%s, version %zu, was ended at its service on %.10s; "
		       "--force brings it back all the same",
		       e->provider, e->now.label, to + 1, date);
}

static enum tv_status go_back(struct tv_entry *e, const struct tv_doc *doc, size_t to, int64_t now,
			      struct tv_error *err)
{
	struct tv_version version = {0};
	enum tv_status status = tv_version_copy(&version, &e->history[to], err);

	if (!status && strcmp(version.label, e->now.label))
		status = refuse_taken(doc, e->provider, version.label, err);
	if (!status)
		status = tv_entry_replace(e, &version, now, err);
	tv_version_free(&version);
	return status;
}

/* Brings a removed entry back. */
static enum tv_status restore(struct tv_entry **out, struct tv_doc *doc,
			      const struct tv_entry *removed, int64_t now, struct tv_error *err)
{
	const bool is_first = !tv_doc_in_use(doc, removed->provider);
	enum tv_status status = tv_doc_own(out, doc, removed, err);

	if (status)
		return status;
	(*out)->removed = 0;
	(*out)->in_use = is_first;
	(*out)->updated = now;
	return TV_OK;
}

enum tv_status tv_request_undo(struct tv_json *reply, struct tv_vault *vault,
			       const struct tv_json *request, int64_t now, struct tv_error *err)
{
	static const char *const known[] = {"provider", "label", "version", "force", NULL};
	struct tv_doc *doc = tv_vault_doc(vault);
	const struct tv_entry *removed = NULL;
	struct tv_entry *e = NULL;
	const char *provider;
	const char *label;
	size_t to = 0;
	enum tv_status status = tv_request_only(request, known, err);

	if (!status)
		status = tv_request_name(&provider, &label, request, err);
	if (status)
		return status;
	if (!tv_doc_find(doc, provider, label ? label : "default"))
		removed = tv_doc_find_removed(doc, provider, label);
	if (removed) {
		to = removed->n_history;
		status = restore(&e, doc, removed, now, err);
	} else {
		status = tv_request_own(&e, doc, request, err);
		if (!status)
			status = earlier(&to, e, request, err);
		if (!status)
			status = refuse_ended(e, to, request, err);
		if (!status)
			status = go_back(e, doc, to, now, err);
	}
	if (!status)
		status = tv_reply_name(reply, e, err);
	if (status)
		return status;
	return tv_reply_put(tv_json_put_int(reply, "version", (int64_t)to + 1) &&
				    tv_json_put_bool(reply, "restored", removed),
			    err);
}

/* With a removed entry goes the knowledge of tokens that still work at the service. */
static enum tv_status refuse_unended(const struct tv_doc *doc, const char *provider,
				     const char *label, const struct tv_json *request,
				     struct tv_error *err)
{
	if (tv_json_get_true(request, "force"))
		return TV_OK;
	for (size_t i = 0; i < doc->n_entries; i++) {
		const struct tv_entry *e = doc->entries[i];

		if (!e->removed || strcmp(e->provider, provider) || strcmp(e->now.label, label) ||
		    (!e->n_revoking && !e->rotation.name))
			continue;
		return tv_fail(err, TV_BUSY,
			       "%s/%s was removed while a token of it was still to be ended at its "
			       "service; undo and rotate it first; --force forgets it all the same",
			       provider, label);
	}
	return TV_OK;
}

enum tv_status tv_request_forget(struct tv_json *reply, struct tv_vault *vault,
				 const struct tv_json *request, int64_t now, struct tv_error *err)
{
	static const char *const known[] = {"provider", "label", "force", NULL};
	struct tv_doc *doc = tv_vault_doc(vault);
	const struct tv_entry *removed;
	const struct tv_entry *e;
	struct tv_entry *own;
	const char *provider;
	const char *label;
	size_t versions = 0;
	enum tv_status status = tv_request_only(request, known, err);

	(void)now;
	if (!status)
		status = tv_request_name(&provider, &label, request, err);
	if (status)
		return status;
	removed = tv_doc_find_removed(doc, provider, label);
	e = tv_doc_find(doc, provider, removed && !label ? "default" : label);
	if (!e && !removed)
		return tv_request_entry(&e, doc, request, err);
	label = (e ? e : removed)->now.label;
	status = refuse_unended(doc, provider, label, request, err);
	if (status)
		return status;
	if (!tv_json_put_text(reply, "provider", provider) ||
	    !tv_json_put_text(reply, "label", label) || !tv_json_put_text(reply, "backup", "drop"))
		return tv_reply_put(false, err);
	label = tv_json_get_text(reply, "label");
	if (e) {
		versions += e->n_history;
		status = tv_doc_own(&own, doc, e, err);
		if (status)
			return status;
		tv_entry_forget_history(own);
	}
	while ((removed = tv_doc_find_removed(doc, provider, label))) {
		versions += removed->n_history + 1;
		tv_doc_erase(doc, removed);
	}
	return tv_reply_put(tv_json_put_int(reply, "versions", (int64_t)versions), err);
}
