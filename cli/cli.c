/* What a command works with: the arguments, the paths, the session, the definitions. */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/help.h"
#include "cli/warn.h"

/* A file opened later must not become descriptor 0, 1 or 2. What stands in for a closed one gives an
 * error when it is used. */
static enum tv_status fill_descriptors(struct tv_error *err)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		if (open("/dev/null", fd ? O_RDONLY : O_WRONLY) != fd)
			return tv_fail(err, TV_IO, "/dev/null: %s", strerror(errno));
	}
	return TV_OK;
}

static void (*at_closed_pipes)(int);

enum tv_status tv_cli_start(struct tv_error *err)
{
	enum tv_status status = fill_descriptors(err);

	at_closed_pipes = signal(SIGPIPE, SIG_IGN);
	return status ? status : tv_init_process(err);
}

void tv_cli_restore_signals(void)
{
	signal(SIGPIPE, at_closed_pipes);
}

/* Looks at the descriptor before this program has opened any of its own. */
static enum tv_status set_up_asking(struct tv_ask *ask, const struct tv_args *args,
				    struct tv_error *err)
{
	unsigned long fd = 0;
	enum tv_status status;

	ask->keyfile = tv_args_value(args, "keyfile");
	ask->passphrase_fd = -1;
	if (!tv_args_has(args, "passphrase-fd"))
		return TV_OK;
	status = tv_args_number(&fd, args, "passphrase-fd", INT_MAX, err);
	if (status)
		return status;
	if (fcntl((int)fd, F_GETFD) < 0)
		return tv_fail(err, TV_BAD_VALUE, "--passphrase-fd %lu: that descriptor isn't open",
			       fd);
	ask->passphrase_fd = (int)fd;
	return TV_OK;
}

static void free_cli(struct tv_cli *cli)
{
	tv_session_free(cli->session);
	tv_providers_free(cli->providers);
	tv_json_free(cli->settings);
	tv_json_free(cli->expiring);
	tv_secret_free(&cli->ask.passphrase);
	tv_paths_free(&cli->paths);
}

static enum tv_status run_command(int *exit_code, const struct tv_args *args, struct tv_error *err)
{
	struct tv_cli cli = {
		.args = args,
		.is_json = tv_args_has(args, "json"),
		.is_quiet = tv_args_has(args, "quiet"),
	};
	enum tv_status status = set_up_asking(&cli.ask, args, err);

	if (!status && !args->command->only_asks)
		status = tv_init_crypto(err);
	if (!status)
		status = tv_paths_find(&cli.paths, tv_args_value(args, "vault"), err);
	if (!status)
		status = args->command->run(&cli, err);
	if (!status) {
		*exit_code = cli.exit_code;
		tv_warn(&cli);
	}
	free_cli(&cli);
	return status;
}

enum tv_status tv_cli_run(int *exit_code, const struct tv_args *args, struct tv_error *err)
{
	enum tv_status status = TV_OK;

	if (tv_args_has(args, "help"))
		tv_help(stdout, args);
	else if (tv_args_has(args, "version"))
		printf("tokenvault %s\n", TV_VERSION);
	else
		status = run_command(exit_code, args, err);
	if ((fflush(stdout) || ferror(stdout)) && !status)
		status = tv_fail(err, TV_IO, "standard output: %s", strerror(errno));
	return status;
}

void tv_say(const struct tv_cli *cli, const char *format, ...)
{
	char *text = NULL;
	va_list args;

	if (cli->is_quiet)
		return;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	if (!text)
		return;
	tv_utf8_make_shown(text);
	fprintf(stderr, "%s\n", text);
	free(text);
}

static enum tv_status ask(struct tv_secret *out, enum tv_part part, void *arg, struct tv_error *err)
{
	struct tv_cli *cli = arg;
	struct tv_error why = {""};
	enum tv_status status;

	if (cli->asks_nobody)
		return TV_LOCKED;
	status = tv_ask_part(out, part, &cli->ask, &why);
	if (status == TV_NO_ENTRY && *why.detail)
		tv_say(cli, "warning: %s", why.detail);
	return status ? tv_fail(err, status, "%s", why.detail) : TV_OK;
}

enum tv_status tv_cli_open(struct tv_cli *cli, struct tv_error *err)
{
	struct tv_session_config config = {
		.vault_path = cli->paths.vault,
		.socket_path = cli->paths.socket,
		.state_dir = cli->paths.state,
		.log_name = cli->paths.name,
		.accept_rollback = tv_args_has(cli->args, "accept-rollback"),
		.has_credential = tv_ask_is_automatic(&cli->ask),
	};

	cli->ask.device = cli->paths.device;
	config.ways = tv_ask_ways(&cli->ask);
	config.ways.ask = ask;
	config.ways.ask_arg = cli;
	return cli->session ? TV_OK : tv_session_open(&cli->session, &config, err);
}

/* Whether the request is about a service that nobody has defined; then err says so. */
static bool is_about_no_provider(struct tv_cli *cli, const struct tv_json *request,
				 struct tv_error *err)
{
	const char *name = tv_json_get_text(request, "provider");
	const struct tv_provider *provider;
	struct tv_error ignored;

	return name && !tv_cli_load_providers(cli, &ignored) &&
	       tv_providers_require(&provider, cli->providers, name, err) == TV_NO_PROVIDER;
}

enum tv_status tv_cli_call(struct tv_json **reply, struct tv_cli *cli,
			   enum tv_agent_message message, const struct tv_json *request,
			   struct tv_error *err)
{
	/* What the session needed to save the vault. */
	static const char *const internals[] = {"backup", "seen", NULL};
	tv_auto_json *nothing = request ? NULL : tv_json_object();
	enum tv_status status = tv_cli_open(cli, err);

	if (status)
		return status;
	status = tv_session_call(reply, cli->session, message, request ? request : nothing, err);
	if (status == TV_NO_ENTRY && is_about_no_provider(cli, request, err))
		return TV_NO_PROVIDER;
	if (!status && reply)
		for (const char *const *m = internals; *m; m++)
			tv_json_remove(*reply, *m);
	return status;
}

enum tv_status tv_cli_list(struct tv_listing *out, struct tv_cli *cli,
			   const struct tv_json *request, struct tv_error *err)
{
	enum tv_status status = tv_cli_open(cli, err);

	return status ? status : tv_session_list(out, cli->session, request, err);
}

enum tv_status tv_cli_load_providers(struct tv_cli *cli, struct tv_error *err)
{
	struct tv_error skipped = {""};
	enum tv_status status;

	if (cli->providers)
		return TV_OK;
	status = tv_providers_load(&cli->providers, cli->paths.providers, &skipped, err);
	if (!status && *skipped.detail)
		tv_say(cli, "warning: left out: %s", skipped.detail);
	return status;
}

enum tv_status tv_cli_load_provider(struct tv_cli *cli, const char *name, struct tv_error *err)
{
	struct tv_error skipped = {""};
	enum tv_status status;

	if (cli->providers)
		return TV_OK;
	status = tv_providers_load_one(&cli->providers, cli->paths.providers, name, &skipped, err);
	if (!status && *skipped.detail)
		tv_say(cli, "warning: left out: %s", skipped.detail);
	return status;
}
