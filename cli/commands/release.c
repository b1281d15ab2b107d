/* tokenvault release: puts plaintext files back, for those who leave. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/call.h"
#include "cli/filelock.h"
#include "cli/keeper.h"
#include "cli/occupant.h"
#include "cli/putback.h"
#include "cli/report.h"
#include "cli/scratch.h"
#include "cli/terminal.h"

struct release {
	struct tv_cli *cli;
	struct tv_scratch *vault; /* as it is; then with the files that it has switched off */
	struct tv_json *choices;  /* the reply of `views` */
	struct tv_json *rows;	  /* the files to put back: path, provider, label, file, bytes */
};

static enum tv_status no_memory(struct tv_error *err)
{
	return tv_fail(err, TV_NO_MEMORY, "the files");
}

static bool has_one_entry(const struct tv_doc *doc, const char *provider)
{
	size_t n = 0;

	for (size_t i = 0; i < doc->n_entries; i++)
		n += !doc->entries[i]->removed && !strcmp(doc->entries[i]->provider, provider);
	return n == 1;
}

static const struct tv_file *file_of(const struct release *r, const struct tv_view *v)
{
	return tv_file_by_name(tv_providers_find(r->cli->providers, v->provider), v->file);
}

/* --file: just those of these names. */
static bool is_chosen(const struct tv_args *args, const char *file)
{
	for (size_t i = 0; i < args->n_given; i++) {
		if (!strcmp(args->given[i].option->name, "file") &&
		    !strcmp(args->given[i].value, file))
			return true;
	}
	return !tv_args_has(args, "file");
}

/* PROVIDER means all files of the service; PROVIDER/LABEL those that show this entry and no other. */
static bool is_named(const struct release *r, const struct tv_view *v)
{
	const struct tv_args *args = r->cli->args;
	const struct tv_doc *doc = tv_scratch_doc(r->vault);
	const bool is_alone =
		file_of(r, v)->shows != TV_SHOWS_ALL || has_one_entry(doc, v->provider);

	if (!is_chosen(args, v->file))
		return false;
	if (!args->n_words)
		return true;
	for (size_t i = 0; i < args->n_words; i++) {
		const char *slash = strchr(args->words[i], '/');
		size_t len = strcspn(args->words[i], "/");

		if (strlen(v->provider) == len && !strncmp(args->words[i], v->provider, len) &&
		    (!slash || (is_alone && !strcmp(slash + 1, v->label))))
			return true;
	}
	return false;
}

static bool is_listed(const struct release *r, const char *path)
{
	for (const struct tv_json *j = tv_json_first(r->rows); j; j = tv_json_next(j)) {
		if (!strcmp(tv_json_get_text(j, "path"), path))
			return true;
	}
	return false;
}

static enum tv_status add_row(struct release *r, const struct tv_view *v, const char *path,
			      struct tv_error *err)
{
	struct tv_json *row = tv_json_object();
	tv_auto_secret text = {0};
	struct tv_error why = {""};
	enum tv_status status = tv_view_render(&text, v, tv_scratch_doc(r->vault),
					       r->cli->providers, time(NULL), &why);

	if (!tv_json_put(r->rows, NULL, row) && !status)
		return no_memory(err);
	if (status)
		return tv_fail(err, status, "%s", why.detail);
	if (*why.detail)
		tv_say(r->cli, "warning: %s: %s", path, why.detail);
	if (!tv_json_put_text(row, "path", path) || !tv_json_put_text(row, "home", v->path) ||
	    !tv_json_put_text(row, "provider", v->provider) ||
	    !tv_json_put_text(row, "label", v->label) || !tv_json_put_text(row, "file", v->file) ||
	    !tv_json_put_text(row, "bytes", tv_secret_text(&text)))
		return no_memory(err);
	return TV_OK;
}

/* The files that are on; or, with only_prepared, those which an earlier release had switched off
 * already when it was cut short. */
static enum tv_status list(struct release *r, bool only_prepared, struct tv_error *err)
{
	struct tv_views views = {0};
	enum tv_status status =
		tv_views_list(&views, tv_scratch_doc(r->vault), r->cli->providers, err);

	for (size_t i = 0; i < views.count && !status; i++) {
		const struct tv_view *v = &views.at[i];
		char path[4096];

		if (!v->in_place || v->clashes || !is_named(r, v))
			continue;
		snprintf(path, sizeof(path), "%s/%s", r->cli->paths.home, v->path);
		if (!is_listed(r, path) && (!only_prepared || tv_putback_is_prepared(path)))
			status = add_row(r, v, path, err);
	}
	tv_views_free(&views);
	return status;
}

/* In the copy only. */
static enum tv_status switch_all_on(struct release *r, struct tv_error *err)
{
	enum tv_status status = TV_OK;

