/* tokenvault view: which of a service's files are mounted, and where. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cli/approved.h"
#include "cli/cli.h"
#include "cli/report.h"
#include "cli/viewlist.h"

static enum tv_status run_list(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *reply = NULL;
	const char *only = tv_args_word(cli->args, 0);
	const struct tv_provider *asked = NULL;
	enum tv_status status = tv_cli_load_providers(cli, err);

	if (!status && only)
		status = tv_providers_require(&asked, cli->providers, only, err);
	if (!status)
		status = tv_cli_call(&reply, cli, TV_AGENT_views, NULL, err);
	return status ? status : tv_viewlist_print(cli, reply, asked, err);
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

/* The request of view and path: which file, and of which entry where --entry says one. */
static enum tv_status make_request(struct tv_json **out, struct tv_cli *cli, bool on,
				   struct tv_error *err)
{
	tv_auto_json *request = tv_json_object();
	const char *label = tv_args_value(cli->args, "entry");
	const struct tv_provider *p;
	const char *file = "";
	enum tv_status status = find_file(&p, &file, cli, err);

	if (status)
		return status;
	if (!tv_json_put_text(request, "provider", p->name) ||
	    !tv_json_put_text(request, "file", file) || !tv_json_put_bool(request, "on", on) ||
	    (label && !tv_json_put_text(request, "label", label)))
		return tv_fail(err, TV_NO_MEMORY, "a request");
	*out = request;
	request = NULL;
	return TV_OK;
}

static enum tv_status turn(struct tv_cli *cli, bool on, struct tv_error *err)
{
	tv_auto_json *request = NULL, *reply = NULL;
	const char *label = tv_args_value(cli->args, "entry");
	enum tv_status status = make_request(&request, cli, on, err);

	if (!status)
		status = tv_cli_call(&reply, cli, TV_AGENT_view, request, err);
	if (!status && cli->is_json)
		return tv_report_json(reply, err);
	if (!status)
		tv_say(cli, "%s is %s%s%s", tv_args_word(cli->args, 0), on ? "on" : "off",
		       label ? " for " : "", label ? label : "");
	return status;
}

/* A path that is a service's own would be its file's in any case. */
static enum tv_status refuse_place(const struct tv_cli *cli, const char *path, struct tv_error *err)
{
	if (!tv_view_is_place(path, cli->providers))
		return TV_OK;
	return tv_fail(err, TV_EXISTS,
		       "~/%s is where a service's own file goes; tokenvault view list shows them",
		       path);
}

/* Approved first: else the server would be told of a path that the keeper refuses. */
static enum tv_status approve_and_add(struct tv_json **reply, struct tv_cli *cli,
				      const struct tv_json *request, const char *path,
				      struct tv_error *err)
{
	bool changed = false, ignored;
	struct tv_error other;
	enum tv_status status = tv_approved_set(&changed, &cli->paths, path, true, err);

	if (!status)
		status = tv_cli_call(reply, cli, TV_AGENT_path, request, err);
	if (status && changed && tv_approved_set(&ignored, &cli->paths, path, false, &other))
		tv_say(cli, "~/%s is still approved: %s", path, other.detail);
	return status;
}

/* Why a path is not mounted though a server runs, or NULL. */
static const char *trouble_of(const struct tv_cli *cli, const struct tv_json *state,
			      const char *path)
{
	const struct tv_json *view = tv_json_first(tv_json_get(state, "views"));
	const size_t len = strlen(cli->paths.home);

	for (; view; view = tv_json_next(view)) {
		const char *there = tv_json_get_text(view, "path");

		if (!strncmp(there, cli->paths.home, len) && there[len] == '/' &&
		    !strcmp(there + len + 1, path))
			return tv_json_get_true(view, "mounted") ? NULL
								 : tv_json_get_text(view, "detail");
	}
	return NULL;
}

/* The vault has the path now; whether it could be mounted is another thing. */
static void say_added(struct tv_cli *cli, const char *path)
{
	tv_auto_json *state = NULL;
	struct tv_error ignored;
	const char *trouble = NULL;

	if (tv_session_has_server(cli->session) &&
	    !tv_cli_call(&state, cli, TV_AGENT_status, NULL, &ignored))
		trouble = trouble_of(cli, state, path);
	tv_say(cli, "~/%s shows %s%s%s", path, tv_args_word(cli->args, 0),
	       trouble ? ", but can't be mounted: " : "", trouble ? trouble : "");
}

