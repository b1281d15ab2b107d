/* Calls about entries: names, fields, notes, times and tokens on their way to the vault. */
#include "cli/call.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/report.h"
#include "cli/service.h"
#include "cli/terminal.h"

static enum tv_status no_memory(struct tv_error *err)
{
	return tv_fail(err, TV_NO_MEMORY, "a request");
}

static enum tv_status check_name(const char *provider, const char *label, struct tv_error *err)
{
	if (!tv_provider_name_is_valid(provider))
		return tv_fail(err, TV_BAD_VALUE,
			       "`%s` is no service's name: 1 to 32 of a-z 0-9 -, no - first",
			       provider);
	if (label && !tv_label_is_valid(label))
		return tv_fail(err, TV_BAD_VALUE, "`%s` is no label: 1 to 64 of A-Z a-z 0-9 . _ -",
			       label);
	return TV_OK;
}

enum tv_status tv_call_new(struct tv_json **out, const char *word, struct tv_error *err)
{
	tv_auto_json *request = tv_json_object();
	const char *slash = word ? strchr(word, '/') : NULL;
	const char *label = slash ? slash + 1 : NULL;
	char provider[128];
	enum tv_status status;

	if (word) {
		snprintf(provider, sizeof(provider), "%.*s", (int)strcspn(word, "/"), word);
		status = check_name(provider, label, err);
		if (status)
			return status;
		if (!tv_json_put_text(request, "provider", provider) ||
		    (label && !tv_json_put_text(request, "label", label)))
			return no_memory(err);
	}
	if (!request)
		return no_memory(err);
	*out = request;
	request = NULL;
	return TV_OK;
}

enum tv_status tv_call_new_exact(struct tv_json **out, const char *word, struct tv_error *err)
{
	if (!strchr(word, '/'))
		return tv_fail(err, TV_USAGE, "which one of %s: %s/LABEL", word, word);
	return tv_call_new(out, word, err);
}

bool tv_call_put_name(struct tv_json *to, const struct tv_json *entry)
{
	return tv_json_put_text(to, "provider", tv_json_get_text(entry, "provider")) &&
	       tv_json_put_text(to, "label", tv_json_get_text(entry, "label"));
}

enum tv_status tv_call_show(struct tv_json **out, struct tv_cli *cli, const struct tv_json *entry,
			    struct tv_error *err)
{
	tv_auto_json *request = tv_json_object();

	if (!tv_call_put_name(request, entry))
		return no_memory(err);
	return tv_cli_call(out, cli, TV_AGENT_show, request, err);
}

/* The names that the definition declares, for people. */
static enum tv_status unknown_field(const char *name, const struct tv_provider *provider,
				    struct tv_error *err)
{
	char known[256] = "";
	size_t len = 0;

	for (size_t i = 0; i < provider->n_fields && len < sizeof(known); i++)
		len += (size_t)snprintf(known + len, sizeof(known) - len, "%s%s", i ? ", " : "",
					provider->fields[i].name);
	return tv_fail(err, TV_BAD_VALUE, "--field %.40s: %s has %s%s", name, provider->name,
		       *known ? "the fields " : "no fields", known);
}

static enum tv_status check_field(const char *name, const struct tv_provider *provider,
				  struct tv_error *err)
{
	size_t i = 0;

	while (i < provider->n_fields && strcmp(provider->fields[i].name, name))
		i++;
	return i < provider->n_fields ? TV_OK : unknown_field(name, provider, err);
}

/* The text after the equals sign; without one the value is asked for, since some are secret too. */
static enum tv_status field_value(struct tv_secret *out, const char *name, const char *sign,
				  struct tv_error *err)
{
	char prompt[80];
	enum tv_status status;

	snprintf(prompt, sizeof(prompt), "Value of %s: ", name);
	if (sign) {
		tv_secret_puts(out, sign + 1);
		status = tv_secret_check(out, err);
	} else {
		status = tv_terminal_ask(out, prompt, TV_FIELD_MAX, "", err);
		if (status == TV_LOCKED)
			return tv_fail(err, TV_USAGE,
				       "--field %s: no terminal to ask for the value on", name);
	}
	if (status)
		return status;
	if (!tv_text_is_valid(tv_secret_text(out), TV_FIELD_MAX))
		return tv_fail(err, TV_BAD_VALUE,
			       "--field %s: UTF-8 without control characters, at most %d bytes",
			       name, TV_FIELD_MAX);
	return TV_OK;
}

