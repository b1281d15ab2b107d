/* tokenvault rekey: another vault key, for whatever had the old one. */
#include "cli/cli.h"
#include "cli/report.h"

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *reply = NULL;
	enum tv_status status = tv_cli_call(&reply, cli, TV_AGENT_rekey, NULL, err);

	if (status)
		return status;
	if (cli->is_json)
		return tv_report_json(reply, err);
	tv_say(cli, "the vault has a new key of its own; everything that opened it still does");
	return TV_OK;
}

const struct tv_command tv_command_rekey = {
	.name = "rekey",
	.arguments = "",
	.summary = "make a new vault key",
	.help = "Gives the vault a new key of its own. Passphrases and the other keys stay; what\n"
		"no longer opens it is the vault key that it had, and with that every copy of\n"
		"the file that this program made here. Copies taken elsewhere are not reached:\n"
		"if one got out, rotate the tokens. Always asks for a key that the vault has.",
	.run = run,
};
