/* tokenvault set: changes an entry. */
#include "cli/call.h"

static enum tv_status put_label(struct tv_json *request, const struct tv_cli *cli,
				struct tv_error *err)
{
	const char *label = tv_args_value(cli->args, "label");

	if (!label)
		return TV_OK;
	if (!tv_label_is_valid(label))
		return tv_fail(err, TV_BAD_VALUE, "--label `%s`: 1 to 64 of A-Z a-z 0-9 . _ -",
			       label);
	return tv_json_put_text(request, "new_label", label)
		       ? TV_OK
		       : tv_fail(err, TV_NO_MEMORY, "a request");
}

static enum tv_status make_request(struct tv_json *request, struct tv_cli *cli,
				   struct tv_error *err)
{
	const struct tv_provider *provider;
	size_t named = tv_json_count(request);
	enum tv_status status = tv_cli_load_providers(cli, err);

	if (status)
		return status;
	provider = tv_providers_find(cli->providers, tv_json_get_text(request, "provider"));
	status = tv_call_put_fields(request, cli, provider, err);
	if (!status)
		status = tv_call_put_note(request, cli, err);
	if (!status)
		status = put_label(request, cli, err);
	if (!status)
		status = tv_call_put_expires(request, cli, err);
	/* Without any option the token is what people mean. */
	if (!status && (tv_args_has(cli->args, "token") || tv_json_count(request) == named))
		status = tv_call_put_token(request, cli, provider, err);
	return status;
}

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *request = NULL;
	enum tv_status status = tv_call_new(&request, tv_args_word(cli->args, 0), err);

	if (!status)
		status = make_request(request, cli, err);
	if (!status)
		status = tv_call_send(NULL, cli, TV_AGENT_set, request, "changed", err);
	return status;
}

static const struct tv_option options[] = {
	{"token", 't', false, NULL, "read or ask for a new token, as add does"},
	{"field", 'f', true, "NAME[=VALUE]", "set one of the service's fields, as add does"},
	{"unset-field", 'u', true, "NAME", "take a field's value away"},
	{"note", 'n', false, "TEXT", "another note; an empty TEXT takes it away"},
	{"label", 'l', false, "NEW", "another label"},
	{"expires", 'e', false, "WHEN", "30d, 12h, 8w, 2027-08-19 or never"},
	{0},
};

const struct tv_command tv_command_set = {
	.name = "set",
	.arguments = "PROVIDER[/LABEL]",
	.least = 1,
	.most = 1,
	.summary = "change an entry",
	.help = "Changes an entry: without options, its token. What was there before is kept,\n"
		"and `undo` brings it back. A new token comes from standard input or the\n"
		"terminal, and brings its own expiry: what --expires says, else what it says\n"
		"itself, else none.",
	.options = options,
	.run = run,
};