static enum tv_status put_field(struct tv_json *fields, struct tv_cli *cli,
				const struct tv_provider *provider, const char *text,
				struct tv_error *err)
{
	const char *sign = strchr(text, '=');
	tv_auto_secret value = {0};
	char name[64];
	enum tv_status status;

	if (!provider)
		return tv_providers_require(&provider, cli->providers, tv_args_word(cli->args, 0),
					    err);
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(text, "="), text);
	status = check_field(name, provider, err);
	if (!status)
		status = field_value(&value, name, sign, err);
	if (status)
		return status;
	return tv_json_put_text(fields, name, tv_secret_text(&value)) ? TV_OK : no_memory(err);
}

enum tv_status tv_call_put_fields(struct tv_json *request, struct tv_cli *cli,
				  const struct tv_provider *provider, struct tv_error *err)
{
	tv_auto_json *fields = tv_json_object();
	enum tv_status status = TV_OK;
	bool is_put;

	for (size_t i = 0; i < cli->args->n_given && !status; i++) {
		const struct tv_given *given = &cli->args->given[i];

		if (!strcmp(given->option->name, "field"))
			status = put_field(fields, cli, provider, given->value, err);
		else if (!strcmp(given->option->name, "unset-field") &&
			 !tv_json_put_null(fields, given->value))
			status = no_memory(err);
	}
	if (status || !tv_json_count(fields))
		return status;
	is_put = tv_json_put(request, "fields", fields);
	fields = NULL;
	return is_put ? TV_OK : no_memory(err);
}

enum tv_status tv_call_put_note(struct tv_json *request, const struct tv_cli *cli,
				struct tv_error *err)
{
	const char *note = tv_args_value(cli->args, "note");

	if (!note)
		return TV_OK;
	if (!tv_text_is_valid(note, TV_NOTE_MAX))
		return tv_fail(err, TV_BAD_VALUE,
			       "--note: UTF-8 without control characters, at most %d bytes",
			       TV_NOTE_MAX);
	return tv_json_put_text(request, "note", *note ? note : NULL) ? TV_OK : no_memory(err);
}

static bool put_time(struct tv_json *request, int64_t when)
{
	return when == TV_NEVER ? tv_json_put_null(request, "expires")
				: tv_json_put_int(request, "expires", when);
}

enum tv_status tv_call_put_expires(struct tv_json *request, const struct tv_cli *cli,
				   struct tv_error *err)
{
	const char *text = tv_args_value(cli->args, "expires");
	struct tv_error why = {""};
	int64_t when = TV_NEVER;
	enum tv_status status;

	if (!text)
		return TV_OK;
	status = tv_when_parse(&when, text, time(NULL), &why);
	if (status)
		return tv_fail(err, status, "--expires: %s", why.detail);
	return put_time(request, when) ? TV_OK : no_memory(err);
}

enum tv_status tv_call_put_new_token(struct tv_json *request, const char *token,
				     const struct tv_provider *provider, struct tv_error *err)
{
	const char *id = provider ? provider->id_field : NULL;
	struct tv_json *fields = tv_json_get(request, "fields");

	if (!tv_json_put_text(request, "token", token))
		return no_memory(err);
	if (!id || tv_json_get(fields, id))
		return TV_OK;
	if (!fields && !tv_json_put(request, "fields", tv_json_object()))
		return no_memory(err);
	return tv_json_put_null(tv_json_get(request, "fields"), id) ? TV_OK : no_memory(err);
}

enum tv_status tv_call_put_token(struct tv_json *request, struct tv_cli *cli,
				 const struct tv_provider *provider, struct tv_error *err)
{
	const char *shape = provider ? provider->token_shape : NULL;
	tv_auto_secret token = {0};
	char prompt[128];
	enum tv_status status;

	snprintf(prompt, sizeof(prompt), "Token for %s: ", tv_args_word(cli->args, 0));
	status = tv_ask_read_ahead(&cli->ask, err);
	if (!status)
		status = tv_ask_token(&token, prompt, err);
	if (status)
		return status;
	if (shape && !strcmp(shape, "jwt") && !tv_token_is_jwt(&token))
		tv_say(cli, "warning: this is no JSON Web Token, which %s's tokens are",
		       provider->name);
	return tv_call_put_new_token(request, tv_secret_text(&token), provider, err);
}

