/* Versions of an entry: copying, changing, keeping in history. */
#include "vault/entry.h"

#include <string.h>

#include "vault/arena.h"
#include "vault/when.h"

static enum tv_status no_memory(struct tv_error *err)
{
	return tv_fail(err, TV_NO_MEMORY, "for an entry");
}

static void field_free(struct tv_field *f)
{
	tv_arena_free(f->name);
	tv_arena_free(f->value);
}

void tv_version_free(struct tv_version *v)
{
	tv_secret_free(&v->token);
	tv_arena_free(v->label);
	tv_arena_free(v->note);
	tv_arena_free(v->account);
	for (size_t i = 0; i < v->n_fields; i++)
		field_free(&v->fields[i]);
	tv_arena_free(v->fields);
	tv_hosts_free(&v->hosts);
	*v = (struct tv_version){0};
}

static bool add_field(struct tv_version *v, const char *name, const char *value)
{
	struct tv_field *fields = tv_grow(v->fields, v->n_fields, sizeof *fields);

	if (!fields)
		return false;
	v->fields = fields;
	fields[v->n_fields] = (struct tv_field){tv_arena_strdup(name), tv_arena_strdup(value)};
	v->n_fields++;
	return fields[v->n_fields - 1].name && fields[v->n_fields - 1].value;
}

enum tv_status tv_version_copy(struct tv_version *out, const struct tv_version *v,
			       struct tv_error *err)
{
	struct tv_version copy = {.expires = v->expires,
				  .expires_from = v->expires_from,
				  .since = v->since,
				  .ended = v->ended};
	bool whole;

	tv_secret_append(&copy.token, v->token.data, v->token.len);
	copy.label = tv_arena_strdup(v->label);
	copy.note = v->note ? tv_arena_strdup(v->note) : NULL;
	copy.account = v->account ? tv_arena_strdup(v->account) : NULL;
	whole = !copy.token.failed && copy.label && (!v->note || copy.note) &&
		(!v->account || copy.account);
	for (size_t i = 0; whole && i < v->n_fields; i++)
		whole = add_field(&copy, v->fields[i].name, v->fields[i].value);
	for (size_t i = 0; whole && i < v->hosts.count; i++)
		whole = !tv_hosts_add(&copy.hosts, v->hosts.at[i], TV_HOSTS_MAX, NULL);
	if (!whole) {
		tv_version_free(&copy);
		return no_memory(err);
	}
	*out = copy;
	return TV_OK;
}

const char *tv_version_field(const struct tv_version *v, const char *name)
{
	for (size_t i = 0; i < v->n_fields; i++)
		if (!strcmp(v->fields[i].name, name))
			return v->fields[i].value;
	return NULL;
}

static void drop_field(struct tv_version *v, const char *name)
{
	for (size_t i = 0; i < v->n_fields; i++) {
		struct tv_field *f = &v->fields[i];

		if (strcmp(f->name, name))
			continue;
		field_free(f);
		memmove(f, f + 1, (v->n_fields - i - 1) * sizeof *f);
		v->n_fields--;
		return;
	}
}

enum tv_status tv_version_set_field(struct tv_version *v, const char *name, const char *value,
				    struct tv_error *err)
{
	if (!tv_field_name_is_valid(name))
		return tv_fail(err, TV_BAD_VALUE,
			       "a field's name is a letter and up to 31 of a-z 0-9 _");
	if (value && !tv_text_is_valid(value, TV_FIELD_MAX))
		return tv_fail(err, TV_BAD_VALUE,
			       "field %s: at most %d bytes of UTF-8 without control characters",
			       name, TV_FIELD_MAX);
	drop_field(v, name);
	if (!value)
		return TV_OK;
	if (v->n_fields >= TV_FIELDS_MAX)
		return tv_fail(err, TV_BAD_VALUE, "an entry has at most %d fields", TV_FIELDS_MAX);
	return add_field(v, name, value) ? TV_OK : no_memory(err);
}

/* Puts a copy of text in the place of *to. */
static enum tv_status replace_text(char **to, const char *text, struct tv_error *err)
{
	char *copy = text ? tv_arena_strdup(text) : NULL;

	if (text && !copy)
		return no_memory(err);
	tv_arena_free(*to);
	*to = copy;
	return TV_OK;
}

enum tv_status tv_version_set_note(struct tv_version *v, const char *note, struct tv_error *err)
{
	if (note && !tv_text_is_valid(note, TV_NOTE_MAX))
		return tv_fail(err, TV_BAD_VALUE,
			       "a note is at most %d bytes of UTF-8 without control characters",
			       TV_NOTE_MAX);
	return replace_text(&v->note, note, err);
}

