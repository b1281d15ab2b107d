/* Finds the seat of whoever started a process, in that process' environment. */
#include "cli/prompt/seat.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/program.h"

#define THEIRS_MAX ((size_t)64 << 10) /* bytes of an environment that are looked at */

/* Of a process with a terminal or display of its own, none of ours: its person does not see that. */
static const char *const places[] = {"DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", NULL};
/* What else is theirs, where they have it. Nothing that says which code to load: who waits may be hostile. */
static const char *const others[] = {"TERM",
				     "LANG",
				     "LC_ALL",
				     "LC_CTYPE",
				     "LC_MESSAGES",
				     "DBUS_SESSION_BUS_ADDRESS",
				     "INSIDE_EMACS",
				     "PINENTRY_USER_DATA",
				     NULL};

static bool is_one_of(const char *const *names, const char *pair)
{
	const size_t len = strcspn(pair, "=");

	for (; *names; names++)
		if (strlen(*names) == len && !strncmp(*names, pair, len))
			return true;
	return false;
}

static const char *value_of(char *const *pairs, const char *name)
{
	const size_t len = strlen(name);

	for (; pairs && *pairs; pairs++)
		if (!strncmp(*pairs, name, len) && (*pairs)[len] == '=')
			return *pairs + len + 1;
	return NULL;
}

/* The process' environment, as far as there is room for it: it may hold anything, so it stays in locked
 * memory. */
static void read_theirs(struct tv_secret *out, pid_t pid, uint64_t start)
{
	char path[40];
	ssize_t n = 1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	tv_secret_fill(out, THEIRS_MAX);
	out->len = 0;
	/* What was opened is of the process that had the number then. */
	while (!out->failed && n > 0 && out->len < THEIRS_MAX && tv_program_start(pid) == start) {
		n = read(fd, out->data + out->len, THEIRS_MAX - out->len);
		out->len += n > 0 ? (size_t)n : 0;
	}
	close(fd);
}

static bool add(struct tv_seat *s, size_t *n, const char *pair)
{
	char **grown = reallocarray(s->environment, *n + 2, sizeof(*grown));

	if (!grown)
		return false;
	s->environment = grown;
	grown[*n] = strdup(pair);
	grown[*n + 1] = NULL;
	return grown[(*n)++] != NULL;
}

/* Theirs of what may be theirs. */
static bool take_theirs(struct tv_seat *s, size_t *n, const struct tv_secret *theirs)
{
	const char *at = tv_secret_text(theirs), *end = at + theirs->len;
	bool good = true;

	for (; good && at < end && memchr(at, '\0', (size_t)(end - at)); at += strlen(at) + 1)
		if (is_one_of(places, at) || is_one_of(others, at))
			good = add(s, n, at);
	return good;
}

/* Of ours, what is not theirs and does not lead elsewhere. */
static bool take_ours(struct tv_seat *s, size_t *n)
{
	const bool sits = *s->tty || value_of(s->environment, "DISPLAY") ||
			  value_of(s->environment, "WAYLAND_DISPLAY");
	bool good = true;

	for (char **pair = environ; good && *pair; pair++) {
		char name[64];

		snprintf(name, sizeof(name), "%.*s", (int)strcspn(*pair, "="), *pair);
		if (!value_of(s->environment, name) && !(sits && is_one_of(places, *pair)))
			good = add(s, n, *pair);
	}
	return good;
}

static void look_at_tty(struct tv_seat *s)
{
	int fd = *s->tty ? open(s->tty, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC) : -1;

	if (fd < 0)
		return;
	s->has_modes = !tcgetattr(fd, &s->modes);
	close(fd);
}

enum tv_status tv_seat_find(struct tv_seat *out, pid_t pid, uint64_t start, const char *tty,
			    struct tv_error *err)
{
	static const char *const languages[] = {"LC_ALL", "LC_CTYPE", "LANG"};
	tv_auto_secret theirs = {0};
	size_t n = 0;

	snprintf(out->tty, sizeof(out->tty), "%s", tty ? tty : "");
	if (pid > 0 && start)
		read_theirs(&theirs, pid, start);
	if (!take_theirs(out, &n, &theirs) || !take_ours(out, &n))
		return tv_fail(err, TV_NO_MEMORY, "an environment");
	out->tty_type = value_of(out->environment, "TERM");
	for (size_t i = 0; i < 3 && !(out->language && *out->language); i++)
		out->language = value_of(out->environment, languages[i]);
	look_at_tty(out);
	return TV_OK;
}

void tv_seat_free(struct tv_seat *s)
{
	for (char **pair = s->environment; pair && *pair; pair++)
		free(*pair);
	free(s->environment);
	*s = (struct tv_seat){0};
}

bool tv_seat_is_used(const struct tv_seat *s, pid_t pid)
{
	char path[40], link[PATH_MAX];
	bool found = false;
	struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = *s->tty ? opendir(path) : NULL;
	while (dir && !found && (e = readdir(dir))) {
		ssize_t len = readlinkat(dirfd(dir), e->d_name, link, sizeof(link) - 1);

		link[len > 0 ? len : 0] = '\0';
		found = !strcmp(link, s->tty);
	}
	if (dir)
		closedir(dir);
	return found;
}

void tv_seat_restore(const struct tv_seat *s)
{
	int fd = s->has_modes ? open(s->tty, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC) : -1;

	if (fd < 0)
		return;
	tcsetattr(fd, TCSANOW, &s->modes);
	close(fd);
}
