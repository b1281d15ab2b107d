/* tokenvault remove: takes an entry away, so that it can be brought back. */
#include <stdio.h>

#include "cli/call.h"

static void describe(char *out, size_t size, const struct tv_cli *cli, const struct tv_json *entry)
{
	const char *name = tv_json_get_text(entry, "provider");
	const char *label = tv_json_get_text(entry, "label");
	const struct tv_provider *p = tv_providers_find(cli->providers, name);

	if (tv_json_get_true(entry, "rotating"))
		snprintf(out, size,
			 "%s/%s is being rotated: tokenvault rotate %s/%s first, or with --cancel",
			 name, label, name, label);
	else
		snprintf(out, size,
			 "%s/%s: its old token is still to be ended at %s: tokenvault rotate "
			 "--pending first",
			 name, label, p ? p->title : name);
}

/* With the entry goes the knowledge of tokens that still work at the service. */
static enum tv_status check_rotation(struct tv_cli *cli, const struct tv_json *request,
				     struct tv_error *err)
{
	tv_auto_json *entry = NULL;
	char why[256];
	int64_t revoking = 0;
	enum tv_status status = tv_cli_load_providers(cli, err);

	if (!status)
		status = tv_cli_call(&entry, cli, TV_AGENT_show, request, err);
	if (status)
		return status;
	tv_json_get_int(entry, "revoking", &revoking);
	if (!revoking && !tv_json_get_true(entry, "rotating"))
		return TV_OK;
	describe(why, sizeof(why), cli, entry);
	if (!tv_args_has(cli->args, "force"))
		return tv_fail(err, TV_BUSY, "%s; --force removes it all the same", why);
	tv_say(cli, "warning: %s", why);
	return TV_OK;
}

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *request = NULL, *reply = NULL;
	const char *provider, *label;
	enum tv_status status = tv_call_new(&request, tv_args_word(cli->args, 0), err);

	if (!status)
		status = check_rotation(cli, request, err);
	if (!status)
		status = tv_call_send(&reply, cli, TV_AGENT_remove, request, "removed", err);
	if (status)
		return status;
	provider = tv_json_get_text(reply, "provider");
	label = tv_json_get_text(reply, "label");
	tv_say(cli,
	       "tokenvault undo %s/%s brings it back, tokenvault forget %s/%s erases it for good",
	       provider, label, provider, label);
	if (tv_json_get_text(reply, "now_in_use"))
		tv_say(cli, "in use now: %s/%s", provider, tv_json_get_text(reply, "now_in_use"));
	return TV_OK;
}

static const struct tv_option options[] = {
	{"force", 'f', false, NULL, "even if a token of it is still to be ended"},
	{0},
};

const struct tv_command tv_command_remove = {
	.name = "remove",
	.arguments = "PROVIDER[/LABEL]",
	.least = 1,
	.most = 1,
	.summary = "take an entry away",
	.help = "Takes an entry away. It stays in the vault's history, from which `undo`\n"
		"brings it back, until `forget` erases it. Refused while it is being rotated,\n"
		"or an old token of it is still to be ended at the service.",
	.options = options,
	.run = run,
};
