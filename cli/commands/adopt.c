/* tokenvault adopt: moves tokens from plaintext files into the vault. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/adopt/adoption.h"
#include "cli/filelock.h"
#include "cli/report.h"
#include "cli/terminal.h"

static bool was_changed_meanwhile(const struct tv_adoption *a)
{
	for (size_t i = 0; i < a->findings.count; i++) {
		if (a->findings.at[i].status == TV_BUSY)
			return true;
	}
	return false;
}

static void word(struct tv_error *out, const struct tv_adoption *a, const struct tv_finding *f)
{
	tv_fail(out, f->status, "%s%s", a->is_dry ? "would be left: " : "", f->why.detail);
}

static void tell(const struct tv_adoption *a, const struct tv_finding *f)
{
	struct tv_error why;

	word(&why, a, f);
	tv_complain(f->status, &why);
}

/* The first one left alone is the command's own failure, a token that its service refuses before all
 * others; the rest is printed here. */
static enum tv_status complain(const struct tv_adoption *a, struct tv_error *err)
{
	const struct tv_finding *own = NULL;

	for (size_t i = 0; i < a->findings.count; i++) {
		const struct tv_finding *f = &a->findings.at[i];

		if (f->status &&
		    (!own || (f->status == TV_TOKEN_REFUSED && own->status != TV_TOKEN_REFUSED)))
			own = f;
	}
	for (size_t i = 0; i < a->findings.count; i++) {
		if (a->findings.at[i].status && &a->findings.at[i] != own)
			tell(a, &a->findings.at[i]);
	}
	if (!own)
		return TV_OK;
	word(err, a, own);
	return own->status;
}

static bool is_adopted(const struct tv_intake *i)
{
	return i->is_stored;
}

/* Rotating there and then, for those who say yes. */
static enum tv_status rotate(struct tv_cli *cli, const char *name, struct tv_error *err)
{
	const struct tv_args *before = cli->args;
	const char *words[] = {name, NULL};
	struct tv_args args = {.words = words, .n_words = 1};
	enum tv_status status = TV_OK;

	for (const struct tv_command *const *c = tv_commands(); *c; c++) {
		if (!strcmp((*c)->name, "rotate"))
			args.command = *c;
	}
	cli->args = &args;
	if (args.command)
		status = args.command->run(cli, err);
	cli->args = before;
	return status;
}

static enum tv_status offer(struct tv_cli *cli, const char *name, struct tv_error *err)
{
	char question[160];
	struct tv_error ignored;
	bool yes = false;

	snprintf(question, sizeof(question), "Rotate %s now? [y/N] ", name);
	if (tv_terminal_confirm(&yes, question, "", &ignored) || !yes)
		return TV_OK;
	return rotate(cli, name, err);
}

static enum tv_status advise(const struct tv_adoption *a, struct tv_error *err)
{
	const bool asks = isatty(STDIN_FILENO) && isatty(STDERR_FILENO) && !a->cli->is_quiet &&
			  !a->cli->is_json;
	enum tv_status status = TV_OK;
	bool told = false;

	for (size_t i = 0; i < a->intakes.count && !status; i++) {
		const struct tv_intake *in = a->intakes.at[i];
		char name[TV_LABEL_MAX + 40];

		if (!is_adopted(in))
			continue;
		if (!told)
			tv_say(a->cli,
			       "old copies may remain on SSDs, in snapshots and in backups; "
			       "new tokens are the cure:");
		told = true;
		snprintf(name, sizeof(name), "%s/%s", in->provider->name, in->label);
		tv_say(a->cli, "  tokenvault rotate %s", name);
		if (asks && in->provider->mint)
			status = offer(a->cli, name, err);
	}
	return status;
}

