/* tokenvault forget: erases what history keeps. */
#include "cli/call.h"

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *request = NULL, *reply = NULL;
	int64_t versions = 0;
	enum tv_status status = tv_call_new(&request, tv_args_word(cli->args, 0), err);

	if (!status)
		status = tv_call_send(&reply, cli, TV_AGENT_forget, request, NULL, err);
	if (!status && tv_json_get_int(reply, "versions", &versions))
		tv_say(cli, "erased for good: %lld earlier versions of %s/%s", (long long)versions,
		       tv_json_get_text(reply, "provider"), tv_json_get_text(reply, "label"));
	return status;
}

const struct tv_command tv_command_forget = {
	.name = "forget",
	.arguments = "PROVIDER[/LABEL]",
	.least = 1,
	.most = 1,
	.summary = "erase history for good",
	.help = "Erases the earlier versions of an entry, or a removed entry altogether. It\n"
		"can't be undone: the vault's backup goes too.",
	.run = run,
};
