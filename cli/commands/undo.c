/* tokenvault undo: brings back what was there before. */
#include "cli/call.h"

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *request = NULL, *reply = NULL;
	unsigned long version = 0;
	enum tv_status status = tv_call_new(&request, tv_args_word(cli->args, 0), err);

	if (!status)
		status = tv_args_number(&version, cli->args, "to", 1000000, err);
	if (status)
		return status;
	if ((version && !tv_json_put_int(request, "version", (int64_t)version)) ||
	    (tv_args_has(cli->args, "force") && !tv_json_put_bool(request, "force", true)))
		return tv_fail(err, TV_NO_MEMORY, "a request");
	status = tv_call_send(&reply, cli, TV_AGENT_undo, request, "brought back", err);
	if (!status && !tv_json_get_true(reply, "restored"))
		tv_say(cli, "tokenvault undo once more brings the other one back");
	return status;
}

static const struct tv_option options[] = {
	{"to", 't', false, "VERSION", "a version that `history` shows; else the last one"},
	{"force", 'f', false, NULL, "even a token that was ended at its service"},
	{0},
};

const struct tv_command tv_command_undo = {
	.name = "undo",
	.arguments = "PROVIDER[/LABEL]",
	.least = 1,
	.most = 1,
	.summary = "bring back what was before",
	.help = "Brings a removed entry back, else an entry's version before the last change.\n"
		"What it replaces is kept in the history, so an undo can be undone. Refused\n"
		"where `rotate` or `revoke` has ended that version's token.",
	.options = options,
	.run = run,
};
