/* tokenvault run: a command gets chosen entries, and nobody else does. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cli/run/run.h"
#include "cli/warn.h"

/* Dies of what the command died of, for whoever waits for us to see. */
static void die_too(int sig)
{
	sigset_t one;

	sigemptyset(&one);
	sigaddset(&one, sig);
	signal(sig, SIG_DFL);
	raise(sig);
	sigprocmask(SIG_UNBLOCK, &one, NULL);
}

/* Starts what serves the files; whatever comes of it, no token stays with us. */
static enum tv_status start(struct tv_instance *in, struct tv_cli *cli, struct tv_json **entries,
			    struct tv_error *err)
{
	tv_auto_scratch *vault = NULL;
	enum tv_status status = tv_run_vault(&vault, cli, *entries, err);

	tv_json_free(*entries);
	*entries = NULL;
	tv_session_free(cli->session);
	cli->session = NULL;
	if (!status)
		status = tv_instance_start(in, cli, vault, err);
	tv_scratch_free(vault);
	vault = NULL;
	tv_arena_trim();
	if (status == TV_NO_FUSE)
		tv_say(cli, "without files of its own: tokenvault run --env or --stdin; for all "
			    "programs: tokenvault mount");
	return status;
}

static enum tv_status with_files(struct tv_cli *cli, struct tv_json **entries, struct tv_error *err)
{
	struct tv_instance in;
	enum tv_status status;
	int sig = 0;

	tv_instance_clear_old(&cli->paths);
	/* What the command leaves behind comes to us, and so stays of its kin. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	status = start(&in, cli, entries, err);
	if (status)
		return status;
	status = tv_run_command(&cli->exit_code, &sig, cli, &in, cli->args->words + 1, err);
	tv_instance_stop(&in);
	if (sig)
		die_too(sig);
	return status;
}

/* Nobody stays: the command takes our place. */
static enum tv_status in_our_place(struct tv_cli *cli, struct tv_error *err)
{
	const char *const *argv = cli->args->words + 1;
	int why;

	tv_session_free(cli->session);
	cli->session = NULL;
	fflush(stdout);
	cli->exit_code = tv_run_become(argv);
	why = errno;
	tv_fail(err, TV_FAILED, "%.300s: %s", argv[0], strerror(why));
	tv_complain(TV_FAILED, err);
	return TV_OK;
}

/* The passphrase is none of the command's business. */
static void close_passphrase(const struct tv_cli *cli)
{
	if (cli->ask.passphrase_fd > STDERR_FILENO)
		fcntl(cli->ask.passphrase_fd, F_SETFD, FD_CLOEXEC);
}

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	const bool env = tv_args_has(cli->args, "env"), in = tv_args_has(cli->args, "stdin");
	tv_auto_json *entries = NULL;
	enum tv_status status;

	if (env && in)
		return tv_fail(err, TV_USAGE, "--env or --stdin, not both");
	close_passphrase(cli);
	status = tv_run_entries(&entries, cli, err);
	if (status)
		return status;
	tv_warn(cli);
	cli->told_expiring = true;
	if (!env && !in)
		return with_files(cli, &entries, err);
	status = env ? tv_run_variables(cli, entries, err) : tv_run_stdin(entries, err);
	return status ? status : in_our_place(cli, err);
}

static const struct tv_option options[] = {
	{"env", 'e', false, NULL, "set the service's variables, instead of files"},
	{"stdin", 'i', false, NULL, "give the token on standard input, instead of files"},
	{0},
};

const struct tv_command tv_command_run = {
	.name = "run",
	.arguments = "PROVIDER[/LABEL][,...] -- COMMAND...",
	.least = 2,
	.most = TV_ANY,
	.summary = "give entries to a command",
	.help = "The entries' files exist for the command and what it starts, at the paths that\n"
		"its tool reads, and for nobody else: outside, those paths stay what they are.\n"
		"No server need run, and none is used. When the command ends they are gone.\n"
		"Exits as the command does; 127 when there is no such command, 126 when it\n"
		"can't be run.",
	.options = options,
	.run = run,
};
