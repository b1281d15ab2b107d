/* The messages that list entries, which may be many: list and expiring. They are written as text. */
#include <stdlib.h>
#include <string.h>

#include "vault/arena.h"
#include "vault/request.h"
#include "vault/write.h"

void tv_write_time(struct tv_secret *out, const char *key, int64_t time)
{
	if (time)
		tv_write_int(out, key, time);
	else
		tv_write_text(out, key, NULL);
}

void tv_write_about(struct tv_secret *out, const struct tv_entry *e)
{
	tv_write_text(out, "id", e->id);
	tv_write_text(out, "provider", e->provider);
	tv_write_text(out, "label", e->now.label);
	tv_write_text(out, "account", e->now.account);
	tv_write_text(out, "note", e->now.note);
	tv_write_time(out, "expires", e->now.expires);
	tv_write_text(out, "expires_from", tv_expiry_name(e->now.expires_from));
	tv_write_time(out, "verified", e->verified);
	tv_write_time(out, "tried", e->tried);
	tv_write_text(out, "answer", e->tried ? tv_status_name(e->answer) : NULL);
	tv_write_time(out, "created", e->created);
	tv_write_time(out, "updated", e->updated);
	tv_write_bool(out, "in_use", e->in_use);
	tv_write_bool(out, "deny", e->deny);
	tv_write_bool(out, "rotating", e->rotation.name);
	tv_write_int(out, "revoking", (int64_t)e->n_revoking);
}

static void write_about(struct tv_secret *out, const struct tv_entry *e)
{
	tv_write_open(out, NULL, '{');
	tv_write_about(out, e);
	tv_write_close(out, '}');
}

static void write_text_if_any(struct tv_secret *out, const char *key, const char *text)
{
	if (text)
		tv_write_text(out, key, text);
}

static void write_time_if_any(struct tv_secret *out, const char *key, int64_t time)
{
	if (time)
		tv_write_int(out, key, time);
}

/* What a table of all entries says of one; what is null or false is left out. */
static void write_brief(struct tv_secret *out, const struct tv_entry *e)
{
	tv_write_open(out, NULL, '{');
	tv_write_text(out, "provider", e->provider);
	tv_write_text(out, "label", e->now.label);
	write_text_if_any(out, "account", e->now.account);
	write_time_if_any(out, "expires", e->now.expires);
	write_time_if_any(out, "verified", e->verified);
	write_time_if_any(out, "tried", e->tried);
	write_text_if_any(out, "answer", e->tried ? tv_status_name(e->answer) : NULL);
	write_time_if_any(out, "updated", e->updated);
	if (e->in_use)
		tv_write_bool(out, "in_use", true);
	tv_write_close(out, '}');
}

/* Bytes that an entry takes, about. */
#define ABOUT_BYTES 400
#define BRIEF_BYTES 100

enum tv_status tv_print_list(struct tv_secret *out, const struct tv_vault *vault,
			     const struct tv_json *request, struct tv_error *err)
{
	static const char *const known[] = {"provider", "label", "brief", NULL};
	const struct tv_doc *doc = tv_vault_doc(vault);
	const bool is_brief = tv_json_get_true(request, "brief");
	const char *provider = tv_json_get_text(request, "provider");
	const char *label = tv_json_get_text(request, "label");
	struct tv_entry *const *at = doc->names.at;
	size_t n = doc->names.count;
	enum tv_status status = tv_request_only(request, known, err);

	if (status)
		return status;
	if (provider)
		at = tv_doc_of(&n, doc, provider);
	tv_secret_reserve(out, n * (is_brief ? BRIEF_BYTES : ABOUT_BYTES));
	tv_write_open(out, NULL, '{');
	tv_write_open(out, "entries", '[');
	for (size_t i = 0; i < n; i++)
		if (!label || !strcmp(label, at[i]->now.label))
			(is_brief ? write_brief : write_about)(out, at[i]);
	tv_write_close(out, ']');
	tv_write_close(out, '}');
	return tv_secret_check(out, err);
}

