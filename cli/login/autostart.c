/* Where there is no systemd: a desktop entry, or lines of ~/.profile. */
#include "cli/login/plan.h"
#include "cli/login/quote.h"

static const char *const words[] = {"--quiet", "mount", "--locked", NULL};

static void write_entry(FILE *to, const struct tv_start *s)
{
	fprintf(to,
		"[Desktop Entry]\n"
		"Type=Application\n"
		"Name=tokenvault\n"
		"Comment=Token files in their places, locked at first (%s)\n"
		"NoDisplay=true\n"
		"Exec=",
		s->name);
	for (size_t i = 0; i < s->n_variables; i++) {
		fputs(i ? " " : "env ", to);
		tv_quote_desktop(to, s->variables[i]);
	}
	if (s->n_variables)
		fputc(' ', to);
	tv_start_print(to, s, tv_quote_desktop, "=", words);
	fputc('\n', to);
}

/* In the background, twice removed, so that no shell tells of a job. Logins may come before their runtime
 * directory does. */
static void write_lines(FILE *to, const struct tv_start *s)
{
	fputs("(\n"
	      "\t(\n"
	      "\t\tn=0\n"
	      "\t\twhile [ -n \"${XDG_RUNTIME_DIR-}\" ] && [ ! -d \"$XDG_RUNTIME_DIR\" ] && "
	      "[ $n -lt 600 ]; do\n"
	      "\t\t\tsleep 0.2\n"
	      "\t\t\tn=$((n + 1))\n"
	      "\t\tdone\n",
	      to);
	for (size_t i = 0; i < s->n_variables; i++) {
		fputs("\t\texport ", to);
		tv_quote_shell(to, s->variables[i]);
		fputc('\n', to);
	}
	fputs("\t\texec ", to);
	tv_start_print(to, s, tv_quote_shell, "", words);
	fputs("\n\t) </dev/null >/dev/null 2>&1 &\n)\n", to);
}

void tv_plan_autostart(struct tv_plan *p, const char *config, const struct tv_start *s)
{
	char name[NAME_MAX];

	snprintf(name, sizeof(name), "autostart/tokenvault%s.desktop", s->instance);
	tv_plan_file(p, config, name, write_entry, s);
	tv_plan_directory(p, config, "autostart");
}

void tv_plan_profile(struct tv_plan *p, const char *home, const struct tv_start *s)
{
	tv_plan_file(p, home, ".profile", write_lines, s);
}
