/* tokenvault service: has the files mounted at login. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/login/own.h"
#include "cli/login/plan.h"
#include "cli/login/systemctl.h"
#include "cli/report.h"

static const struct {
	const char *option;
	enum tv_plan_kind kind;
} kinds[] = {
	{"systemd", TV_PLAN_SYSTEMD},
	{"autostart", TV_PLAN_AUTOSTART},
	{"profile", TV_PLAN_PROFILE},
};

#define KINDS (sizeof(kinds) / sizeof(*kinds))

/* The one that was asked for, else what is right for this machine. */
static enum tv_status choose(enum tv_plan_kind *out, const struct tv_args *args,
			     struct tv_error *err)
{
	size_t n = 0;

	*out = tv_systemctl_is_booted() ? TV_PLAN_SYSTEMD : TV_PLAN_AUTOSTART;
	for (size_t i = 0; i < KINDS; i++) {
		if (!tv_args_has(args, kinds[i].option))
			continue;
		*out = kinds[i].kind;
		n++;
	}
	return n > 1 ? tv_fail(err, TV_USAGE, "one of --systemd, --autostart and --profile")
		     : TV_OK;
}

static enum tv_status plan(struct tv_plan *out, const struct tv_cli *cli, enum tv_plan_kind kind,
			   struct tv_start *start, struct tv_error *err)
{
	enum tv_status status = tv_start_find(start, cli, err);

	return status ? status : tv_plan_make(out, kind, &cli->paths, start, err);
}

/* Nothing is written where one of them can't be. */
static enum tv_status check_all(const struct tv_plan *p, struct tv_error *err)
{
	enum tv_status status = TV_OK;

	for (size_t i = 0; i < p->count && !status; i++)
		status = tv_own_check(p, i, err);
	return status;
}

static void unit_name(char *out, size_t size, const char *stem, const struct tv_start *start,
		      const char *suffix)
{
	snprintf(out, size, "%s%s%s", stem, start->instance, suffix);
}

/* The manager reads the units; with --now it starts the mount. */
static enum tv_status tell_manager(const struct tv_cli *cli, const struct tv_start *start,
				   struct tv_error *err)
{
	static const char *const reload[] = {"daemon-reload", NULL};
	char unit[160];
	const char *const known[] = {"--quiet", "is-enabled", unit, NULL};
	const char *const now[] = {"start", unit, NULL};

	unit_name(unit, sizeof(unit), "tokenvault", start, ".service");
	if (tv_systemctl(false, reload)) {
		tv_say(cli, "no manager of your services answers; it will find them at the next "
			    "login");
		return TV_OK;
	}
	if (tv_systemctl(false, known))
		return tv_fail(err, TV_FAILED,
			       "systemd does not look where the units were written; does its "
			       "environment have another XDG_CONFIG_HOME?");
	if (!tv_args_has(cli->args, "now")) {
		tv_say(cli,
		       "the files are mounted at the next login; now: systemctl --user start "
		       "%s",
		       unit);
		return TV_OK;
	}
	if (tv_systemctl(true, now))
		return tv_fail(err, TV_FAILED, "%s did not start; why: journalctl --user -u %s",
			       unit, unit);
	return TV_OK;
}

/* bash reads the first of these that there is. */
static void warn_of_bash(const struct tv_cli *cli)
{
	static const char *const names[] = {".bash_profile", ".bash_login"};
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/%s", cli->paths.home, names[i]);
		if (!access(path, F_OK))
			tv_say(cli,
			       "warning: bash reads ~/%s and not ~/.profile: let it have the line "
			       "`. ~/.profile`",
			       names[i]);
	}
}