	for (const struct tv_json *j = tv_json_first(tv_json_get(r->choices, "views"));
	     j && !status; j = tv_json_next(j)) {
		tv_auto_json *request = tv_json_object();
		const char *label = tv_json_get_text(j, "label");

		if (!tv_json_put_text(request, "provider", tv_json_get_text(j, "provider")) ||
		    (label && !tv_json_put_text(request, "label", label)) ||
		    !tv_json_put_text(request, "file", tv_json_get_text(j, "file")) ||
		    !tv_json_put_bool(request, "on", true))
			return no_memory(err);
		status = tv_scratch_call(NULL, r->vault, TV_AGENT_view, request, err);
	}
	return status;
}

/* Nothing is switched off for a path that is somebody else's. */
static enum tv_status check_paths(const struct release *r, struct tv_error *err)
{
	for (const struct tv_json *j = tv_json_first(r->rows); j; j = tv_json_next(j)) {
		const char *path = tv_json_get_text(j, "path");
		enum tv_occupant there = tv_occupant_at(path);

		if (there != TV_OCCUPANT_NONE && there != TV_OCCUPANT_OURS)
			return tv_fail(err, TV_IN_THE_WAY, "%s; nothing was changed", path);
	}
	return TV_OK;
}

static enum tv_status plan(struct release *r, struct tv_error *err)
{
	enum tv_status status = tv_scratch_new(&r->vault, err);

	if (!status)
		status = tv_scratch_copy(r->vault, r->cli, NULL, err);
	if (!status)
		status = tv_cli_call(&r->choices, r->cli, TV_AGENT_views, NULL, err);
	if (!status)
		status = list(r, false, err);
	if (!status)
		status = switch_all_on(r, err);
	if (!status)
		status = list(r, true, err);
	if (!status && !tv_json_count(r->rows))
		return tv_fail(err, TV_NO_ENTRY,
			       "nothing to put back; tokenvault view list shows the files, and a "
			       "file of several entries goes with its whole service");
	return status ? status : check_paths(r, err);
}

static enum tv_status confirm(const struct release *r, struct tv_error *err)
{
	char question[96];
	bool yes = false;
	enum tv_status status;

	if (tv_args_has(r->cli->args, "yes"))
		return TV_OK;
	for (const struct tv_json *j = tv_json_first(r->rows); j; j = tv_json_next(j))
		tv_say(r->cli, "%s", tv_json_get_text(j, "path"));
	snprintf(question, sizeof(question), "Write the tokens in plain text to %zu file%s? [y/N] ",
		 tv_json_count(r->rows), tv_json_count(r->rows) == 1 ? "" : "s");
	status = tv_terminal_confirm(&yes, question, "", err);
	if (status == TV_LOCKED)
		return tv_fail(err, TV_USAGE,
			       "no terminal to ask on; --yes writes the tokens in "
			       "plain text without asking");
	if (!status && !yes)
		return tv_fail(err, TV_REFUSED, "not confirmed; nothing was changed");
	return status;
}

/* The user's own path, or the label that the file is of alone: what to switch off. */
static const struct tv_json *own_path(const struct release *r, const struct tv_json *row)
{
	for (const struct tv_json *j = tv_json_first(tv_json_get(r->choices, "paths")); j;
	     j = tv_json_next(j)) {
		if (!strcmp(tv_json_get_text(j, "path"), tv_json_get_text(row, "home")))
			return j;
	}
	return NULL;
}

static bool is_each(const struct release *r, const struct tv_json *row)
{
	const struct tv_view v = {
		.provider = (char *)(uintptr_t)tv_json_get_text(row, "provider"),
		.file = (char *)(uintptr_t)tv_json_get_text(row, "file"),
	};

	return file_of(r, &v)->shows == TV_SHOWS_EACH;
}

static enum tv_status switch_off(struct release *r, const struct tv_json *row, struct tv_error *err)
{
	tv_auto_json *request = tv_json_object();
	const struct tv_json *own = own_path(r, row);
	const char *label = own		      ? tv_json_get_text(own, "label")
			    : is_each(r, row) ? tv_json_get_text(row, "label")
					      : NULL;

	if (!tv_json_put_text(request, "provider", tv_json_get_text(row, "provider")) ||
	    !tv_json_put_text(request, "file", tv_json_get_text(row, "file")) ||
	    (label && !tv_json_put_text(request, "label", label)) ||
	    (own && !tv_json_put_text(request, "path", tv_json_get_text(own, "path"))) ||
	    !tv_json_put_bool(request, "on", false))
		return no_memory(err);
	return tv_cli_call(NULL, r->cli, own ? TV_AGENT_path : TV_AGENT_view, request, err);
}

static enum tv_status put_back(struct release *r, const struct tv_json *row, struct tv_error *err)
{
	const char *path = tv_json_get_text(row, "path");
	tv_auto_secret text = {0};
	enum tv_status status;

	tv_secret_puts(&text, tv_json_get_text(row, "bytes"));
	status = tv_secret_check(&text, err);
	if (!status)
		status = tv_putback_prepare(path, &text, err);
	if (!status)
		status = switch_off(r, row, err);
	return status ? status : tv_putback_finish(path, err);
}

