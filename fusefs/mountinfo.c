/* Reads /proc/self/mountinfo; see proc_pid_mountinfo(5). */
#include "fusefs/mountinfo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* The words of a line that matter. */
struct line {
	unsigned major, minor;
	char *path;
	char *type;
	char *source;
	char *options;
};

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
	*to = 0;
}

/* id parent major:minor root path options [tags…] - type source super-options */
static bool split(struct line *out, char *text)
{
	char *rest = text;
	char *device;

	for (int i = 0; i < 2; i++)
		strsep(&rest, " ");
	device = strsep(&rest, " ");
	strsep(&rest, " ");
	out->path = strsep(&rest, " ");
	rest = rest ? strstr(rest, " - ") : NULL;
	if (!rest || sscanf(device, "%u:%u", &out->major, &out->minor) != 2)
		return false;
	rest += 3;
	out->type = strsep(&rest, " ");
	out->source = strsep(&rest, " ");
	out->options = strsep(&rest, "\n");
	if (!out->options)
		return false;
	unescape(out->path);
	unescape(out->source);
	return true;
}

static bool is_ours(const struct line *line, const char *source)
{
	const char *uid = strstr(line->options, "user_id=");

	return !strcmp(line->type, "fuse.tokenvault") && !strcmp(line->source, source) && uid &&
	       strtoul(uid + strlen("user_id="), NULL, 10) == getuid();
}

static bool push(struct tv_mountpoints *out, const struct line *line)
{
	struct tv_mountpoint *grown = reallocarray(out->at, out->count + 1, sizeof *grown);

	if (!grown)
		return false;
	out->at = grown;
	grown[out->count].dev = makedev(line->major, line->minor);
	grown[out->count].path = strdup(line->path);
	return grown[out->count++].path != NULL;
}

enum tv_status tv_mountinfo_read(struct tv_mountpoints *out, const char *source,
				 struct tv_error *err)
{
	tv_auto_mountpoints found = {0};
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char *text = NULL;
	size_t size = 0;
	bool good = true;

	if (!file)
		return tv_fail(err, TV_NO_FUSE, "/proc/self/mountinfo: %s", strerror(errno));
	while (good && getline(&text, &size, file) > 0) {
		struct line line;

		if (split(&line, text) && is_ours(&line, source))
			good = push(&found, &line);
	}
	free(text);
	fclose(file);
	if (!good)
		return tv_fail(err, TV_NO_MEMORY, "the list of mounts");
	*out = found;
	found = (struct tv_mountpoints){0};
	return TV_OK;
}

void tv_mountpoints_free(struct tv_mountpoints *m)
{
	for (size_t i = 0; i < m->count; i++)
		free(m->at[i].path);
	free(m->at);
	*m = (struct tv_mountpoints){0};
}