static enum tv_status run_add(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *request = NULL, *reply = NULL;
	char path[PATH_MAX];
	enum tv_status status = make_request(&request, cli, true, err);

	if (!status)
		status = tv_approved_path(path, &cli->paths, tv_args_word(cli->args, 1), err);
	if (!status)
		status = refuse_place(cli, path, err);
	if (!status && !tv_json_put_text(request, "path", path))
		status = tv_fail(err, TV_NO_MEMORY, "a request");
	if (!status)
		status = approve_and_add(&reply, cli, request, path, err);
	if (!status && cli->is_json)
		return tv_report_json(reply, err);
	if (!status)
		say_added(cli, path);
	return status;
}

/* Takes the path out of the vault, where it is in there. */
static enum tv_status remove_from_vault(struct tv_json **reply, struct tv_cli *cli,
					const char *path, struct tv_error *err)
{
	tv_auto_json *views = NULL, *request = tv_json_object();
	enum tv_status status = tv_cli_call(&views, cli, TV_AGENT_views, NULL, err);
	const struct tv_json *j = tv_json_first(tv_json_get(views, "paths"));

	if (status)
		return status;
	while (j && strcmp(tv_json_get_text(j, "path"), path))
		j = tv_json_next(j);
	if (!j)
		return TV_OK;
	if (!tv_json_put_text(request, "provider", tv_json_get_text(j, "provider")) ||
	    !tv_json_put_text(request, "file", tv_json_get_text(j, "file")) ||
	    !tv_json_put_text(request, "path", path) || !tv_json_put_bool(request, "on", false))
		return tv_fail(err, TV_NO_MEMORY, "a request");
	return tv_cli_call(reply, cli, TV_AGENT_path, request, err);
}

static enum tv_status run_remove(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *reply = NULL;
	char path[PATH_MAX];
	bool was_approved;
	enum tv_status status =
		tv_approved_path(path, &cli->paths, tv_args_word(cli->args, 0), err);

	if (!status)
		status = remove_from_vault(&reply, cli, path, err);
	if (!status)
		status = tv_approved_set(&was_approved, &cli->paths, path, false, err);
	if (!status && !reply && !was_approved)
		status = tv_fail(err, TV_NO_ENTRY,
				 "~/%s is no path of your own; see: tokenvault view list", path);
	if (!status && cli->is_json && reply)
		return tv_report_json(reply, err);
	if (!status)
		tv_say(cli, "~/%s shows nothing any more", path);
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

static const struct tv_option on_options[] = {
	{"entry", 'e', false, "LABEL", "have just this entry shown"},
	{0},
};

static const struct tv_option off_options[] = {
	{"entry", 'e', false, "LABEL", "have just this entry left out"},
	{0},
};

static const struct tv_option add_options[] = {
	{"entry", 'e', false, "LABEL", "this entry's file, not the one's in use"},
	{0},
};

static const struct tv_command list = {
	.name = "list",
	.arguments = "[PROVIDER]",
	.most = 1,
	.summary = "the files there are",
	.help = "Lists the files of each service, whether they are mounted, what was chosen for\n"
		"single entries, your own paths, and what reads them. With --json: an array of\n"
		"objects.",
	.run = run_list,
};

static const struct tv_command on = {
	.name = "on",
	.arguments = "PROVIDER/FILE",
	.least = 1,
	.most = 1,
	.summary = "mount a file",
	.help = "Has a file mounted from now on, for a tool's older version say; with --entry, "
		"has\n"
		"that entry shown by it. FILE is its name in `view list`.",
	.options = on_options,
	.run = run_on,
};

static const struct tv_command off = {
	.name = "off",
	.arguments = "PROVIDER/FILE",
	.least = 1,
	.most = 1,
	.summary = "do not mount it",
	.help = "Has a file no longer mounted; with --entry, no longer shows that entry in it. In\n"
		"the directory view it stays.",
	.options = off_options,
	.run = run_off,
};

static const struct tv_command add = {
	.name = "add",
	.arguments = "PROVIDER/FILE PATH",
	.least = 2,
	.most = 2,
	.summary = "a path of your own",
	.help = "Has a file mounted at one more path below the home directory: that of the entry\n"
		"in use, or of --entry. Each machine has to approve such a path, by this command.",
	.options = add_options,
	.run = run_add,
};

static const struct tv_command remove_path = {
	.name = "remove",
	.arguments = "PATH",
	.least = 1,
	.most = 1,
	.summary = "take such a path away",
	.help = "Takes a path of your own away again.",
	.run = run_remove,
};

static const struct tv_command *const parts[] = {&list, &on, &off, &add, &remove_path, NULL};

const struct tv_command tv_command_view = {
	.name = "view",
	.arguments = "list|on|off|add|remove",
	.summary = "which files are mounted",
	.help = "A service's definition says which of its files are mounted; here that is\n"
		"changed for this vault, for all entries or for one, and paths of your own are\n"
		"added.",
	.parts = parts,
};
