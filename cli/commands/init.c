/* tokenvault init: makes a vault. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/newkey.h"

/* Before anybody is asked for anything. */
static enum tv_status check_place(const struct tv_paths *paths, struct tv_error *err)
{
	const char *slash = strrchr(paths->vault, '/');
	char dir[4096];
	enum tv_status status;

	if (!access(paths->vault, F_OK))
		return tv_fail(err, TV_EXISTS, "%s; --vault names another", paths->vault);
	status = tv_paths_make_vault_dir(paths, err);
	if (status)
		return status;
	snprintf(dir, sizeof(dir), "%.*s", (int)(slash - paths->vault) + 1, paths->vault);
	if (access(dir, W_OK | X_OK))
		return tv_fail(err, TV_IO, "%s: %s%s", dir, strerror(errno),
			       errno == ENOENT ? "; make that directory first"
					       : "; the vault is to be made there");
	return TV_OK;
}

static bool makes_passphrase(const struct tv_cli *cli)
{
	return !cli->ask.keyfile || cli->ask.passphrase_fd >= 0;
}

static enum tv_status make_slots(struct tv_slot_new slots[static 2], size_t *n, bool *made,
				 struct tv_cli *cli, struct tv_error *err)
{
	enum tv_status status = TV_OK;

	*n = 0;
	if (makes_passphrase(cli))
		status = tv_newkey(&slots[(*n)++], made, cli, "passphrase", NULL, NULL, err);
	if (!status && cli->ask.keyfile)
		status = tv_newkey(&slots[(*n)++], made, cli, "keyfile", cli->ask.keyfile, NULL,
				   err);
	return status;
}

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	struct tv_slot_new slots[2];
	bool made_keyfile = false;
	size_t n;
	enum tv_status status =
		tv_newkey_check(cli, makes_passphrase(cli) ? "passphrase" : "keyfile", err);

	if (!status)
		status = check_place(&cli->paths, err);
	if (!status)
		status = tv_cli_open(cli, err);
	if (!status)
		status = make_slots(slots, &n, &made_keyfile, cli, err);
	if (!status)
		status = tv_session_create(cli->session, slots, n, err);
	if (status && made_keyfile)
		unlink(cli->ask.keyfile);
	if (!status)
		tv_say(cli, "made the vault %s", cli->paths.vault);
	return status;
}

static const struct tv_option options[] = {TV_NEWKEY_OPTIONS, {0}};

const struct tv_command tv_command_init = {
	.name = "init",
	.arguments = "",
	.summary = "make a vault",
	.help = "Makes an empty vault. The passphrase is asked for twice, or read once from\n"
		"--passphrase-fd. With --keyfile the file's bytes open the vault instead; it\n"
		"is made where it is missing. With both, either opens.",
	.options = options,
	.run = run,
};
