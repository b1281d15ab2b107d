/* Imports: what is done with the items of a source. */
#include "cli/import/import.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/call.h"
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

static bool is_used(const struct tv_json *pair, const struct tv_json *request)
{
	for (const struct tv_json *f = tv_json_first(tv_json_get(request, "fields")); f;
	     f = tv_json_next(f)) {
		if (!strcasecmp(tv_json_key(f), tv_json_key(pair)) ||
		    tv_secret_texts_equal(tv_json_text(f), tv_json_text(pair)))
			return true;
	}
	return false;
}

/* The pairs that became no field, by name: their values may be secret. */
static void say_unused(const struct import *m, const struct tv_json *item,
		       const struct tv_json *request)
{
	char names[300] = "";
	size_t len = 0;

	for (const struct tv_json *p = tv_json_first(tv_json_get(item, "pairs")); p;
	     p = tv_json_next(p)) {
		if (!is_used(p, request) && tv_text_is_valid(tv_json_key(p), 64) &&
		    len < sizeof(names))
			len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s",
						len ? ", " : "", tv_json_key(p));
	}
	if (len)
		tv_say(m->cli, "%s: left out, for they are no fields of %s: %s",
		       tv_json_get_text(item, "name"), tv_json_get_text(item, "provider"), names);
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
		if (!m->cli->exit_code)
			m->cli->exit_code = tv_status_exit(TV_EXISTS);
		return end_as(item, "left out", "has another token; --replace changes it", err);
	}
	if (!status)
		status = tv_import_item_request(&request, m->cli, m->items, item, provider, &why);
	if (!status && !m->is_dry)
		status = verify(request, m, provider, &why);
	if (!status)
		status = send(m, item, request, old, &why);
	if (!status)
		say_unused(m, item, request);
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
		status = tv_import_report(items, cli->is_json, err);
	if (status)
		return status;
	if (!tv_json_count(items))
		tv_say(cli, "nothing to import in %s", source->place(cli));
	if (m.n_stored && source->leftover && !m.is_dry)
		tv_say(cli, source->leftover, source->place(cli));
	return TV_OK;
}