static enum tv_status run_install(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_start start = {0};
	tv_auto_plan p = {0};
	enum tv_plan_kind kind;
	enum tv_status status = choose(&kind, cli->args, err);

	if (!status && tv_args_has(cli->args, "now") && kind != TV_PLAN_SYSTEMD)
		status = tv_fail(err, TV_USAGE,
				 "--now is for systemd; here: tokenvault mount --locked");
	if (!status && access(cli->paths.vault, F_OK))
		status = tv_fail(err, TV_NO_VAULT, "%s; to make it: tokenvault init",
				 cli->paths.vault);
	if (!status)
		status = plan(&p, cli, kind, &start, err);
	if (!status)
		status = check_all(&p, err);
	for (size_t i = 0; i < p.count && !status; i++) {
		status = tv_own_put(&p, i, err);
		if (!status && !p.files[i].is_link)
			printf("%s\n", p.files[i].path);
	}
	fflush(stdout);
	if (status)
		return status;
	if (kind == TV_PLAN_SYSTEMD)
		return tell_manager(cli, &start, err);
	if (kind == TV_PLAN_PROFILE)
		warn_of_bash(cli);
	tv_say(cli, "the files are mounted at the next login");
	return TV_OK;
}

static void stop_units(const struct tv_start *start)
{
	static const char *const stems[][2] = {{"tokenvault-notify", ".timer"},
					       {"tokenvault-unlocked", ".service"},
					       {"tokenvault", ".service"}};
	char units[3][160];
	const char *const stop[] = {"stop", units[0], units[1], units[2], NULL};
	const char *const forget[] = {"reset-failed", units[1], units[2], NULL};

	for (size_t i = 0; i < 3; i++)
		unit_name(units[i], sizeof(units[i]), stems[i][0], start, stems[i][1]);
	tv_systemctl(false, stop);
	tv_systemctl(false, forget);
}

/* What is left behind, because it isn't ours any more, is said. */
static enum tv_status remove_all(size_t *removed, const struct tv_cli *cli, const struct tv_plan *p,
				 struct tv_error *err)
{
	enum tv_status status = TV_OK;

	for (size_t i = p->count; i-- > 0 && !status;) {
		enum tv_own_state state;

		status = tv_own_look(&state, p, i, err);
		if (!status && state == TV_OWN_CHANGED)
			tv_say(cli, "%s was changed by hand, so it stays", p->files[i].path);
		else if (!status && state != TV_OWN_ABSENT && state != TV_OWN_FOREIGN) {
			status = tv_own_remove(p, i, err);
			*removed += !status;
		}
	}
	for (size_t i = 0; *removed && i < p->n_directories; i++)
		rmdir(p->directories[i]);
	return status;
}

static bool is_installed(const struct tv_plan *p)
{
	struct tv_error ignored;
	enum tv_own_state state;

	for (size_t i = 0; i < p->count; i++)
		if (!tv_own_look(&state, p, i, &ignored) &&
		    (state == TV_OWN_CURRENT || state == TV_OWN_EARLIER))
			return true;
	return false;
}

static enum tv_status run_remove(struct tv_cli *cli, struct tv_error *err)
{
	static const char *const reload[] = {"daemon-reload", NULL};
	enum tv_status status = TV_OK;
	size_t removed = 0;

	for (size_t i = 0; i < KINDS && !status; i++) {
		const bool is_units = kinds[i].kind == TV_PLAN_SYSTEMD;
		tv_auto_start start = {0};
		tv_auto_plan p = {0};
		size_t before = removed;

		status = plan(&p, cli, kinds[i].kind, &start, err);
		if (!status && is_units && is_installed(&p))
			stop_units(&start);
		if (!status)
			status = remove_all(&removed, cli, &p, err);
		if (is_units && removed > before)
			tv_systemctl(false, reload);
	}
	if (!status)
		tv_say(cli, removed ? "removed" : "nothing was installed");
	return status;
}

static const char *const states[] = {
	[TV_OWN_ABSENT] = "absent",   [TV_OWN_CURRENT] = "installed", [TV_OWN_EARLIER] = "outdated",
	[TV_OWN_CHANGED] = "changed", [TV_OWN_FOREIGN] = "foreign",
};

