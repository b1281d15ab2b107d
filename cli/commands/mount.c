/* tokenvault mount: shows the tokens as files. */
#include "cli/mounting.h"
#include "cli/program.h"

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	const char *word = tv_args_value(cli->args, "askpass");
	char askpass[PATH_MAX];
	const struct tv_mounting all = {
		.providers = cli->args->words,
		.n_providers = cli->args->n_words,
		.stays = tv_args_has(cli->args, "foreground"),
		.reports = true,
		.is_locked = tv_args_has(cli->args, "locked"),
		.askpass = word ? askpass : NULL,
	};
	enum tv_status status = word ? tv_program_resolve(askpass, word, err) : TV_OK;

	if (all.is_locked && all.n_providers)
		return tv_fail(err, TV_USAGE,
			       "--locked shows what was shown last, so it names no service");
	return status ? status : tv_mounting_run(cli, &all, err);
}

static const struct tv_option options[] = {
	{"locked", 'L', false, NULL, "show what was shown last, and unlock nothing"},
	{"foreground", 'f', false, NULL, "stay until the end, for service managers"},
	{"askpass", 0, false, "PROGRAM", "have it ask, and not pinentry, when somebody must be"},
	{0},
};

const struct tv_command tv_command_mount = {
	.name = "mount",
	.arguments = "[PROVIDER]...",
	.most = TV_ANY,
	.summary = "show the tokens as files",
	.help = "Starts the server, unlocks it, and shows each service's files at the paths\n"
		"that its own tool reads; without names those of every service in the vault.\n"
		"Prints the paths. A file that is in the way is left alone, said, and the\n"
		"others are mounted. With --locked nothing is asked for: the files are there,\n"
		"with their sizes, and can be read once the vault is unlocked.",
	.options = options,
	.run = run,
};
