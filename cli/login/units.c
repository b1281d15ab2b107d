/* The units of systemd's: the mount, the time in which it is unlocked, and the notifications. */
#include "cli/login/plan.h"
#include "cli/login/quote.h"

static void write_front(FILE *to, const struct tv_start *s, const char *description)
{
	fprintf(to,
		"[Unit]\n"
		"Description=%s (tokenvault, %s)\n"
		"Documentation=man:tokenvault(1)\n",
		description, s->name);
}

/* The runtime directory is the manager's own, whatever its environment says by then. */
static void write_command(FILE *to, const struct tv_start *s, const char *const *words)
{
	fputs("Environment=\"XDG_RUNTIME_DIR=%t\"\n", to);
	for (size_t i = 0; i < s->n_variables; i++) {
		fputs("Environment=", to);
		tv_quote_unit(to, s->variables[i]);
		fputc('\n', to);
	}
	fputs("ExecStart=:", to);
	tv_start_print(to, s, tv_quote_unit, "\"'\\", words);
	fputc('\n', to);
}

/* What another start won't mend is not tried again: nothing remembered, no vault, no FUSE, one that runs. */
static void write_mount(FILE *to, const struct tv_start *s)
{
	static const char *const words[] = {"mount", "--locked", "--foreground", NULL};

	write_front(to, s, "Token files in their places, locked at first");
	fprintf(to,
		"Wants=tokenvault-unlocked%s.service\n"
		"\n"
		"[Service]\n"
		"Type=notify\n"
		"NotifyAccess=main\n"
		"KillMode=mixed\n",
		s->instance);
	write_command(to, s, words);
	fputs("Restart=on-failure\n"
	      "RestartPreventExitStatus=2 3 7 13 14 17\n"
	      "\n"
	      "[Install]\n"
	      "WantedBy=default.target\n",
	      to);
}

/* It is up while the vault is unlocked. Nothing that is to be up at login waits for it. */
static void write_unlocked(FILE *to, const struct tv_start *s)
{
	static const char *const words[] = {"wait", "--until-locked", NULL};

	write_front(to, s, "As long as the vault is unlocked");
	fprintf(to,
		"BindsTo=tokenvault%s.service\n"
		"After=tokenvault%s.service\n"
		"Wants=tokenvault-unlocked%s.target\n"
		"StartLimitIntervalSec=0\n"
		"\n"
		"[Service]\n"
		"Type=notify\n"
		"NotifyAccess=main\n"
		"TimeoutStartSec=infinity\n",
		s->instance, s->instance, s->instance);
	write_command(to, s, words);
	fputs("Restart=always\n"
	      "RestartSec=200ms\n",
	      to);
}

static void write_target(FILE *to, const struct tv_start *s)
{
	fputs("# For what needs tokens:\n"
	      "#\n"
	      "#     [Unit]\n",
	      to);
	fprintf(to,
		"#     Requires=tokenvault-unlocked%s.target\n"
		"#     After=tokenvault-unlocked%s.target\n"
		"#     [Install]\n"
		"#     WantedBy=tokenvault-unlocked%s.target\n"
		"\n",
		s->instance, s->instance, s->instance);
	write_front(to, s, "The vault is unlocked");
	fprintf(to,
		"BindsTo=tokenvault-unlocked%s.service\n"
		"After=tokenvault-unlocked%s.service\n",
		s->instance, s->instance);
}

static void write_notify(FILE *to, const struct tv_start *s)
{
	static const char *const words[] = {"notify", NULL};

	write_front(to, s, "Which tokens expire");
	fprintf(to,
		"After=tokenvault-unlocked%s.target\n"
		"\n"
		"[Service]\n"
		"Type=oneshot\n",
		s->instance);
	write_command(to, s, words);
	fprintf(to,
		"\n"
		"[Install]\n"
		"WantedBy=tokenvault-unlocked%s.target\n",
		s->instance);
}

/* Often, for a locked vault has nothing to tell; each is told once all the same. */
static void write_timer(FILE *to, const struct tv_start *s)
{
	write_front(to, s, "Look now and then which tokens expire");
	fputs("\n"
	      "[Timer]\n"
	      "OnStartupSec=10min\n"
	      "OnUnitInactiveSec=6h\n"
	      "\n"
	      "[Install]\n"
	      "WantedBy=timers.target\n",
	      to);
}

static const struct {
	const char *stem, *suffix;
	void (*write)(FILE *to, const struct tv_start *s);
	const char *wants; /* who wants it, at login or at the unlock; NULL: nobody */
	bool is_own;	   /* that is one of these units, too */
} units[] = {
	{"tokenvault", ".service", write_mount, "default", false},
	{"tokenvault-unlocked", ".service", write_unlocked, NULL, false},
	{"tokenvault-unlocked", ".target", write_target, NULL, false},
	{"tokenvault-notify", ".service", write_notify, "tokenvault-unlocked", true},
	{"tokenvault-notify", ".timer", write_timer, "timers", false},
};

#define NAME_CHARS 256

/* The link that `systemctl --user enable` would make. */
static void plan_wants(struct tv_plan *p, const char *config, size_t i, const char *unit,
		       const struct tv_start *s)
{
	char directory[NAME_CHARS], link[2 * NAME_CHARS], to[NAME_CHARS + 4];

	snprintf(directory, sizeof(directory), "systemd/user/%s%s.target.wants", units[i].wants,
		 units[i].is_own ? s->instance : "");
	snprintf(link, sizeof(link), "%s/%s", directory, unit);
	snprintf(to, sizeof(to), "../%s", unit);
	tv_plan_link(p, config, link, to);
	tv_plan_directory(p, config, directory);
}

void tv_plan_units(struct tv_plan *p, const char *config, const struct tv_start *s)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		char unit[NAME_CHARS], path[NAME_CHARS + 16];

		snprintf(unit, sizeof(unit), "%s%s%s", units[i].stem, s->instance, units[i].suffix);
		snprintf(path, sizeof(path), "systemd/user/%s", unit);
		tv_plan_file(p, config, path, units[i].write, s);
		if (units[i].wants)
			plan_wants(p, config, i, unit, s);
	}
	tv_plan_directory(p, config, "systemd/user");
	tv_plan_directory(p, config, "systemd");
}
