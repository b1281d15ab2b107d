/* tokenvault: the program people and scripts use. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/help.h"

/* Details repeat what was typed: one line it stays, and the terminal takes no orders from it. */
void tv_complain(enum tv_status status, const struct tv_error *err)
{
	struct tv_error plain = *err;

	for (char *c = plain.detail; (c = strchr(c, '\n'));)
		*c = '?';
	tv_utf8_make_shown(plain.detail);
	fprintf(stderr, "tokenvault: %s%s%s\n", tv_status_sentence(status),
		*plain.detail ? ": " : "", plain.detail);
}

int main(int argc, char **argv)
{
	struct tv_error err = {""};
	tv_auto_args args = {0};
	int exit_code = 0;
	enum tv_status status = tv_cli_start(&err);

	if (!status)
		status = tv_args_parse(&args, argc, argv, &err);
	if (!status)
		status = tv_cli_run(&exit_code, &args, &err);
	if (!status)
		return exit_code;
	tv_complain(status, &err);
	if (status == TV_USAGE)
		tv_help_usage(stderr, &args);
	return tv_status_exit(status);
}
