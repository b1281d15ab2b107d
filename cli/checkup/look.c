/* Reads the machine's files, finds its programs and runs them. */
#include "cli/checkup/look.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TEXT_MAX (1 << 20)
#define PATIENCE 10 /* seconds */

const char *tv_look_path(char out[static PATH_MAX], const struct tv_checkup *c, const char *path)
{
	snprintf(out, PATH_MAX, "%s%s", c->root, path);
	return out;
}

/* What comes from a descriptor until its end, a deadline or TEXT_MAX; 0: no deadline. */
static bool take(struct tv_bytes *out, int fd, time_t until)
{
	char piece[4096];
	ssize_t n = 1;

	while (n > 0 && out->len < TEXT_MAX) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		const time_t left = until - time(NULL);

		if (until && (left <= 0 || poll(&p, 1, (int)left * 1000) <= 0)) {
			errno = ETIMEDOUT;
			return false;
		}
		n = read(fd, piece, sizeof(piece));
		if (n > 0)
			tv_bytes_append(out, piece, (size_t)n);
	}
	if (n >= 0)
		tv_bytes_append(out, "", 1);
	return n >= 0 && !out->failed;
}

/* Never waits: a pipe in a file's place has no writer. */
bool tv_look_read_own(struct tv_bytes *out, const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), why;
	bool good = fd >= 0 && take(out, fd, 0);

	why = errno;
	if (fd >= 0)
		close(fd);
	errno = why;
	return good;
}

bool tv_look_read(struct tv_bytes *out, const struct tv_checkup *c, const char *path)
{
	char at[PATH_MAX];

	return tv_look_read_own(out, tv_look_path(at, c, path));
}

bool tv_look_number(long *out, const struct tv_checkup *c, const char *path)
{
	tv_auto_bytes text = {0};
	char *end;

	if (!tv_look_read(&text, c, path))
		return false;
	*out = strtol((const char *)text.data, &end, 10);
	return end != (const char *)text.data;
}

char *tv_look_line(char **at)
{
	return *at && **at ? strsep(at, "\n") : NULL;
}

bool tv_look_has_word(const struct tv_checkup *c, const char *path, const char *word)
{
	tv_auto_bytes text = {0};
	char *at, *line, *rest, *found;

	if (!tv_look_read(&text, c, path))
		return false;
	at = (char *)text.data;
	while ((line = tv_look_line(&at))) {
		for (found = strtok_r(line, " \t", &rest); found;
		     found = strtok_r(NULL, " \t", &rest)) {
			if (!strcmp(found, word))
				return true;
		}
	}
	return false;
}

bool tv_look_program(struct tv_program *out, const char *name)
{
	static const char *const roots[] = {"/usr/local/sbin", "/usr/sbin", "/sbin"};
	struct tv_error ignored;
	char path[PATH_MAX];

	if (!tv_program_find_out(out, name, NULL, &ignored))
		return true;
	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", roots[i], name);
		if (!access(path, X_OK) && !tv_program_find_out(out, path, NULL, &ignored))
			return true;
	}
	return false;
}

static bool start(pid_t *child, int *from, const char *const *argv)
{
	posix_spawn_file_actions_t actions;
	int ends[2], failure;

	if (pipe2(ends, O_CLOEXEC))
		return false;
	failure = posix_spawn_file_actions_init(&actions);
	if (!failure) {
		failure = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR, 0);
		if (!failure)
			failure = posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
		if (!failure)
			failure = posix_spawn_file_actions_adddup2(&actions, 0, 2);
		if (!failure)
			failure = posix_spawnp(child, argv[0], &actions, NULL,
					       (char *const *)(uintptr_t)argv, environ);
		posix_spawn_file_actions_destroy(&actions);
	}
	close(ends[1]);
	*from = ends[0];
	if (failure)
		close(ends[0]);
	return !failure;
}

int tv_look_run(struct tv_bytes *out, const char *const *argv)
{
	pid_t child;
	int from, state = 0;
	bool ended;

	if (!start(&child, &from, argv))
		return -1;
	ended = take(out, from, time(NULL) + PATIENCE);
	close(from);
	if (!ended)
		kill(child, SIGKILL);
	while (waitpid(child, &state, 0) < 0 && errno == EINTR)
		;
	return ended && WIFEXITED(state) ? WEXITSTATUS(state) : -1;
}

const char *tv_look_tilde(char out[static PATH_MAX], const struct tv_checkup *c, const char *path)
{
	const char *home = c->cli->paths.home;
	const size_t len = strlen(home);

	if (len > 1 && !strncmp(path, home, len) && (path[len] == '/' || !path[len]))
		snprintf(out, PATH_MAX, "~%s", path + len);
	else
		snprintf(out, PATH_MAX, "%s", path);
	return out;
}
