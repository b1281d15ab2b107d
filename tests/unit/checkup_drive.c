/* Single checks of `tokenvault doctor` on a machine whose /etc, /proc, /sys, /dev and /run are in a directory:
 * checkup_drive ROOT KEYFILE|- CHECK… prints lines of name, verdict, whether --fix can mend it, whether it was
 * looked at, and text. */
#include <stdio.h>
#include <string.h>

#include "cli/checkup/checkup.h"

void tv_complain(enum tv_status status, const struct tv_error *err)
{
	fprintf(stderr, "checkup_drive: %s: %s\n", tv_status_sentence(status), err->detail);
}

static enum tv_status make(struct tv_checkup *c, const char *name, struct tv_error *err)
{
	for (const struct tv_check *const *check = tv_checks(); *check; check++) {
		if (!strcmp((*check)->name, name))
			return tv_checkup_make(c, *check, false, err);
	}
	return tv_fail(err, TV_USAGE, "no check %s", name);
}

static void print(const struct tv_checkup *c)
{
	static const char *const verdicts[] = {"fine", "note", "wrong"};

	for (size_t i = 0; i < c->count; i++) {
		const struct tv_remark *r = &c->remarks[i];

		printf("%s\t%s\t%s\t%s\t%s\n", r->check->name, verdicts[r->verdict],
		       r->can_mend ? "fixable" : "-", r->is_unknown ? "unchecked" : "checked",
		       r->text);
	}
}

static enum tv_status run(struct tv_cli *cli, char **words, struct tv_error *err)
{
	tv_auto_checkup c = {.cli = cli, .root = words[0]};
	enum tv_status status = tv_checkup_open(&c, err);

	for (char **name = words + 2; *name && !status; name++)
		status = make(&c, *name, err);
	print(&c);
	return status;
}

int main(int argc, char **argv)
{
	struct tv_args none = {0};
	struct tv_cli cli = {.args = &none, .ask.passphrase_fd = -1};
	struct tv_error err = {""};
	enum tv_status status = tv_cli_start(&err);

	if (argc < 4)
		return 2;
	cli.ask.keyfile = strcmp(argv[2], "-") ? argv[2] : NULL;
	if (!status)
		status = tv_paths_find(&cli.paths, NULL, &err);
	if (!status)
		status = run(&cli, argv + 1, &err);
	if (status)
		tv_complain(status, &err);
	tv_session_free(cli.session);
	tv_providers_free(cli.providers);
	tv_secret_free(&cli.ask.passphrase);
	tv_paths_free(&cli.paths);
	return tv_status_exit(status);
}