static int by_name(const void *a, const void *b)
{
	const struct tv_entry *x = *(const struct tv_entry *const *)a;
	const struct tv_entry *y = *(const struct tv_entry *const *)b;
	const int order = strcmp(x->provider, y->provider);

	return order ? order : strcmp(x->now.label, y->now.label);
}

/* Its earliest token that is to be ended. */
static int64_t first_end(const struct tv_entry *e)
{
	int64_t first = INT64_MAX;

	for (size_t i = 0; i < e->n_revoking; i++)
		first = e->revoking[i].at < first ? e->revoking[i].at : first;
	return first;
}

static void write_expiring(struct tv_secret *out, const struct tv_entry *const *at, size_t n,
			   int64_t before)
{
	tv_write_open(out, "entries", '[');
	for (size_t i = 0; i < n; i++)
		if (at[i]->now.expires != TV_NEVER && at[i]->now.expires <= before)
			write_about(out, at[i]);
	tv_write_close(out, ']');
}

static void write_due(struct tv_secret *out, const struct tv_entry *const *at, size_t n,
		      int64_t before)
{
	tv_write_open(out, "due", '[');
	for (size_t i = 0; i < n; i++) {
		if (first_end(at[i]) > before)
			continue;
		tv_write_open(out, NULL, '{');
		tv_write_text(out, "provider", at[i]->provider);
		tv_write_text(out, "label", at[i]->now.label);
		tv_write_int(out, "at", first_end(at[i]));
		tv_write_close(out, '}');
	}
	tv_write_close(out, ']');
}

/* Every command ends with this question: only the entries whose time has come are looked at. */
enum tv_status tv_write_expiring(struct tv_secret *out, const char *key,
				 const struct tv_vault *vault, const struct tv_json *request,
				 struct tv_error *err)
{
	const struct tv_doc *doc = tv_vault_doc(vault);
	const struct tv_entry **those;
	int64_t before;
	size_t n;

	if (!tv_json_get_int(request, "before", &before) || before <= 0)
		return tv_fail(err, TV_BAD_VALUE, "before is no time");
	n = tv_doc_dated(doc, before);
	those = tv_arena_alloc((n + 1) * sizeof *those);
	if (!those)
		return tv_fail(err, TV_NO_MEMORY, "for a reply");
	for (size_t i = 0; i < n; i++)
		those[i] = doc->dated.at[i];
	qsort(those, n, sizeof *those, by_name);
	tv_write_open(out, key, '{');
	write_expiring(out, those, n, before);
	write_due(out, those, n, before);
	tv_write_close(out, '}');
	tv_arena_free(those);
	return tv_secret_check(out, err);
}

enum tv_status tv_print_expiring(struct tv_secret *out, const struct tv_vault *vault,
				 const struct tv_json *request, struct tv_error *err)
{
	static const char *const known[] = {"before", NULL};
	enum tv_status status = tv_request_only(request, known, err);

	return status ? status : tv_write_expiring(out, NULL, vault, request, err);
}

enum tv_status tv_reply_text(struct tv_json *reply, const struct tv_secret *text,
			     struct tv_error *err)
{
	tv_auto_json *all = NULL;
	enum tv_status status = tv_secret_check(text, err);
	bool put = true;

	if (!status)
		status = tv_json_parse(&all, text->data, text->len, err);
	if (status)
		return status;
	for (struct tv_json *m = tv_json_first(all); m && put; m = tv_json_next(m))
		put = tv_json_put(reply, tv_json_key(m), tv_json_copy(m));
	return tv_reply_put(put, err);
}

enum tv_status tv_request_list(struct tv_json *reply, const struct tv_vault *vault,
			       const struct tv_json *request, struct tv_error *err)
{
	tv_auto_secret text = {0};
	enum tv_status status = tv_print_list(&text, vault, request, err);

	return status ? status : tv_reply_text(reply, &text, err);
}

enum tv_status tv_request_expiring(struct tv_json *reply, const struct tv_vault *vault,
				   const struct tv_json *request, struct tv_error *err)
{
	tv_auto_secret text = {0};
	enum tv_status status = tv_print_expiring(&text, vault, request, err);

	return status ? status : tv_reply_text(reply, &text, err);
}
