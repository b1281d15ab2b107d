/* Imports: what is done with the items of a source, and the report of it. */
#include "cli/import/import.h"

#include <stdio.h>
#include <string.h>

#include "cli/call.h"
#include "cli/report.h"
#include "cli/service.h"

struct import {
	struct tv_cli *cli;
	const struct tv_json *items;
	struct tv_json *had; /* the services that had entries before: {name: null} */
	bool is_dry, replaces, verifies;
	size_t n_stored;
};

static enum tv_status no_memory(struct tv_error *err)
{
	return tv_fail(err, TV_NO_MEMORY, "what is imported");
}

static enum tv_status end_as(struct tv_json *item, const char *result, const char *reason,
			     struct tv_error *err)
{
	return tv_json_put_text(item, "result", result) && tv_json_put_text(item, "reason", reason)
		       ? TV_OK
		       : no_memory(err);
}

static bool is_one_of(const char *name, const char *const *names)
{
	while (*names && strcmp(*names, name) != 0)
		names++;
	return *names;
}

/* The variable PROVIDER_FIELD that stands in the same file, as AWS_ACCESS_KEY_ID does. */
static const char *variable_for(const struct import *m, const struct tv_provider *provider,
				const char *field)
{
	char wanted[80];

	snprintf(wanted, sizeof(wanted), "%s_%s", provider->name, field);
	for (const struct tv_json *i = tv_json_first(m->items); i; i = tv_json_next(i)) {
		const char *name = tv_json_get_text(i, "variable");

		if (name && !strcasecmp(name, wanted))
			return tv_json_get_text(i, "token");
	}
	return NULL;
}

/* A field from what the source knows: a pair of its name, another variable, who the user is, where the
 * service is. */
static const char *value_for(const struct import *m, const struct tv_json *item,
			     const struct tv_provider *provider, const char *field,
			     const char *own_host)
{
	static const char *const users[] = {"user", "username", "login", NULL};
	static const char *const hosts[] = {"host", "machine", "registry", NULL};
	const char *username = tv_json_get_text(item, "username");

	for (const struct tv_json *j = tv_json_first(tv_json_get(item, "pairs")); j;
	     j = tv_json_next(j)) {
		if (!strcasecmp(tv_json_key(j), field))
			return tv_json_text(j);
	}
	if (tv_json_get(item, "variable"))
		return variable_for(m, provider, field);
	if (is_one_of(field, users))
		return username;
	if (is_one_of(field, hosts))
		return own_host;
	return username && !strcmp(field, "email") && strchr(username, '@') ? username : NULL;
}

static enum tv_status put_fields(struct tv_json *request, const struct import *m,
				 const struct tv_json *item, const struct tv_provider *provider,
				 struct tv_error *err)
{
	struct tv_json *fields = tv_json_object();
	char host[TV_HOST_MAX];
	bool is_own = tv_import_own_host(host, item, provider);
	struct tv_error why = {""};

	if (!tv_json_put(request, "fields", fields))
		return no_memory(err);
	for (size_t i = 0; i < provider->n_fields; i++) {
		const char *name = provider->fields[i].name;
		const char *value = value_for(m, item, provider, name, is_own ? host : NULL);

		if (value && *value && tv_text_is_valid(value, TV_FIELD_MAX) &&
		    !tv_json_put_text(fields, name, value))
			return no_memory(err);
	}
	if (tv_call_check_fields(request, provider, &why))
		return tv_fail(err, TV_BAD_VALUE, "%.*s, which is not known here",
			       (int)strcspn(why.detail, ":"), why.detail);
	return TV_OK;
}

/* A note is one line here; what does not fit is left behind. */
static enum tv_status put_note(struct tv_json *request, const struct tv_json *item,
			       struct tv_error *err)
{
	const char *text = tv_json_get_text(item, "note");
	tv_auto_secret note = {0};

	for (; text && *text && note.len < TV_NOTE_MAX - 4; text++) {
		bool is_control = (unsigned char)*text < ' ' || *text == 127;

		if (!is_control || (note.len && note.data[note.len - 1] != ' '))
			tv_secret_putc(&note, is_control ? ' ' : *text);
	}
	if (!note.len || !tv_text_is_valid(tv_secret_text(&note), TV_NOTE_MAX))
		return TV_OK;
	return tv_json_put_text(request, "note", tv_secret_text(&note)) ? TV_OK : no_memory(err);
}

static enum tv_status make_request(struct tv_json **out, struct import *m,
				   const struct tv_json *item, const struct tv_provider *provider,
				   struct tv_error *err)
{
	const struct tv_json *entry = tv_json_get(item, "entry");
	tv_auto_json *request = entry ? NULL : tv_json_object();
	struct tv_json *hosts;
	enum tv_status status = entry ? tv_import_request(&request, entry, err) : TV_OK;

