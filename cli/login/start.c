/* Finds out what is to be started. */
#include "cli/login/start.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum tv_status check(const char *what, const char *text, struct tv_error *err)
{
	if (tv_text_is_valid(text, PATH_MAX))
		return TV_OK;
	return tv_fail(err, TV_BAD_VALUE,
		       "%s has a control character or is no UTF-8: no service can be told of it",
		       what);
}

/* Who starts us at login knows the home directory that the system has for the user. */
static bool is_usual(const char *variable, const char *value)
{
	const struct passwd *user = strcmp(variable, "HOME") ? NULL : getpwuid(getuid());

	return user && !strcmp(user->pw_dir, value);
}

static enum tv_status find_variables(struct tv_start *s, struct tv_error *err)
{
	static const char *const names[TV_START_VARIABLES] = {"HOME", "XDG_CONFIG_HOME",
							      "XDG_DATA_HOME", "XDG_STATE_HOME"};
	enum tv_status status = TV_OK;

	for (size_t i = 0; i < TV_START_VARIABLES && !status; i++) {
		const char *value = getenv(names[i]);

		if (!value || *value != '/' || is_usual(names[i], value))
			continue;
		status = check(names[i], value, err);
		if (asprintf(&s->variables[s->n_variables], "%s=%s", names[i], value) < 0)
			return tv_fail(err, TV_NO_MEMORY, "the environment");
		s->n_variables++;
	}
	return status;
}

enum tv_status tv_start_find(struct tv_start *out, const struct tv_cli *cli, struct tv_error *err)
{
	ssize_t len = readlink("/proc/self/exe", out->program, sizeof(out->program) - 1);
	enum tv_status status;

	if (len < 0)
		return tv_fail(err, TV_FAILED, "/proc/self/exe: %s", strerror(errno));
	out->program[len] = '\0';
	out->vault = cli->paths.vault;
	out->name = cli->paths.name;
	if (strcmp(out->name, "default") != 0)
		snprintf(out->instance, sizeof(out->instance), "@%s", out->name);
	status = check("this program's path", out->program, err);
	if (!status)
		status = check("the vault's path", out->vault, err);
	return status ? status : find_variables(out, err);
}

void tv_start_free(struct tv_start *s)
{
	for (size_t i = 0; i < s->n_variables; i++)
		free(s->variables[i]);
	*s = (struct tv_start){0};
}

void tv_start_print(FILE *to, const struct tv_start *s, void (*quote)(FILE *, const char *),
		    const char *odd, const char *const *words)
{
	const char *const all[] = {"/bin/sh",  "-c",	  "exec \"$0\" \"$@\"",
				   s->program, "--vault", s->vault};
	const size_t first = strpbrk(s->program, odd) ? 0 : 3;

	for (size_t i = first; i < sizeof(all) / sizeof(*all); i++) {
		if (i > first)
			fputc(' ', to);
		quote(to, all[i]);
	}
	for (; *words; words++)
		fprintf(to, " %s", *words);
}
