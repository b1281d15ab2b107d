/* What adopting finds and does, for people and for programs. Never a token. */
#include <stdio.h>
#include <string.h>

#include "cli/adopt/adoption.h"

/* Fields that name the person are worth showing; the others may be secret too. */
static const char *account_of(const struct tv_found *t)
{
	static const char *const names[] = {"account", "email", "user", "username", "login"};
	const char *text = NULL;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !text; i++)
		text = tv_json_get_text(t->fields, names[i]);
	return text;
}

/* "; fields: a, b". Values may be secret. */
static void print_fields(char *out, size_t size, const struct tv_json *fields, const char *before)
{
	size_t len = 0;

	*out = '\0';
	for (const struct tv_json *f = tv_json_first(fields); f && len < size; f = tv_json_next(f))
		len += (size_t)snprintf(out + len, size - len, "%s%s", len ? ", " : before,
					tv_json_key(f));
}

static void print_expiry(char *out, size_t size, const struct tv_found *t)
{
	int64_t when = tv_jwt_expiry(&t->token);
	char date[TV_WHEN_CHARS];

	*out = '\0';
	if (when == TV_NEVER)
		return;
	tv_when_print(date, when);
	snprintf(out, size, ", expires %.10s", date);
}

static void say_one(const struct tv_cli *cli, const struct tv_finding *f, const struct tv_found *t)
{
	const struct tv_intake *to = t->intake;
	const char *account = account_of(t);
	char fields[256], expiry[40];

	print_fields(fields, sizeof(fields), t->fields, "; with ");
	print_expiry(expiry, sizeof(expiry), t);
	tv_say(cli, "%s: a token of %s for %s/%s%s%s%s%s%s", f->source.path, to->provider->title,
	       to->provider->name, to->label, account ? ", " : "", account ? account : "", expiry,
	       fields, to->exists ? "; it is in the vault already" : "");
	print_fields(fields, sizeof(fields), to->lacking, "");
	if (to->lacking)
		tv_say(cli, "  %s/%s gets what it lacks of it: %s", to->provider->name, to->label,
		       fields);
	if (to->is_renamed)
		tv_say(cli, "  %s/%s is another token, so this one is called %s",
		       to->provider->name, t->label, to->label);
	else if (t->has_label && strcmp(t->label, to->label) != 0)
		tv_say(cli, "  it is called %s there", to->label);
	else if (t->is_label_cleaned)
		tv_say(cli, "  the file calls it something that can't be a label");
}

static bool was_said(const struct tv_adoption *a, const struct tv_finding *f)
{
	for (size_t i = 0; a->before && i < a->before->findings.count; i++) {
		const struct tv_finding *was = &a->before->findings.at[i];

		if (!strcmp(was->place->path, f->place->path) &&
		    tv_secret_equals(&was->source.text, &f->source.text))
			return true;
	}
	return false;
}

void tv_adoption_say(const struct tv_adoption *a)
{
	char where[1024];

	for (size_t i = 0; i < a->findings.count; i++) {
		const struct tv_finding *f = &a->findings.at[i];

		if (was_said(a, f))
			continue;
		if (f->fate == TV_FATE_LEFT_OVER)
			tv_say(a->cli, "%s: nothing but zeros, which an earlier adopt left",
			       f->source.path);
		if (f->fate == TV_FATE_LEFT && !f->status)
			tv_say(a->cli, "%s", f->why.detail);
		for (size_t n = 0; n < f->count && f->fate == TV_FATE_READY; n++)
			say_one(a->cli, f, &f->at[n]);
		if (f->fate == TV_FATE_READY &&
		    tv_source_is_exposed(where, sizeof(where), a->cli->paths.home, f->source.path))
			tv_say(a->cli,
			       "warning: others can write to %s, and so put a file of theirs there",
			       where);
	}
}

static const char *state(const struct tv_finding *f)
{
	switch (f->fate) {
	case TV_FATE_READY:
		return "found";
	case TV_FATE_KEPT:
		return "kept";
	case TV_FATE_REPLACED:
		return "adopted";
	case TV_FATE_LEFT_OVER:
		return "left-over";
	default:
		return "left";
	}
}

static struct tv_json *new_row(struct tv_json *list, const struct tv_finding *f,
			       const struct tv_found *t)
{
	const struct tv_intake *to = t ? t->intake : NULL;
	struct tv_json *j = tv_json_object();
	bool put = tv_json_put(list, NULL, j) && tv_json_put_text(j, "path", f->place->path) &&
		   tv_json_put_text(j, "provider", f->place->provider->name) &&
		   tv_json_put_text(j, "label",
				    to	? to->label
				    : t ? t->label
					: NULL) &&
		   tv_json_put_text(j, "file", f->place->file->name) &&
		   tv_json_put_text(j, "state", state(f)) &&
		   tv_json_put_text(j, "status", tv_status_name(f->status)) &&
		   tv_json_put_text(j, "detail", *f->why.detail ? f->why.detail : NULL);

	return put ? j : NULL;
}

static bool put_found(struct tv_json *row, const struct tv_found *t)
{
	struct tv_json *fields = tv_json_array();
	bool put = tv_json_put(row, "fields", fields);
	int64_t expires = tv_jwt_expiry(&t->token);

	for (const struct tv_json *f = tv_json_first(t->fields); f && put; f = tv_json_next(f))
		put = tv_json_put_text(fields, NULL, tv_json_key(f));
	if (expires != TV_NEVER)
		put = put && tv_json_put_int(row, "expires", expires);
	else
		put = put && tv_json_put_null(row, "expires");
	return put && tv_json_put_text(row, "account", account_of(t)) &&
	       tv_json_put_bool(row, "known", t->intake && t->intake->exists);
}

enum tv_status tv_adoption_report(struct tv_json *list, const struct tv_adoption *a,
				  bool only_replaced, struct tv_error *err)
{
	bool put = true;

	for (size_t i = 0; i < a->findings.count && put; i++) {
		const struct tv_finding *f = &a->findings.at[i];

		if (only_replaced && f->fate != TV_FATE_REPLACED)
			continue;
		for (size_t n = 0; n < f->count && put; n++) {
			struct tv_json *row = new_row(list, f, &f->at[n]);

			put = row && put_found(row, &f->at[n]);
		}
		if (!f->count)
			put = new_row(list, f, NULL);
	}
	return put ? TV_OK : tv_fail(err, TV_NO_MEMORY, "a report");
}

void tv_adoption_print(const struct tv_json *list)
{
	for (const struct tv_json *j = tv_json_first(list); j; j = tv_json_next(j)) {
		const char *label = tv_json_get_text(j, "label");

		printf("%s\t%s%s%s\t%s\n", tv_json_get_text(j, "path"),
		       tv_json_get_text(j, "provider"), label ? "/" : "", label ? label : "",
		       tv_json_get_text(j, "state"));
	}
	fflush(stdout);
}
