/* tokenvault use: chooses the entry that the files in place show. */
#include "cli/call.h"

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *request = NULL;
	enum tv_status status = tv_call_new_exact(&request, tv_args_word(cli->args, 0), err);

	if (status)
		return status;
	return tv_call_send(NULL, cli, TV_AGENT_use, request, "in use now:", err);
}

const struct tv_command tv_command_use = {
	.name = "use",
	.arguments = "PROVIDER/LABEL",
	.least = 1,
	.most = 1,
	.summary = "choose what the files show",
	.help = "Of several entries of a service, the one in use is the one that the\n"
		"service's files show, as far as they can show only one.",
	.run = run,
};