	if (status)
		return status;
	if (!tv_call_put_name(request, item) ||
	    !tv_json_put_text(request, "token", tv_json_get_text(item, "token")))
		return no_memory(err);
	if (!entry)
		status = put_fields(request, m, item, provider, err);
	if (!status && !entry)
		status = put_note(request, item, err);
	if (!status && provider) {
		status = tv_call_hosts(&hosts, m->cli, provider, tv_json_get(request, "fields"),
				       err);
		if (!status && !tv_json_put(request, "hosts", hosts))
			status = no_memory(err);
	}
	if (status)
		return status;
	*out = request;
	request = NULL;
	return TV_OK;
}

/* The token as the vault would take it. */
static enum tv_status clean_token(struct tv_json *item, struct tv_error *err)
{
	const char *text = tv_json_get_text(item, "token");
	tv_auto_secret token = {0};
	enum tv_status status;

	tv_secret_puts(&token, text ? text : "");
	status = tv_secret_check(&token, err);
	if (!status)
		status = tv_token_clean(&token, err);
	if (!status && !tv_json_put_text(item, "token", tv_secret_text(&token)))
		status = no_memory(err);
	return status;
}

/* The entry of that name, or NULL where there is none. */
static enum tv_status look(struct tv_json **out, struct import *m, const struct tv_json *item,
			   struct tv_error *err)
{
	struct tv_error why;
	enum tv_status status;

	*out = NULL;
	status = tv_call_show(out, m->cli, item, &why);
	if (status == TV_NO_ENTRY || status == TV_NO_PROVIDER)
		return TV_OK;
	return status ? tv_fail(err, status, "%s", why.detail) : TV_OK;
}

static enum tv_status verify(struct tv_json *request, struct import *m,
			     const struct tv_provider *provider, struct tv_error *err)
{
	tv_auto_json *entry = NULL;

	if (!m->verifies || !provider)
		return TV_OK;
	entry = tv_json_copy(request);
	return entry ? tv_call_put_checked(request, m->cli, provider, entry, err) : no_memory(err);
}

/* In use there, and no entry of the service was here: in use here as well. */
static enum tv_status use(struct import *m, const struct tv_json *item, struct tv_error *err)
{
	tv_auto_json *request = NULL;
	const char *provider = tv_json_get_text(item, "provider");

	if (!tv_json_get_true(tv_json_get(item, "entry"), "in_use") ||
	    tv_json_get(m->had, provider))
		return TV_OK;
	request = tv_json_object();
	if (!tv_json_put_text(request, "provider", provider) ||
	    !tv_json_put_text(request, "label", tv_json_get_text(item, "label")))
		return no_memory(err);
	return tv_cli_call(NULL, m->cli, TV_AGENT_use, request, err);
}

static enum tv_status send(struct import *m, struct tv_json *item, const struct tv_json *request,
			   bool is_there, struct tv_error *err)
{
	enum tv_status status =
		m->is_dry ? TV_OK
			  : tv_cli_call(NULL, m->cli, is_there ? TV_AGENT_set : TV_AGENT_add,
					request, err);

	if (!status && !m->is_dry)
		status = use(m, item, err);
	if (status)
		return status;
	m->n_stored++;
	if (m->is_dry)
		return end_as(item, is_there ? "would be replaced" : "would be imported", NULL,
			      err);
	return end_as(item, is_there ? "replaced" : "imported", NULL, err);
}

/* What one item alone is to blame for leaves it out; anything else ends the import. */
static enum tv_status store(struct import *m, struct tv_json *item, struct tv_error *err)
{
	const struct tv_provider *provider =
		tv_providers_find(m->cli->providers, tv_json_get_text(item, "provider"));
	tv_auto_json *old = NULL, *request = NULL;
	struct tv_error why = {""};
	enum tv_status status = clean_token(item, &why);

	if (!status)
		status = look(&old, m, item, &why);
	if (!status && old &&
	    tv_secret_texts_equal(tv_json_get_text(old, "token"), tv_json_get_text(item, "token")))
		return end_as(item, "there already", NULL, err);
	if (!status && old && !m->replaces) {
		m->cli->exit_code = tv_status_exit(TV_EXISTS);
		return end_as(item, "left out", "has another token; --replace changes it", err);
	}
	if (!status)
		status = make_request(&request, m, item, provider, &why);
	if (!status && !m->is_dry)
		status = verify(request, m, provider, &why);
	if (!status)
		status = send(m, item, request, old, &why);
	if (status == TV_TOKEN_REFUSED)
		m->cli->exit_code = tv_status_exit(status);
	if (status == TV_BAD_VALUE || status == TV_USAGE || status == TV_TOKEN_REFUSED)
		return end_as(item, "left out",
			      status == TV_TOKEN_REFUSED ? "the service refuses it" : why.detail,
			      err);
	return status ? tv_fail(err, status, "%s", why.detail) : TV_OK;
}

