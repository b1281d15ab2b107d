/* tokenvault unmount: takes the files away and ends the server. */
#include "cli/keeper.h"

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	enum tv_status status = tv_cli_open(cli, err);

	if (status)
		return status;
	if (tv_session_keeper(cli->session)) {
		status = tv_keeper_stop(cli, err);
		if (!status)
			tv_say(cli, "unmounted");
		return status;
	}
	status = tv_keeper_clean_up(&cli->paths, cli->paths.name, err);
	if (status == TV_NOT_MOUNTED)
		return tv_fail(err, status, "no server runs");
	if (!status)
		tv_say(cli, "no server runs; cleared away what one had left behind");
	return status;
}

const struct tv_command tv_command_unmount = {
	.name = "unmount",
	.arguments = "",
	.summary = "take the files away",
	.help = "Unmounts every file and ends the server. Also clears away what a server that\n"
		"was killed left behind.",
	.run = run,
};
