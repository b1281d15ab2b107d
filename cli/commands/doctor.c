/* tokenvault doctor: what is wrong here, and mending what can be. */
#include "cli/checkup/checkup.h"

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_checkup c = {.cli = cli, .root = ""};
	enum tv_status status = tv_checkup_open(&c, err);

	if (!status)
		status = tv_checkup_make_all(&c, tv_args_has(cli->args, "fix"), err);
	if (status)
		return status;
	if (tv_checkup_count(&c, TV_VERDICT_WRONG))
		cli->exit_code = TV_CHECKUP_WRONG;
	if (cli->is_json)
		return tv_checkup_report(&c, err);
	tv_checkup_print(&c);
	return TV_OK;
}

static const struct tv_option options[] = {
	{"fix", 0, false, NULL, "mend what can be mended safely"},
	{0},
};

const struct tv_command tv_command_doctor = {
	.name = "doctor",
	.arguments = "",
	.summary = "what is wrong here",
	.help = "Checks whether files can be mounted here, the limits, directories and the\n"
		"vault's file, what killed servers and renamed directories left, plaintext\n"
		"that came back or lies beside the files, variables that beat them, and\n"
		"backups that stumble over them. Works without a vault or a server, and asks\n"
		"for no passphrase. Exits with 26 when something is wrong. With --json: an\n"
		"object.",
	.options = options,
	.run = run,
};
