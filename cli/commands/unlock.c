/* tokenvault unlock: opens the vault of a locked server. */
#include "cli/cli.h"

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	enum tv_status status = tv_cli_open(cli, err);

	if (status)
		return status;
	if (!tv_session_keeper(cli->session))
		return tv_fail(err, TV_NOT_MOUNTED, "no server runs; tokenvault mount starts one");
	if (tv_session_has_server(cli->session)) {
		tv_say(cli, "the vault is unlocked already");
		return TV_OK;
	}
	status = tv_session_unlock(cli->session, err);
	if (!status)
		tv_say(cli, "unlocked");
	return status;
}

const struct tv_command tv_command_unlock = {
	.name = "unlock",
	.arguments = "",
	.summary = "let the files be read again",
	.help = "Opens the vault again after `lock`.",
	.run = run,
};