enum tv_status tv_call_check_fields(const struct tv_json *request,
				    const struct tv_provider *provider, struct tv_error *err)
{
	for (size_t i = 0; i < provider->n_fields; i++) {
		const struct tv_provider_field *f = &provider->fields[i];
		const char *value = tv_json_get_text(tv_json_get(request, "fields"), f->name);

		if (f->required && !(value && *value) && !(f->value && *f->value))
			return tv_fail(err, TV_USAGE, "%s needs its field %s: --field %s[=VALUE]",
				       provider->name, f->name, f->name);
	}
	return TV_OK;
}

enum tv_status tv_call_hosts(struct tv_json **out, const struct tv_cli *cli,
			     const struct tv_provider *provider, const struct tv_json *fields,
			     bool is_asked, struct tv_error *err)
{
	struct tv_json *hosts = NULL;
	enum tv_status status = tv_http_hosts(&hosts, provider, fields, err);

	if (status == TV_BAD_VALUE &&
	    !(is_asked && provider->n_verify && !tv_args_has(cli->args, "no-verify"))) {
		tv_say(cli, "warning: %s; the token can't be verified", err->detail);
		hosts = tv_json_array();
		status = hosts ? TV_OK : no_memory(err);
	}
	if (!status)
		*out = hosts;
	return status;
}

bool tv_call_asks_service(const struct tv_cli *cli, const struct tv_provider *provider)
{
	return provider->n_verify && !tv_args_has(cli->args, "no-verify");
}

enum tv_status tv_call_put_checked(struct tv_json *request, struct tv_cli *cli,
				   const struct tv_provider *provider, const struct tv_json *entry,
				   struct tv_error *err)
{
	struct tv_json *checked = NULL;
	struct tv_error why = {""};
	enum tv_status status;

	if (!tv_call_asks_service(cli, provider))
		return TV_OK;
	status = tv_service_verify(&checked, cli, provider, entry, &why);
	if (!checked)
		return tv_fail(err, status, "%s", why.detail);
	if (status && status != TV_TOKEN_REFUSED)
		tv_say(cli, "warning: %s: %s; the token is stored all the same",
		       tv_status_sentence(status), why.detail);
	if (!tv_json_put(request, "checked", checked))
		return no_memory(err);
	if (status == TV_TOKEN_REFUSED)
		return tv_fail(err, status, "%s; nothing was stored; --no-verify stores it anyway",
			       why.detail);
	return TV_OK;
}

/* An expiry that is better known than by the user goes before --expires. */
static void say_expiry(const struct tv_cli *cli, const struct tv_json *reply)
{
	const char *from = tv_json_get_text(reply, "expires_from");
	bool is_own = from && !strcmp(from, "token");
	char when[TV_WHEN_CHARS];
	int64_t expires;

	if (!tv_args_has(cli->args, "expires") || !from || !strcmp(from, "user") ||
	    !tv_json_get_int(reply, "expires", &expires))
		return;
	tv_when_print(when, expires);
	if (is_own)
		tv_say(cli, "the token itself expires on %.10s; --expires is not used", when);
	else
		tv_say(cli, "the service says that it expires on %.10s; --expires is not used",
		       when);
}

void tv_call_say_stored(const struct tv_cli *cli, const struct tv_provider *provider,
			const struct tv_json *request, const struct tv_json *reply)
{
	tv_auto_json *checked = tv_json_copy(tv_json_get(request, "checked"));
	const char *answer = tv_json_get_text(checked, "answer");
	int64_t expires;

	say_expiry(cli, reply);
	if (!answer || tv_status_by_name(answer))
		return;
	if (!tv_json_get_int(reply, "expires", &expires) ||
	    tv_json_put_int(checked, "expires", expires))
		tv_service_say(cli, provider, checked);
}

enum tv_status tv_call_send(struct tv_json **reply, struct tv_cli *cli,
			    enum tv_agent_message message, const struct tv_json *request,
			    const char *what, struct tv_error *err)
{
	tv_auto_json *answer = NULL;
	enum tv_status status = tv_cli_call(&answer, cli, message, request, err);

	if (status)
		return status;
	if (cli->is_json)
		status = tv_report_json(answer, err);
	else if (what)
		tv_say(cli, "%s %s/%s", what, tv_json_get_text(answer, "provider"),
		       tv_json_get_text(answer, "label"));
	if (!status && reply) {
		*reply = answer;
		answer = NULL;
	}
	return status;
}
