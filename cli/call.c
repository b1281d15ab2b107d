/* Calls about entries: names, fields, notes, times and tokens on their way to the vault. */
#include "cli/call.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/report.h"
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
	int64_t when = TV_NEVER;
	enum tv_status status;

	if (!text)
		return TV_OK;
	status = tv_when_parse(&when, text, time(NULL), err);
	if (status)
		return status;
	return put_time(request, when) ? TV_OK : no_memory(err);
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
	if (!tv_json_put_text(request, "token", tv_secret_text(&token)))
		return no_memory(err);
	return TV_OK;
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
