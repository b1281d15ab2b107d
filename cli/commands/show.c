/* tokenvault show: prints a token. */
#include <unistd.h>

#include "cli/call.h"
#include "cli/report.h"
#include "cli/warn.h"

static enum tv_status print_token(const struct tv_json *entry, struct tv_error *err)
{
	const char *token = tv_json_get_text(entry, "token");
	tv_auto_secret line = {0};

	if (!token)
		return tv_fail(err, TV_SERVER, "an entry without a token");
	tv_secret_puts(&line, token);
	tv_secret_putc(&line, '\n');
	return tv_secret_write(&line, STDOUT_FILENO, err);
}

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *request = NULL, *reply = NULL;
	enum tv_status status = tv_call_new(&request, tv_args_word(cli->args, 0), err);

	if (!status)
		status = tv_warn_ask_along(request, cli, err);
	if (!status)
		status = tv_cli_call(&reply, cli, TV_AGENT_show, request, err);
	if (status)
		return status;
	tv_warn_take(cli, reply);
	return cli->is_json ? tv_report_json(reply, err) : print_token(reply, err);
}

const struct tv_command tv_command_show = {
	.name = "show",
	.arguments = "PROVIDER[/LABEL]",
	.least = 1,
	.most = 1,
	.summary = "print a token",
	.help = "Prints the token and nothing else. Without a label it is the entry\n"
		"`default`, or the one in use where there is no `default`. With --json: the\n"
		"whole entry.",
	.run = run,
	.only_asks = true,
};
