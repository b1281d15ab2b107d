/* Who does it: what /proc says of a process that asks for something. */
#include "fusefs/doctor/caller.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A file of /proc, opened for reading; NULL when the process is gone, or not ours. */
static FILE *open_of(pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
	return fopen(path, "re");
}

/* A thread may have a name of its own; the process is what people know. */
static pid_t process_of(pid_t thread)
{
	FILE *f = open_of(thread, "status");
	char line[256];
	int pid = thread;

	while (f && fgets(line, sizeof line, f))
		if (sscanf(line, "Tgid: %d", &pid) == 1)
			break;
	if (f)
		fclose(f);
	return pid;
}

void tv_caller_name(char out[static TV_COMM_CHARS], pid_t thread)
{
	FILE *f = open_of(process_of(thread), "comm");

	*out = '\0';
	if (!f)
		return;
	if (!fgets(out, TV_COMM_CHARS, f))
		*out = '\0';
	out[strcspn(out, "\n")] = '\0';
	fclose(f);
}

bool tv_caller_maps(pid_t thread, const char *path)
{
	FILE *f = open_of(thread, "maps");
	char *line = NULL;
	size_t size = 0, len = strlen(path);
	bool found = false;
	ssize_t n;

	while (f && !found && (n = getline(&line, &size, f)) > 0) {
		line[--n] = '\0';
		found = (size_t)n > len && !strcmp(line + n - len, path) &&
			line[(size_t)n - len - 1] == ' ';
	}
	free(line);
	if (f)
		fclose(f);
	return found;
}
