/* tokenvault add: stores a token. */
#include <string.h>
#include <unistd.h>

#include "cli/call.h"
#include "cli/scratch.h"

/* Whether the label is taken, before a person is asked for a token in vain. */
static enum tv_status check_label(struct tv_cli *cli, const struct tv_json *request,
				  struct tv_error *err)
{
	const char *provider = tv_json_get_text(request, "provider");
	const char *given = tv_json_get_text(request, "label");
	const char *label = given ? given : "default";
	tv_auto_json *query = tv_json_object(), *reply = NULL;
	enum tv_status status;

	if (!tv_json_put_text(query, "provider", provider) ||
	    !tv_json_put_text(query, "label", label))
		return tv_fail(err, TV_NO_MEMORY, "a request");
	status = tv_cli_call(&reply, cli, TV_AGENT_list, query, err);
	if (!status && tv_json_count(tv_json_get(reply, "entries")))
		status = tv_fail(err, TV_EXISTS, "%s/%s; to change it: tokenvault set %s/%s",
				 provider, label, provider, label);
	return status;
}

/* Whoever can write to the directory of definitions may have put one there, before the token came. */
static void say_hosts(const struct tv_cli *cli, const struct tv_provider *provider,
		      const struct tv_json *hosts)
{
	for (const struct tv_json *h = tv_json_first(hosts); h && !provider->builtin;
	     h = tv_json_next(h))
		tv_say(cli, "by a definition of your own, %s/%s.json, this token may go to %s",
		       cli->paths.providers, provider->name, tv_json_text(h));
}

static enum tv_status put_hosts(struct tv_json *request, const struct tv_cli *cli,
				const struct tv_provider *provider, struct tv_error *err)
{
	struct tv_json *hosts;
	enum tv_status status =
		tv_call_hosts(&hosts, cli, provider, tv_json_get(request, "fields"), true, err);

	if (status)
		return status;
	say_hosts(cli, provider, hosts);
	return tv_json_put(request, "hosts", hosts) ? TV_OK
						    : tv_fail(err, TV_NO_MEMORY, "a request");
}

/* All that is said without the token: what is wrong with it is found before anybody looks for one. */
static enum tv_status put_options(struct tv_json *request, struct tv_cli *cli,
				  const struct tv_provider *provider, struct tv_error *err)
{
	enum tv_status status = tv_call_put_fields(request, cli, provider, err);

	if (!status)
		status = tv_call_check_fields(request, provider, err);
	if (!status)
		status = put_hosts(request, cli, provider, err);
	if (!status)
		status = tv_call_put_note(request, cli, err);
	if (!status)
		status = tv_call_put_expires(request, cli, err);
	return status;
}

/* The token is sent to its service only once it is clear that there is a place for it. */
static enum tv_status verify(struct tv_json *request, struct tv_cli *cli,
			     const struct tv_provider *provider, struct tv_error *err)
{
	tv_auto_json *entry = tv_json_copy(request);
	const char *label = tv_json_get_text(request, "label");
	enum tv_status status;

	if (!tv_call_asks_service(cli, provider))
		return TV_OK;
	status = check_label(cli, request, err);
	if (status)
		return status;
	if (!tv_json_put_text(entry, "label", label ? label : "default"))
		return tv_fail(err, TV_NO_MEMORY, "a request");
	return tv_call_put_checked(request, cli, provider, entry, err);
}

static enum tv_status make_request(struct tv_json *request, struct tv_cli *cli,
				   const struct tv_provider *provider, struct tv_error *err)
{
	enum tv_status status = put_options(request, cli, provider, err);

	if (!status && isatty(STDIN_FILENO))
		status = check_label(cli, request, err);
	if (!status)
		status = tv_call_put_token(request, cli, provider, err);
	if (!status)
		status = verify(request, cli, provider, err);
	return status;
}

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *request = NULL, *reply = NULL;
	const struct tv_provider *provider;
	enum tv_status status = tv_call_new(&request, tv_args_word(cli->args, 0), err);

	if (!status)
		status = tv_cli_load_provider(cli, tv_json_get_text(request, "provider"), err);
	if (!status)
		status = tv_providers_require(&provider, cli->providers,
					      tv_json_get_text(request, "provider"), err);
	if (!status)
		status = make_request(request, cli, provider, err);
	if (!status)
		status = tv_call_send(&reply, cli, TV_AGENT_add, request, "added", err);
	if (!status)
		tv_call_say_stored(cli, provider, request, reply);
	if (!status)
		tv_scratch_warn_added(cli, request, reply);
	return status;
}

static const struct tv_option options[] = {
	{"field", 'f', true, "NAME[=VALUE]", "one of the service's fields; no VALUE: asked for"},
	{"note", 'n', false, "TEXT", "what people should know about it"},
	{"expires", 'e', false, "WHEN", "30d, 12h, 8w, 2027-08-19 or never"},
	{"no-verify", 0, false, NULL, "store it without asking the service about it"},
	{0},
};

const struct tv_command tv_command_add = {
	.name = "add",
	.arguments = "PROVIDER[/LABEL]",
	.least = 1,
	.most = 1,
	.summary = "store a token",
	.help = "Stores a token: standard input when that is no terminal, else asked for\n"
		"without echo. The label is `default` if none is given. The service is asked\n"
		"about the token first, and one that it refuses is not stored. What the token\n"
		"itself or the service says about its expiry goes before --expires. A\n"
		"service's first entry is the one in use.",
	.options = options,
	.run = run,
	.only_asks = true,
};
