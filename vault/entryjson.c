/* The document's entries as JSON: strict parsing. */
#include <string.h>

#include "vault/arena.h"
#include "vault/docjson.h"
#include "vault/http.h"
#include "vault/when.h"

static enum tv_status parse_fields(struct tv_version *v, const struct tv_json *fields,
				   struct tv_error *err)
{
	if (fields && !tv_json_is_object(fields))
		return tv_doc_damaged(err, "the fields are no object");
	for (struct tv_json *f = tv_json_first(fields); f; f = tv_json_next(f)) {
		const char *value = tv_json_text(f);
		enum tv_status status =
			value ? tv_version_set_field(v, tv_json_key(f), value, err) : TV_BAD_VALUE;

		if (status)
			return tv_doc_not_taken(status, err, "a field is out of bounds");
	}
	return TV_OK;
}

/* The vaults before did not say who says when a token expires. */
static bool get_expiry(struct tv_version *v, const struct tv_json *j)
{
	const struct tv_json *from = tv_json_get(j, "expires_from");

	if (!tv_doc_time(&v->expires, j, "expires") || (from && !v->expires))
		return false;
	if (!v->expires)
		return true;
	if (!from)
		v->expires_from =
			tv_jwt_expiry(&v->token) == v->expires ? TV_EXPIRY_TOKEN : TV_EXPIRY_USER;
	for (enum tv_expiry e = TV_EXPIRY_TOKEN; from && e <= TV_EXPIRY_USER; e++)
		if (tv_json_text(from) && !strcmp(tv_json_text(from), tv_expiry_name(e)))
			v->expires_from = e;
	return v->expires_from != TV_EXPIRY_NONE;
}

static enum tv_status get_hosts(struct tv_version *v, const struct tv_json *list)
{
	enum tv_status status =
		list ? tv_hosts_from_json(&v->hosts, list, TV_HOSTS_MAX, NULL) : TV_OK;

	return !status && v->hosts.count != tv_json_count(list) ? TV_BAD_VALUE : status;
}

static enum tv_status get_texts(struct tv_version *v, const struct tv_json *j, const char *label,
				const char *note, const char *account)
{
	enum tv_status status = tv_version_set_label(v, label, NULL);

	if (!status)
		status = tv_version_set_note(v, note, NULL);
	if (!status)
		status = tv_version_set_account(v, account, NULL);
	return status ? status : get_hosts(v, tv_json_get(j, "hosts"));
}

static enum tv_status parse_version(struct tv_version *v, const struct tv_json *j,
				    struct tv_error *err)
{
	const char *token = tv_json_get_text(j, "token");
	const char *label = tv_json_get_text(j, "label");
	const char *note, *account;
	size_t len = token ? strlen(token) : 0;
	enum tv_status status;

	if (!token || !label || !tv_doc_text(&note, j, "note") ||
	    !tv_doc_text(&account, j, "account") || !tv_doc_time(&v->since, j, "since") ||
	    !tv_doc_time(&v->ended, j, "ended"))
		return tv_doc_damaged(err, "an entry is out of bounds");
	status = get_texts(v, j, label, note, account);
	if (status)
		return tv_doc_not_taken(status, err, "an entry is out of bounds");
	tv_secret_append(&v->token, token, len);
	if (v->token.failed)
		return tv_fail(err, TV_NO_MEMORY, "for a token");
	if (tv_token_clean(&v->token, NULL) || v->token.len != len)
		return tv_doc_damaged(err, "a token is out of bounds");
	if (!get_expiry(v, j))
		return tv_doc_damaged(err, "an expiry is out of bounds");
	return parse_fields(v, tv_json_get(j, "fields"), err);
}

static enum tv_status parse_history(struct tv_entry *e, const struct tv_json *list,
				    struct tv_error *err)
{
	static const char *const known[] = {"token",   "label",	       "note",	"fields",
					    "expires", "expires_from", "hosts", "since",
					    "ended",   "account",      NULL};

	if ((list && !tv_json_is_array(list)) || tv_json_count(list) > TV_HISTORY_MAX)
		return tv_doc_damaged(err, "a history is no list, or too long");
	e->history = list ? tv_arena_alloc((tv_json_count(list) + 1) * sizeof *e->history) : NULL;
	if (list && !e->history)
		return tv_fail(err, TV_NO_MEMORY, "for a history");
	for (struct tv_json *j = tv_json_first(list); j; j = tv_json_next(j)) {
		enum tv_status status = tv_doc_only(j, known, err);

		if (!status)
			status = parse_version(&e->history[e->n_history++], j, err);
		if (status)
			return status;
	}
	return TV_OK;
}

/* When the service was last asked, and what it said; neither without the other. */
static enum tv_status parse_answer(struct tv_entry *e, const struct tv_json *j,
				   struct tv_error *err)
{
	const char *name;

