/* tokenvault add: stores a token. */
#include <string.h>
#include <unistd.h>

#include "cli/call.h"

/* Whether the label is taken, before a person is asked for a token in vain. */
static enum tv_status check_label(struct tv_cli *cli, const struct tv_json *request,
				  struct tv_error *err)
{
	const char *provider = tv_json_get_text(request, "provider");
	const char *given = tv_json_get_text(request, "label");
	const char *label = given ? given : "default";
	tv_auto_json *query = tv_json_object(), *reply = NULL;
	enum tv_status status;

	if (!tv_json_put_text(query, "provider", provider))
		return tv_fail(err, TV_NO_MEMORY, "a request");
	status = tv_cli_call(&reply, cli, TV_AGENT_list, query, err);
	if (status)
		return status;
	for (const struct tv_json *e = tv_json_first(tv_json_get(reply, "entries")); e;
	     e = tv_json_next(e)) {
		if (!strcmp(tv_json_get_text(e, "label"), label))
			return tv_fail(err, TV_EXISTS, "%s/%s; to change it: tokenvault set %s/%s",
				       provider, label, provider, label);
	}
	return TV_OK;
}

static enum tv_status make_request(struct tv_json *request, struct tv_cli *cli,
				   struct tv_error *err)
{
	const struct tv_provider *provider;
	enum tv_status status = tv_cli_load_providers(cli, err);

	if (!status)
		status = tv_providers_require(&provider, cli->providers,
					      tv_json_get_text(request, "provider"), err);
	if (!status)
		status = tv_call_put_fields(request, cli, provider, err);
	if (!status)
		status = tv_call_put_note(request, cli, err);
	if (!status)
		status = tv_call_put_expires(request, cli, err);
	if (!status && isatty(STDIN_FILENO))
		status = check_label(cli, request, err);
	if (!status)
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
		status = tv_call_send(NULL, cli, TV_AGENT_add, request, "added", err);
	return status;
}

static const struct tv_option options[] = {
	{"field", 'f', true, "NAME[=VALUE]", "one of the service's fields; no VALUE: asked for"},
	{"note", 'n', false, "TEXT", "what people should know about it"},
	{"expires", 'e', false, "WHEN", "30d, 12h, 8w, 2027-08-19 or never"},
	{0},
};

const struct tv_command tv_command_add = {
	.name = "add",
	.arguments = "PROVIDER[/LABEL]",
	.least = 1,
	.most = 1,
	.summary = "store a token",
	.help = "Stores a token: standard input when that is no terminal, else asked for\n"
		"without echo. The label is `default` if none is given. When a token says\n"
		"itself when it expires, that is taken over. A service's first entry is the\n"
		"one in use.",
	.options = options,
	.run = run,
};
