/* Reads /proc/self/mountinfo; see proc_pid_mountinfo(5). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/checkup/look.h"

/* \040 and its like, in place. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] && from[3]) {
			*to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

static bool is_below(const char *path, const char *directory)
{
	char real[PATH_MAX];
	size_t len;

	if (!realpath(directory, real))
		return false;
	len = strlen(real);
	return !strncmp(path, real, len) && (path[len] == '/' || len == 1);
}

static bool is_users(const char *type, const char *source, const char *options)
{
	const char *uid = options ? strstr(options, "user_id=") : NULL;

	return !strcmp(type, "fuse.tokenvault") && !strncmp(source, "tokenvault", 10) && uid &&
	       strtoul(uid + strlen("user_id="), NULL, 10) == getuid();
}

/* id parent major:minor root path options [tags…] - type source super-options */
static bool add(struct tv_mounted_list *list, const struct tv_paths *paths, char *line)
{
	struct tv_mounted *grown;
	char *path = NULL, *type, *source;
	char *rest = line;

	for (int i = 0; i < 5 && rest; i++)
		path = strsep(&rest, " ");
	rest = rest ? strstr(rest, " - ") : NULL;
	if (!path || !rest)
		return true;
	rest += 3;
	type = strsep(&rest, " ");
	source = strsep(&rest, " ");
	if (!source)
		return true;
	unescape(path);
	unescape(source);
	grown = reallocarray(list->at, list->count + 1, sizeof(*grown));
	if (!grown)
		return false;
	list->at = grown;
	grown += list->count++;
	*grown = (struct tv_mounted){
		strdup(path), strdup(type), strdup(source),
		is_users(type, source, rest) &&
			(is_below(path, paths->home) || is_below(path, paths->runtime_base))};
	return grown->path && grown->type && grown->source;
}

bool tv_look_mounts(struct tv_mounted_list *out, const struct tv_checkup *c)
{
	char path[PATH_MAX];
	FILE *file = fopen(tv_look_path(path, c, "/proc/self/mountinfo"), "re");
	char *line = NULL;
	size_t size = 0;
	bool good = file;

	while (good && getline(&line, &size, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		good = add(out, &c->cli->paths, line);
	}
	free(line);
	if (file)
		fclose(file);
	return good;
}

void tv_mounted_list_free(struct tv_mounted_list *m)
{
	for (size_t i = 0; i < m->count; i++) {
		free(m->at[i].path);
		free(m->at[i].type);
		free(m->at[i].source);
	}
	free(m->at);
	*m = (struct tv_mounted_list){0};
}