static enum tv_status put_file(struct tv_json *list, const struct tv_plan *p, size_t i,
			       struct tv_error *err)
{
	const struct tv_planned *f = &p->files[i];
	struct tv_json *j;
	enum tv_own_state state;
	enum tv_status status = tv_own_look(&state, p, i, err);

	if (status)
		return status;
	j = tv_json_object();
	if (!tv_json_put(list, NULL, j) || !tv_json_put_text(j, "path", f->path) ||
	    !tv_json_put_text(j, "state", states[state]) ||
	    !tv_json_put_text(j, f->is_link ? "link" : "text", f->text))
		return tv_fail(err, TV_NO_MEMORY, "a report");
	return TV_OK;
}

static void print_files(const struct tv_json *list)
{
	for (const struct tv_json *j = tv_json_first(list); j; j = tv_json_next(j)) {
		const char *to = tv_json_get_text(j, "link");

		printf("# %s%s%s: %s\n", tv_json_get_text(j, "path"), to ? " -> " : "",
		       to ? to : "", tv_json_get_text(j, "state"));
		if (!to)
			printf("%s\n", tv_json_get_text(j, "text"));
	}
}

static enum tv_status run_show(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *list = tv_json_array();
	tv_auto_start start = {0};
	tv_auto_plan p = {0};
	enum tv_plan_kind kind;
	enum tv_status status = choose(&kind, cli->args, err);

	if (!status)
		status = plan(&p, cli, kind, &start, err);
	for (size_t i = 0; i < p.count && !status; i++)
		status = put_file(list, &p, i, err);
	if (status)
		return status;
	if (cli->is_json)
		return tv_report_json(list, err);
	print_files(list);
	return TV_OK;
}

static const struct tv_option install_options[] = {
	{"systemd", 's', false, NULL, "units of systemd's user manager"},
	{"autostart", 'a', false, NULL, "a desktop entry in ~/.config/autostart"},
	{"profile", 'p', false, NULL, "lines in ~/.profile"},
	{"now", 'n', false, NULL, "start the mount now, too"},
	{0},
};

static const struct tv_option show_options[] = {
	{"systemd", 's', false, NULL, "units of systemd's user manager"},
	{"autostart", 'a', false, NULL, "a desktop entry in ~/.config/autostart"},
	{"profile", 'p', false, NULL, "lines in ~/.profile"},
	{0},
};

static const struct tv_command install = {
	.name = "install",
	.arguments = "",
	.summary = "mount at login from now on",
	.help = "Writes what has `mount --locked` run at login, and prints the paths: units where\n"
		"systemd runs, else a desktop entry; lines in ~/.profile only when asked for.",
	.options = install_options,
	.run = run_install,
};

static const struct tv_command remove_ = {
	.name = "remove",
	.arguments = "",
	.summary = "no longer mount at login",
	.help = "Takes away what `install` wrote, of every kind, and ends what systemd started.",
	.run = run_remove,
};

static const struct tv_command show = {
	.name = "show",
	.arguments = "",
	.summary = "what would be written",
	.help = "Prints what `install` would write, and whether it is there. With --json: an "
		"array\n"
		"of objects.",
	.options = show_options,
	.run = run_show,
};

static const struct tv_command *const parts[] = {&install, &remove_, &show, NULL};

const struct tv_command tv_command_service = {
	.name = "service",
	.arguments = "install|remove|show",
	.summary = "mount at login",
	.help = "`install` has `mount --locked` run at login: by systemd where that runs, else by\n"
		"the desktop, or with --profile by the shell. What needs tokens waits for the\n"
		"unit tokenvault-unlocked.target. `remove` takes all of it away and ends the\n"
		"mount that systemd started; `show` prints what `install` writes. Files that\n"
		"others wrote, or changed, are left alone. --vault says for which vault.",
	.parts = parts,
};