	if (!tv_doc_text(&name, j, "answer") || !tv_doc_time(&e->tried, j, "tried") ||
	    !e->tried != !name)
		return tv_doc_damaged(err, "an answer is out of bounds");
	e->answer = name ? tv_status_by_name(name) : TV_OK;
	if (!tv_answer_is_valid(e->answer))
		return tv_fail(err, TV_NEWER, "the document's answer %.40s is not known", name);
	return TV_OK;
}

static enum tv_status parse_rotation(struct tv_rotation *r, const struct tv_json *j,
				     struct tv_error *err)
{
	static const char *const known[] = {"step", "name",    "started", "token",
					    "id",   "expires", NULL};
	const char *step = tv_json_get_text(j, "step");
	const char *name = tv_json_get_text(j, "name");
	const char *token, *id;
	enum tv_status status = j ? tv_doc_only(j, known, err) : TV_OK;
	int64_t started;
	int64_t expires;

	if (!j || status)
		return status;
	if (!tv_doc_text(&token, j, "token") || !tv_doc_text(&id, j, "id") || !step ||
	    strcmp(step, token ? "minted" : "minting") || !name ||
	    !tv_doc_time(&started, j, "started") || !tv_doc_time(&expires, j, "expires") ||
	    (!token && (expires || id)))
		return tv_doc_damaged(err, "a rotation is out of bounds");
	status = tv_rotation_begin(r, name, started, err);
	if (!status && token)
		status = tv_rotation_put(r, token, id, expires, err);
	if (!status && token && r->token.len != strlen(token))
		status = TV_BAD_VALUE;
	return status == TV_BAD_VALUE ? tv_doc_damaged(err, "a rotation is out of bounds") : status;
}

static enum tv_status parse_revoking(struct tv_entry *e, const struct tv_json *list,
				     struct tv_error *err)
{
	static const char *const known[] = {"id", "at", NULL};

	if (list && !tv_json_is_array(list))
		return tv_doc_damaged(err, "the tokens to revoke are no list");
	for (struct tv_json *j = tv_json_first(list); j; j = tv_json_next(j)) {
		const char *id = tv_json_get_text(j, "id");
		const size_t before = e->n_revoking;
		enum tv_status status = tv_doc_only(j, known, err);
		int64_t at;

		if (status)
			return status;
		if (!id || !tv_doc_time(&at, j, "at"))
			return tv_doc_damaged(err, "a token to revoke is out of bounds");
		status = tv_entry_add_revoking(e, id, at, err);
		if (status == TV_NO_MEMORY)
			return status;
		if (status || e->n_revoking == before)
			return tv_doc_damaged(err, "a token to revoke is out of bounds");
	}
	return TV_OK;
}

enum tv_status tv_entry_parse(struct tv_entry *e, const struct tv_json *j, struct tv_error *err)
{
	static const char *const known[] = {
		"id",	    "provider",	    "token",	"label",   "note",    "fields",
		"expires",  "hosts",	    "since",	"created", "updated", "removed",
		"account",  "expires_from", "verified", "tried",   "answer",  "deny",
		"rotation", "revoking",	    "history",	"in_use",  "ended",   NULL};
	const char *id = tv_json_get_text(j, "id");
	const char *provider = tv_json_get_text(j, "provider");
	enum tv_status status = tv_doc_only(j, known, err);

	if (status)
		return status;
	if (!id || strlen(id) != TV_ID_CHARS || strspn(id, "0123456789abcdef") != TV_ID_CHARS ||
	    !provider || !tv_provider_name_is_valid(provider) ||
	    !tv_doc_true(&e->in_use, j, "in_use") || !tv_doc_true(&e->deny, j, "deny") ||
	    !tv_doc_time(&e->created, j, "created") || !tv_doc_time(&e->updated, j, "updated") ||
	    !tv_doc_time(&e->removed, j, "removed") || !tv_doc_time(&e->verified, j, "verified"))
		return tv_doc_damaged(err, "an entry is out of bounds");
	memcpy(e->id, id, TV_ID_CHARS + 1);
	e->provider = tv_arena_strdup(provider);
	if (!e->provider)
		return tv_fail(err, TV_NO_MEMORY, "for an entry");
	status = parse_version(&e->now, j, err);
	if (!status)
		status = parse_answer(e, j, err);
	if (!status)
		status = parse_rotation(&e->rotation, tv_json_get(j, "rotation"), err);
	if (!status)
		status = parse_revoking(e, tv_json_get(j, "revoking"), err);
	return status ? status : parse_history(e, tv_json_get(j, "history"), err);
}

enum tv_status tv_entry_read(struct tv_entry **out, const char *text, size_t len,
			     struct tv_error *err)
{
	tv_auto_json *j = NULL;
	struct tv_entry *e = tv_arena_alloc(sizeof *e);
	enum tv_status status = e ? TV_OK : tv_fail(err, TV_NO_MEMORY, "for an entry");

	if (!status)
		status = tv_json_parse(&j, text, len, err);
	if (!status)
		status = tv_entry_parse(e, j, err);
	if (!status)
		status = tv_entry_pack(out, e, err);
	tv_entry_release(e);
	return status;
}
