/* tokenvault remove: takes an entry away, so that it can be brought back. */
#include "cli/call.h"

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *request = NULL, *reply = NULL;
	const char *provider, *label;
	enum tv_status status = tv_call_new(&request, tv_args_word(cli->args, 0), err);

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

const struct tv_command tv_command_remove = {
	.name = "remove",
	.arguments = "PROVIDER[/LABEL]",
	.least = 1,
	.most = 1,
	.summary = "take an entry away",
	.help = "Takes an entry away. It stays in the vault's history, from which `undo`\n"
		"brings it back, until `forget` erases it.",
	.run = run,
};
