/* tokenvault audit: who opened what, and whether the log of that is what was written. */
#include <string.h>

#include "cli/audit/audit.h"

static bool has_filter(const struct tv_args *args)
{
	static const char *const names[] = {"since", "until", "entry", "program", "event"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (tv_args_has(args, names[i]))
			return true;
	return false;
}

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	const char *word = tv_args_word(cli->args, 0);
	const bool verifies = tv_args_has(cli->args, "verify");

	if (word && strcmp(word, "exposed") != 0)
		return tv_fail(err, TV_USAGE, "`%s`: only `exposed` can stand there", word);
	if (verifies && (word || has_filter(cli->args)))
		return tv_fail(err, TV_USAGE,
			       "--verify checks the whole log: nothing goes with it");
	if (word && tv_args_has(cli->args, "event"))
		return tv_fail(err, TV_USAGE, "exposed is about tokens that were read: no --event");
	if (verifies)
		return tv_audit_check(cli, err);
	return word ? tv_audit_exposed(cli, err) : tv_audit_show(cli, err);
}

static const struct tv_option options[] = {
	TV_AUDIT_OPTIONS,
	{"event", 'n', false, "EVENT", "open, read, show, edit, unlock, lock, mount, gap"},
	{"verify", 0, false, NULL, "check that every line is what was written"},
	{0},
};

const struct tv_command tv_command_audit = {
	.name = "audit",
	.arguments = "[exposed]",
	.most = 1,
	.summary = "who read what, and when",
	.help = "Shows the log of who opened which file, was refused, locked, unlocked and\n"
		"changed what. `exposed --since TIME` lists the tokens that were read since then,\n"
		"by whom, and what to run to replace them. --verify has the vault check each\n"
		"line: what was changed, removed or moved is named. With --json: an array; with\n"
		"--verify an object.",
	.options = options,
	.run = run,
};