static void say_outcome(const struct tv_adoption *a)
{
	for (size_t i = 0; i < a->intakes.count; i++) {
		const struct tv_intake *in = a->intakes.at[i];

		if (is_adopted(in) && in->answer && in->answer != TV_NO_API)
			tv_say(a->cli, "%s/%s is adopted, but not verified: %s: %s",
			       in->provider->name, in->label, tv_status_sentence(in->answer),
			       in->why.detail);
	}
	for (size_t i = 0; i < a->findings.count; i++) {
		const struct tv_finding *f = &a->findings.at[i];

		if (f->fate == TV_FATE_KEPT && !a->is_dry)
			tv_say(a->cli, "%s still has its tokens in plain text", f->source.path);
	}
	if (a->is_dry && a->findings.count && !tv_ask_is_automatic(&a->cli->ask) &&
	    !tv_session_opens_alone(a->cli->session))
		tv_say(a->cli,
		       "the vault was not opened: what it has already may make a difference");
	if (!a->findings.count)
		tv_say(a->cli, "no plaintext file of a service was found; tokenvault mount shows "
			       "the tokens that are in the vault");
}

static enum tv_status pass(struct tv_adoption *a, struct tv_error *err)
{
	enum tv_status status = tv_adoption_plan(a, err);

	if (status)
		return status;
	tv_adoption_say(a);
	return tv_adoption_do(a, err);
}

/* Standard output first: it is true whatever becomes of the rest. */
static enum tv_status finish(struct tv_adoption *a, const struct tv_json *list,
			     struct tv_error *err)
{
	enum tv_status status = TV_OK;

	if (a->cli->is_json)
		status = tv_report_json(list, err);
	else
		tv_adoption_print(list);
	if (!status)
		status = tv_adoption_mount(a, err);
	if (!status)
		say_outcome(a);
	return status;
}

static struct tv_adoption new_adoption(struct tv_cli *cli)
{
	return (struct tv_adoption){
		.cli = cli,
		.is_dry = tv_args_has(cli->args, "dry-run"),
		.keeps = tv_args_has(cli->args, "keep"),
		.asks = !tv_args_has(cli->args, "no-verify"),
		.mounts = !tv_args_has(cli->args, "no-mount"),
	};
}

/* A file that was changed under our hands is read anew, once. What the first pass did stays in the vault,
 * where the second one finds it. */
static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *list = tv_json_array();
	tv_auto_adoption first = new_adoption(cli), second = new_adoption(cli);
	struct tv_adoption *last = &first;
	tv_auto_filelock lock = {.fd = -1};
	enum tv_status status = first.is_dry ? TV_OK : tv_filelock_take(&lock, &cli->paths, err);

	second.before = &first;
	if (!status)
		status = pass(&first, err);

	if (!status && was_changed_meanwhile(&first)) {
		status = tv_adoption_report(list, &first, true, err);
		if (!status)
			status = tv_adoption_mount(&first, err);
		if (!status)
			status = pass(&second, err);
		last = &second;
	}
	if (!status)
		status = tv_adoption_report(list, last, false, err);
	if (!status)
		status = finish(last, list, err);
	if (!status)
		status = advise(&first, err);
	return status ? status : complain(last, err);
}

static const struct tv_option options[] = {
	{"dry-run", 'n', false, NULL, "say what there is, and change nothing"},
	{"keep", 0, false, NULL, "take the tokens, and leave the files"},
	{"no-verify", 0, false, NULL, "do not ask the services about the tokens"},
	{"no-mount", 0, false, NULL, "do not mount what was replaced"},
	{0},
};

const struct tv_command tv_command_adopt = {
	.name = "adopt",
	.arguments = "[PROVIDER]...",
	.most = TV_ANY,
	.summary = "take plaintext tokens in",
	.help = "Finds the files in which services' own tools keep tokens, puts the tokens\n"
		"into the vault, asks the services about them, and then overwrites and\n"
		"removes the files and mounts the vault's in their place. A file that says\n"
		"more than the mounted one would, or another token, is left alone, said.\n"
		"Prints PATH, ENTRY and what came of it: adopted, kept (only the token was\n"
		"taken), left or (with --dry-run) found.",
	.options = options,
	.run = run,
};