enum tv_status tv_version_set_account(struct tv_version *v, const char *account,
				      struct tv_error *err)
{
	if (account && !tv_text_is_valid(account, TV_NOTE_MAX))
		return tv_fail(err, TV_BAD_VALUE,
			       "an account is at most %d bytes of UTF-8 without control characters",
			       TV_NOTE_MAX);
	return replace_text(&v->account, account, err);
}

enum tv_status tv_version_set_label(struct tv_version *v, const char *label, struct tv_error *err)
{
	if (!tv_label_is_valid(label))
		return tv_fail(err, TV_BAD_VALUE, "a label is 1 to %d of A-Z a-z 0-9 . _ -",
			       TV_LABEL_MAX);
	return replace_text(&v->label, label, err);
}

const char *tv_expiry_name(enum tv_expiry from)
{
	static const char *const names[] = {
		[TV_EXPIRY_TOKEN] = "token",
		[TV_EXPIRY_SERVICE] = "service",
		[TV_EXPIRY_USER] = "user",
	};

	return names[from];
}

enum tv_status tv_version_set_token(struct tv_version *v, const char *token, struct tv_error *err)
{
	tv_auto_secret clean = {0};
	enum tv_status status;

	tv_secret_puts(&clean, token);
	status = tv_secret_check(&clean, err);
	if (!status)
		status = tv_token_clean(&clean, err);
	if (status)
		return status;
	if (!tv_secret_equals(&v->token, &clean)) {
		v->ended = 0;
		tv_arena_free(v->account);
		v->account = NULL;
	}
	tv_secret_move(&v->token, &clean);
	v->expires_from = TV_EXPIRY_NONE;
	tv_version_set_expires(v, tv_jwt_expiry(&v->token), TV_EXPIRY_TOKEN);
	return TV_OK;
}

void tv_version_set_expires(struct tv_version *v, int64_t expires, enum tv_expiry from)
{
	if (v->expires_from && v->expires_from < from)
		return;
	v->expires = expires;
	v->expires_from = expires == TV_NEVER ? TV_EXPIRY_NONE : from;
}

void tv_entry_forget_history(struct tv_entry *e)
{
	for (size_t i = 0; i < e->n_history; i++)
		tv_version_free(&e->history[i]);
	tv_arena_free(e->history);
	e->history = NULL;
	e->n_history = 0;
}

/* A token may be in several versions, and only some of them know its id. */
static bool end_token(struct tv_entry *e, const struct tv_secret *token, int64_t now)
{
	bool is_any = false;

	for (size_t i = 0; i <= e->n_history; i++) {
		struct tv_version *v = i < e->n_history ? &e->history[i] : &e->now;

		if (!tv_secret_equals(&v->token, token))
			continue;
		v->ended = now;
		is_any = true;
	}
	return is_any;
}

bool tv_entry_end_token(struct tv_entry *e, const char *id_field, const char *id, int64_t now)
{
	bool is_any = false;

	for (size_t i = 0; i <= e->n_history; i++) {
		const struct tv_version *v = i < e->n_history ? &e->history[i] : &e->now;
		const char *its = tv_version_field(v, id_field);

		if (its && !strcmp(its, id))
			is_any |= end_token(e, &v->token, now);
	}
	return is_any;
}

enum tv_status tv_entry_replace(struct tv_entry *e, struct tv_version *version, int64_t now,
				struct tv_error *err)
{
	struct tv_version *history = tv_grow(e->history, e->n_history, sizeof *history);

	if (!history)
		return no_memory(err);
	e->history = history;
	if (!tv_secret_equals(&e->now.token, &version->token)) {
		e->verified = 0;
		e->tried = 0;
		e->answer = TV_OK;
	}
	if (e->n_history == TV_HISTORY_MAX) {
		tv_version_free(&history[0]);
		memmove(history, history + 1, (TV_HISTORY_MAX - 1) * sizeof *history);
		e->n_history--;
	}
	history[e->n_history++] = e->now;
	e->now = *version;
	*version = (struct tv_version){0};
	e->now.since = now;
	e->updated = now;
	return TV_OK;
}

int64_t tv_entry_date(const struct tv_entry *e)
{
	int64_t date = e->now.expires == TV_NEVER ? INT64_MAX : e->now.expires;

	for (size_t i = 0; i < e->n_revoking; i++)
		date = e->revoking[i].at < date ? e->revoking[i].at : date;
	return date;
}