static enum tv_status report(const struct release *r, struct tv_error *err)
{
	static const char *const names[] = {"path", "provider", "label", "file"};
	tv_auto_json *list = tv_json_array();
	bool put = list;

	for (const struct tv_json *j = tv_json_first(r->rows); j && put; j = tv_json_next(j)) {
		struct tv_json *row = tv_json_object();

		put = tv_json_put(list, NULL, row);
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && put; i++)
			put = tv_json_put_text(row, names[i], tv_json_get_text(j, names[i]));
		if (!r->cli->is_json)
			printf("%s\t%s/%s\n", tv_json_get_text(j, "path"),
			       tv_json_get_text(j, "provider"), tv_json_get_text(j, "label"));
	}
	if (!put)
		return no_memory(err);
	return r->cli->is_json ? tv_report_json(list, err) : TV_OK;
}

/* A locked server would not hear of what is switched off; one that was killed takes nothing away. */
static enum tv_status prepare(struct tv_cli *cli, struct tv_error *err)
{
	struct tv_error why;
	enum tv_status status = tv_cli_load_providers(cli, err);

	if (!status)
		status = tv_cli_open(cli, err);
	if (status)
		return status;
	if (tv_session_keeper(cli->session))
		return tv_session_has_server(cli->session) ? TV_OK
							   : tv_session_unlock(cli->session, err);
	if (tv_keeper_clean_up(&cli->paths, cli->paths.name, &why))
		tv_say(cli, "warning: %s", why.detail);
	return TV_OK;
}

/* Every name has to be a file's of some service that is asked for. */
static enum tv_status check_file(const struct tv_cli *cli, const char *name, struct tv_error *err)
{
	const struct tv_args *args = cli->args;
	char provider[64];

	for (size_t i = 0; i < args->n_words; i++) {
		snprintf(provider, sizeof(provider), "%.*s", (int)strcspn(args->words[i], "/"),
			 args->words[i]);
		if (tv_file_by_name(tv_providers_find(cli->providers, provider), name))
			return TV_OK;
	}
	for (size_t i = 0; i < tv_providers_count(cli->providers) && !args->n_words; i++) {
		if (tv_file_by_name(tv_providers_at(cli->providers, i), name))
			return TV_OK;
	}
	return tv_fail(err, TV_NO_ENTRY,
		       "no file is called %.80s; tokenvault view list shows their names", name);
}

static enum tv_status check_words(const struct tv_cli *cli, struct tv_error *err)
{
	enum tv_status status = TV_OK;

	for (size_t i = 0; i < cli->args->n_words && !status; i++) {
		tv_auto_json *name = NULL;
		const struct tv_provider *provider;

		status = tv_call_new(&name, cli->args->words[i], err);
		if (!status)
			status = tv_providers_require(&provider, cli->providers,
						      tv_json_get_text(name, "provider"), err);
	}
	for (size_t i = 0; i < cli->args->n_given && !status; i++) {
		if (!strcmp(cli->args->given[i].option->name, "file"))
			status = check_file(cli, cli->args->given[i].value, err);
	}
	return status;
}

static enum tv_status do_all(struct release *r, struct tv_error *err)
{
	enum tv_status status = prepare(r->cli, err);

	if (!status)
		status = check_words(r->cli, err);
	if (!status)
		status = plan(r, err);
	if (!status)
		status = confirm(r, err);
	for (const struct tv_json *j = tv_json_first(r->rows); j && !status; j = tv_json_next(j))
		status = put_back(r, j, err);
	if (!status)
		status = report(r, err);
	if (!status)
		tv_say(r->cli, "these tokens lie in plain text now; tokenvault adopt takes them "
			       "back");
	return status;
}

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	struct release r = {.cli = cli};
	tv_auto_filelock lock = {.fd = -1};
	enum tv_status status;

	if (tv_args_has(cli->args, "all") == (cli->args->n_words > 0))
		return tv_fail(err, TV_USAGE, "which services, or --all");
	status = tv_filelock_take(&lock, &cli->paths, err);
	if (status)
		return status;
	r.rows = tv_json_array();
	status = r.rows ? do_all(&r, err) : no_memory(err);
	tv_json_free(r.rows);
	tv_json_free(r.choices);
	tv_scratch_free(r.vault);
	return status;
}

static const struct tv_option options[] = {
	{"all", 'a', false, NULL, "every service's files"},
	{"file", 'F', true, "NAME", "only this file (more than once: these)"},
	{"yes", 'y', false, NULL, "do not ask"},
	{0},
};

const struct tv_command tv_command_release = {
	.name = "release",
	.arguments = "PROVIDER[/LABEL]...|--all",
	.most = TV_ANY,
	.summary = "put plaintext files back",
	.help = "For those who leave: takes the mounted files away for good, and writes what\n"
		"they show to plain files in their place, in plain text, after asking. The\n"
		"entries stay in the vault; `adopt` brings it all back. With a label: only\n"
		"the files that show no other entry. Without --file, every file that is\n"
		"switched on is written, also those of older versions and those that were\n"
		"no plain files before; `view list` names them.",
	.options = options,
	.run = run,
};