static enum tv_status take(struct import *m, struct tv_json *item, struct tv_error *err)
{
	enum tv_status status = TV_OK;

	if (!tv_json_get(item, "provider") && !tv_json_get(item, "reason"))
		status = tv_import_match(item, m->cli, err);
	if (status)
		return status;
	if (tv_json_get_text(item, "reason"))
		return tv_json_put_text(item, "result", "left out") ? TV_OK : no_memory(err);
	return store(m, item, err);
}

static enum tv_status note_services(struct import *m, struct tv_error *err)
{
	tv_auto_json *reply = NULL;
	enum tv_status status = tv_cli_call(&reply, m->cli, TV_AGENT_list, NULL, err);

	for (const struct tv_json *e = tv_json_first(tv_json_get(reply, "entries")); e && !status;
	     e = tv_json_next(e)) {
		if (!tv_json_put_null(m->had, tv_json_get_text(e, "provider")))
			status = no_memory(err);
	}
	return status;
}

static enum tv_status report_json(const struct tv_json *items, struct tv_error *err)
{
	static const char *const members[] = {"name",	"provider", "label",
					      "result", "reason",   NULL};
	tv_auto_json *list = tv_json_array();

	for (const struct tv_json *i = tv_json_first(items); i; i = tv_json_next(i)) {
		struct tv_json *line = tv_json_object();
		bool good = tv_json_put(list, NULL, line);

		for (const char *const *m = members; *m && good; m++)
			good = tv_json_put_text(line, *m, tv_json_get_text(i, *m));
		if (!good)
			return no_memory(err);
	}
	return tv_report_json(list, err);
}

static enum tv_status report(const struct tv_json *items, bool is_json, struct tv_error *err)
{
	static const char *const heads[] = {"NAME", "ENTRY", "RESULT", NULL};
	tv_auto_table table = {.heads = heads};

	if (is_json)
		return report_json(items, err);
	for (const struct tv_json *i = tv_json_first(items); i; i = tv_json_next(i)) {
		const char *provider = tv_json_get_text(i, "provider");
		const char *reason = tv_json_get_text(i, "reason");
		const char *name = tv_json_get_text(i, "name");
		char entry[128], result[512];

		snprintf(entry, sizeof(entry), "%s/%s", provider ? provider : "",
			 tv_json_get_text(i, "label") ? tv_json_get_text(i, "label") : "");
		snprintf(result, sizeof(result), "%s%s%s", tv_json_get_text(i, "result"),
			 reason ? ": " : "", reason ? reason : "");
		tv_table_cell(&table, tv_text_is_shown(name, TV_NOTE_MAX) ? name : "?");
		tv_table_cell(&table, provider ? entry : NULL);
		tv_table_cell(&table, result);
	}
	return tv_json_count(items) ? tv_table_print(&table, err) : TV_OK;
}

static enum tv_status import(struct import *m, struct tv_json *items, struct tv_error *err)
{
	enum tv_status status = tv_import_check_as(items, m->cli, err);

	if (!status)
		status = note_services(m, err);
	for (struct tv_json *i = tv_json_first(items); i && !status; i = tv_json_next(i))
		status = take(m, i, err);
	return status;
}

enum tv_status tv_import_run(struct tv_cli *cli, const struct tv_import_source *source,
			     struct tv_error *err)
{
	tv_auto_json *items = tv_json_array(), *had = tv_json_object();
	struct import m = {
		.cli = cli,
		.items = items,
		.had = had,
		.is_dry = tv_args_has(cli->args, "dry-run"),
		.replaces = tv_args_has(cli->args, "replace"),
		.verifies = tv_args_has(cli->args, "verify"),
	};
	enum tv_status status = tv_cli_load_providers(cli, err);

	if (!items || !had)
		return no_memory(err);
	if (!status)
		status = source->gather(items, cli, err);
	if (!status)
		status = import(&m, items, err);
	if (!status)
		status = report(items, cli->is_json, err);
	if (status)
		return status;
	if (!tv_json_count(items))
		tv_say(cli, "nothing to import in %s", source->place(cli));
	if (m.n_stored && source->leftover && !m.is_dry)
		tv_say(cli, source->leftover, source->place(cli));
	return TV_OK;
}
