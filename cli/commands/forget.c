/* tokenvault forget: erases what history keeps. */
#include "cli/call.h"

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *request = NULL, *reply = NULL;
	int64_t versions = 0;
	enum tv_status status = tv_call_new(&request, tv_args_word(cli->args, 0), err);

	if (!status && tv_args_has(cli->args, "force") && !tv_json_put_bool(request, "force", true))
		status = tv_fail(err, TV_NO_MEMORY, "a request");
	if (!status)
		status = tv_call_send(&reply, cli, TV_AGENT_forget, request, NULL, err);
	if (!status && tv_json_get_int(reply, "versions", &versions))
		tv_say(cli, "erased for good: %lld earlier version%s of %s/%s", (long long)versions,
		       versions == 1 ? "" : "s", tv_json_get_text(reply, "provider"),
		       tv_json_get_text(reply, "label"));
	return status;
}

static const struct tv_option options[] = {
	{"force", 'f', false, NULL, "even if a token of it is still to be ended"},
	{0},
};

const struct tv_command tv_command_forget = {
	.name = "forget",
	.arguments = "PROVIDER[/LABEL]",
	.least = 1,
	.most = 1,
	.summary = "erase history for good",
	.help = "Erases the earlier versions of an entry, or a removed entry altogether. It\n"
		"can't be undone: the vault's backup goes too. Refused for a removed entry that\n"
		"was being rotated, or of which a token is still to be ended at its service.",
	.options = options,
	.run = run,
};
