/* Lines of start-up files that set a variable which tools take a token from. Never tells a value. */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/checkup/look.h"
#include "cli/occupant.h"

/* Below the home directory; a directory's are all that it has. */
static const char *const files[] = {
	".profile",
	".bash_profile",
	".bash_login",
	".bashrc",
	".bash_aliases",
	".zshenv",
	".zprofile",
	".zshrc",
	".zlogin",
	".kshrc",
	".mkshrc",
	".cshrc",
	".tcshrc",
	".login",
	".xprofile",
	".xsessionrc",
	".xinitrc",
	".pam_environment",
	".envrc",
	".env",
	".config/zsh/.zshenv",
	".config/zsh/.zshrc",
	".config/fish/config.fish",
	".config/fish/conf.d",
	".config/environment.d",
	".config/plasma-workspace/env",
	".bashrc.d",
	".profile.d",
};

struct sight {
	struct tv_checkup *c;
	const char *path;
	int line;
};

static bool is_of_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* What a line sets the variable to: behind `NAME=`, or `set -x NAME` and `setenv NAME`; NULL: nothing. */
static const char *value_in(const char *line, const char *name)
{
	const size_t len = strlen(name);
	const char *command = line + strspn(line, " \t");
	const bool is_set = !strncmp(command, "set ", 4) || !strncmp(command, "setenv ", 7);

	if (*command == '#')
		return NULL;
	for (const char *at = strstr(line, name); at; at = strstr(at + 1, name)) {
		const char before = at == line ? ' ' : at[-1], behind = at[len];

		if (is_of_name(before) || strchr("${-/.", before))
			continue;
		if (behind == '=')
			return at + len + 1;
		if (is_set && (behind == ' ' || behind == '\t'))
			return at + len + strspn(at + len, " \t");
	}
	return NULL;
}

/* A command or another variable gives it, or it is emptied. */
static bool is_computed(const char *value)
{
	value += strspn(value, "\"' \t");
	return !*value || strchr("$`;#(&", *value);
}

static void say(const struct sight *s, const char *provider, const char *name, const char *value)
{
	char path[PATH_MAX];

	tv_look_tilde(path, s->c, s->path);
	if (is_computed(value))
		tv_remark_note(
			s->c,
			"%s, line %d sets %s, and tools of %s take it instead of the mounted "
			"file; take that line out",
			path, s->line, name, provider);
	else if (tv_checkup_has_entry(s->c, provider) == TV_KNOWN_SO)
		tv_remark_wrong(
			s->c,
			"%s, line %d sets %s to a token in plain text, and tools of %s take "
			"it instead of the mounted file; take that line out, and tokenvault "
			"rotate %s",
			path, s->line, name, provider, provider);
	else
		tv_remark_note(s->c,
			       "%s, line %d sets %s to a token in plain text; tokenvault add %s "
			       "keeps it, then take that line out",
			       path, s->line, name, provider);
}

static void look_at_line(const struct sight *s, const char *line)
{
	const struct tv_providers *all = s->c->cli->providers;

	for (size_t i = 0; i < tv_providers_count(all); i++) {
		const struct tv_provider *p = tv_providers_at(all, i);

		for (size_t k = 0; k < p->n_environment; k++) {
			const char *value = value_in(line, p->environment[k]);

			if (value)
				say(s, p->name, p->environment[k], value);
		}
	}
}

/* Wiped, for there may be a token in it. What the vault itself shows there is no plaintext. */
static void look_at(struct tv_checkup *c, const char *path)
{
	struct sight s = {.c = c, .path = path};
	const enum tv_occupant there = tv_occupant_at(path);
	tv_auto_bytes text = {0};
	char *at, *line;

	if ((there != TV_OCCUPANT_FILE && there != TV_OCCUPANT_LINK) ||
	    !tv_look_read_own(&text, path))
		return;
	at = (char *)text.data;
	while ((line = tv_look_line(&at))) {
		s.line++;
		look_at_line(&s, line);
	}
	explicit_bzero(text.data, text.len);
}

static int is_shown(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static void look_through(struct tv_checkup *c, const char *path)
{
	struct dirent **members = NULL;
	int n = scandir(path, &members, is_shown, alphasort);
	char member[PATH_MAX];

	for (int i = 0; i < n; i++) {
		snprintf(member, sizeof(member), "%.3000s/%s", path, members[i]->d_name);
		look_at(c, member);
		free(members[i]);
	}
	free(members);
	if (n < 0)
		look_at(c, path);
}

static void look(struct tv_checkup *c)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%.3000s/%s", c->cli->paths.home, files[i]);
		look_through(c, path);
	}
}

const struct tv_check tv_check_profiles = {
	.name = "profiles",
	.fine = "no start-up file sets a variable that tools would take a token from",
	.look = look,
};
