/* tokenvault lock: nothing can be read until the vault is unlocked. */
#include <signal.h>

#include "cli/cli.h"

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	enum tv_status status = tv_cli_call(NULL, cli, TV_AGENT_lock, NULL, err);
	pid_t keeper;

	if (status == TV_NOT_MOUNTED)
		return tv_fail(err, status, "no server runs, so nothing is unlocked");
	/* One that can't take the message can still be locked by its keeper. */
	keeper = status == TV_SERVER ? tv_session_keeper(cli->session) : 0;
	if (keeper && !kill(keeper, SIGUSR1))
		return tv_fail(err, status, "its keeper was told to lock; see: tokenvault status");
	if (!status)
		tv_say(cli, "locked; tokenvault unlock opens it");
	return status;
}

const struct tv_command tv_command_lock = {
	.name = "lock",
	.arguments = "",
	.summary = "let nobody read the files",
	.help = "Makes the running server forget every secret. The files stay where they are\n"
		"and keep their sizes; reading one says `Required key not available`.",
	.run = run,
};
