/* tokenvault view: which of a service's files are mounted. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/report.h"

/* What the vault has chosen for a file, else what the definition says. */
static bool is_on(const struct tv_json *chosen, const struct tv_provider *p,
		  const struct tv_file *f)
{
	for (const struct tv_json *j = tv_json_first(chosen); j; j = tv_json_next(j)) {
		if (!strcmp(tv_json_get_text(j, "provider"), p->name) &&
		    !strcmp(tv_json_get_text(j, "file"), f->name))
			return tv_json_get_true(j, "on");
	}
	return f->on;
}

static void add_row(struct tv_table *t, const struct tv_json *chosen, const struct tv_provider *p,
		    const struct tv_file *f)
{
	char name[512];

	snprintf(name, sizeof(name), "%s/%s", p->name, f->name);
	tv_table_cell(t, name);
	tv_table_cell(t, is_on(chosen, p, f) ? "on" : "off");
	tv_table_cell(t, f->path);
	tv_table_cell(t, f->versions);
}

static bool put_object(struct tv_json *list, const struct tv_json *chosen,
		       const struct tv_provider *p, const struct tv_file *f)
{
	struct tv_json *j = tv_json_object();

	return tv_json_put(list, NULL, j) && tv_json_put_text(j, "provider", p->name) &&
	       tv_json_put_text(j, "file", f->name) && tv_json_put_text(j, "path", f->path) &&
	       tv_json_put_bool(j, "on", is_on(chosen, p, f)) &&
	       tv_json_put_text(j, "versions", f->versions);
}

static enum tv_status run_list(struct tv_cli *cli, struct tv_error *err)
{
	static const char *const heads[] = {"FILE", "STATE", "PATH", "READ BY", NULL};
	tv_auto_table table = {.heads = heads};
	tv_auto_json *reply = NULL, *list = tv_json_array();
	const char *only = tv_args_word(cli->args, 0);
	const struct tv_provider *asked = NULL;
	enum tv_status status = tv_cli_load_providers(cli, err);
	bool put = true;

	if (!status && only)
		status = tv_providers_require(&asked, cli->providers, only, err);
	if (!status)
		status = tv_cli_call(&reply, cli, TV_AGENT_views, NULL, err);
	if (status)
		return status;
	for (size_t i = 0; i < tv_providers_count(cli->providers); i++) {
		const struct tv_provider *p = tv_providers_at(cli->providers, i);

		for (size_t f = 0; f < p->n_files && (!asked || p == asked); f++) {
			add_row(&table, tv_json_get(reply, "views"), p, &p->files[f]);
			put &= put_object(list, tv_json_get(reply, "views"), p, &p->files[f]);
		}
	}
	if (!put)
		return tv_fail(err, TV_NO_MEMORY, "a report");
	return cli->is_json ? tv_report_json(list, err) : tv_table_print(&table, err);
}

/* PROVIDER/FILE, which the definitions have to know. */
static enum tv_status find_file(const struct tv_provider **p, const char **file, struct tv_cli *cli,
				struct tv_error *err)
{
	const char *word = tv_args_word(cli->args, 0);
	const char *slash = strchr(word, '/');
	char name[64];
	enum tv_status status = tv_cli_load_providers(cli, err);

	if (status)
		return status;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "/"), word);
	status = tv_providers_require(p, cli->providers, name, err);
	for (size_t f = 0; !status && slash && f < (*p)->n_files; f++) {
		if (strcmp((*p)->files[f].name, slash + 1))
			continue;
		*file = (*p)->files[f].name;
		return TV_OK;
	}
	return status ? status
		      : tv_fail(err, TV_NO_ENTRY, "no file %s; tokenvault view list %s shows them",
				word, name);
}

static enum tv_status turn(struct tv_cli *cli, bool on, struct tv_error *err)
{
	tv_auto_json *request = tv_json_object(), *reply = NULL;
	const struct tv_provider *p;
	const char *file = "";
	enum tv_status status = find_file(&p, &file, cli, err);

	if (status)
		return status;
	if (!tv_json_put_text(request, "provider", p->name) ||
	    !tv_json_put_text(request, "file", file) || !tv_json_put_bool(request, "on", on))
		return tv_fail(err, TV_NO_MEMORY, "a request");
	status = tv_cli_call(&reply, cli, TV_AGENT_view, request, err);
	if (!status && cli->is_json)
		return tv_report_json(reply, err);
	if (!status)
		tv_say(cli, "%s/%s is %s", p->name, file, on ? "on" : "off");
	return status;
}

static enum tv_status run_on(struct tv_cli *cli, struct tv_error *err)
{
	return turn(cli, true, err);
}

static enum tv_status run_off(struct tv_cli *cli, struct tv_error *err)
{
	return turn(cli, false, err);
}

static const struct tv_command list = {
	.name = "list",
	.arguments = "[PROVIDER]",
	.most = 1,
	.summary = "the files there are",
	.help = "Lists the files of each service, whether they are mounted, and what reads\n"
		"them. With --json: an array of objects.",
	.run = run_list,
};

static const struct tv_command on = {
	.name = "on",
	.arguments = "PROVIDER/FILE",
	.least = 1,
	.most = 1,
	.summary = "mount a file",
	.help = "Has a file mounted from now on, for a tool's older version say. FILE is its\n"
		"name in `view list`.",
	.run = run_on,
};

static const struct tv_command off = {
	.name = "off",
	.arguments = "PROVIDER/FILE",
	.least = 1,
	.most = 1,
	.summary = "do not mount it",
	.help = "Has a file no longer mounted. In the directory view it stays.",
	.run = run_off,
};

static const struct tv_command *const parts[] = {&list, &on, &off, NULL};

const struct tv_command tv_command_view = {
	.name = "view",
	.arguments = "list|on|off",
	.summary = "which files are mounted",
	.help = "A service's definition says which of its files are mounted; here that is\n"
		"changed for this vault.",
	.parts = parts,
};
