/* The keeper, tokenvault-fs, as its parent sees it: starting it, ending it, clearing up after it. */
#include "cli/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/programs.h"

#define READY_SECONDS 60
#define STOP_SECONDS  30

/* How a keeper is started. */
struct start {
	const struct tv_paths *paths;
	const char *name;	 /* of the instance */
	const char *const *more; /* options, ended by NULL; or NULL */
	bool ends_with_us;
	int keep[2]; /* descriptors that stay, or -1 */
};

/* The child's side of a fork. Of the descriptors only the three first and those named stay. Its standard
 * output is not ours: a reader of ours must not wait for a process that stays. */
static void exec_keeper(const char *program, char *const *argv, const struct start *s)
{
	int null = open("/dev/null", O_RDWR);

	if (s->ends_with_us)
		prctl(PR_SET_PDEATHSIG, SIGTERM);
	signal(SIGPIPE, SIG_DFL);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	syscall(SYS_close_range, 3, ~0U, 4 /* CLOSE_RANGE_CLOEXEC */);
	for (size_t i = 0; i < 2; i++) {
		if (s->keep[i] >= 0)
			fcntl(s->keep[i], F_SETFD, 0);
	}
	execv(program, argv);
	_exit(127);
}

static size_t count(const char *const *list)
{
	size_t n = 0;

	while (list && list[n])
		n++;
	return n;
}

static enum tv_status spawn(pid_t *child, const struct start *s, struct tv_error *err)
{
	const struct tv_paths *p = s->paths;
	const char *const first[] = {
		"tokenvault-fs", "--vault",    p->vault,    "--name",  s->name,	 "--runtime",
		p->runtime,	 "--home",     p->home,	    "--state", p->state, "--config",
		p->providers,	 "--approved", p->approved, "--log",   p->name,
	};
	const size_t n = sizeof(first) / sizeof(first[0]);
	char program[PATH_MAX];
	enum tv_status status = tv_program_find(program, "tokenvault-fs", "../fusefs", err);
	const char **argv;

	if (status)
		return TV_NO_FUSE;
	argv = calloc(n + count(s->more) + 1, sizeof(*argv));
	if (!argv)
		return tv_fail(err, TV_NO_MEMORY, "a command line");
	memcpy(argv, first, sizeof(first));
	if (s->more)
		memcpy(argv + n, s->more, count(s->more) * sizeof(*argv));
	*child = fork();
	if (!*child)
		exec_keeper(program, (char *const *)(uintptr_t)argv, s);
	free(argv);
	return *child < 0 ? tv_fail(err, TV_FAILED, "no new process: %s", strerror(errno)) : TV_OK;
}

/* mode is "--foreground", "--cleanup" or NULL; askpass may be NULL. */
static enum tv_status spawn_plain(pid_t *child, const struct tv_paths *p, const char *name,
				  const char *mode, const char *askpass, int ready,
				  struct tv_error *err)
{
	char ready_text[16], self[PATH_MAX];
	const char *const ask = askpass ? "--askpass" : mode;
	const char *const more[] = {"--ready-fd",	   ready_text, "--cli", self, ask, askpass,
				    askpass ? mode : NULL, NULL};
	const struct start start = {
		.paths = p,
		.name = name,
		.more = more,
		.ends_with_us = mode && !strcmp(mode, "--foreground"),
		.keep = {ready, -1},
	};

	enum tv_status status = tv_program_self(self, err);

	snprintf(ready_text, sizeof(ready_text), "%d", ready);
	return status ? status : spawn(child, &start, err);
}

enum tv_status tv_keeper_start_run(pid_t *child, const struct tv_keeper_run *run,
				   struct tv_error *err)
{
	char ready[16], client[16];
	const char **more = calloc(2 * run->n_places + 5, sizeof(*more));
	struct start start = {
		.paths = run->paths,
		.name = run->name,
		.more = more,
		.ends_with_us = true,
		.keep = {run->ready, run->client},
	};
	enum tv_status status;
	size_t n = 0;

	if (!more)
		return tv_fail(err, TV_NO_MEMORY, "a command line");
	snprintf(ready, sizeof(ready), "%d", run->ready);
	snprintf(client, sizeof(client), "%d", run->client);
	more[n++] = "--ready-fd";
	more[n++] = ready;
	more[n++] = "--run";
	more[n++] = client;
	for (size_t i = 0; i < run->n_places; i++) {
		more[n++] = "--place";
		more[n++] = run->places[i];
	}
	status = spawn(child, &start, err);
	free(more);
	return status;
}

/* Reads to the end, or for READY_SECONDS. The keeper writes at once, so it comes in few pieces. */
static size_t read_report(char *out, size_t size, int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	size_t len = 0;

	while (len < size) {
		ssize_t n;

		if (poll(&p, 1, READY_SECONDS * 1000) <= 0 && errno != EINTR)
			break;
		n = read(fd, out + len, size - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	return len;
}

enum tv_status tv_keeper_read_ready(int fd, struct tv_error *err)
{
	char report[sizeof(err->detail)];
	size_t len = read_report(report, sizeof(report), fd);

	if (!len)
		return tv_fail(
			err, TV_SERVER,
			"tokenvault-fs ended, or hangs, before it was ready; tokenvault unmount "
			"clears up");
	if ((unsigned char)report[0] >= tv_status_count())
		return tv_fail(err, TV_SERVER, "tokenvault-fs is of another version");
	return tv_fail(err, (enum tv_status)report[0], "%.*s", (int)len - 1, report + 1);
}

int tv_keeper_exit_code(pid_t child)
{
	int state;

	while (waitpid(child, &state, 0) < 0) {
		if (errno != EINTR)
			return tv_status_exit(TV_FAILED);
	}
	return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
}

enum tv_status tv_keeper_start(pid_t *child, const struct tv_cli *cli, bool in_foreground,
			       const char *askpass, struct tv_error *err)
{
	const char *mode = in_foreground ? "--foreground" : NULL;
	int ends[2];
	pid_t pid;
	enum tv_status status = tv_paths_make_runtime(&cli->paths, err);

	if (status)
		return status;
	if (pipe2(ends, O_CLOEXEC))
		return tv_fail(err, TV_FAILED, "no pipe: %s", strerror(errno));
	status = spawn_plain(&pid, &cli->paths, cli->paths.name, mode, askpass, ends[1], err);
	close(ends[1]);
	if (!status) {
		status = tv_keeper_read_ready(ends[0], err);
		*child = in_foreground ? pid : 0;
		if (status && in_foreground)
			kill(pid, SIGTERM);
		if (status || !in_foreground)
			tv_keeper_exit_code(pid);
	}
	close(ends[0]);
	return status;
}

/* Waits until a process that is not our child is gone. */
static bool is_gone(int pidfd)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};
	int n;

	do {
		n = poll(&p, 1, STOP_SECONDS * 1000);
	} while (n < 0 && errno == EINTR);
	return n > 0;
}

enum tv_status tv_keeper_stop(struct tv_cli *cli, struct tv_error *err)
{
	pid_t keeper = tv_session_keeper(cli->session);
	int pidfd = (int)syscall(SYS_pidfd_open, keeper, 0);
	struct tv_error ignored;
	enum tv_status status;
	bool gone;

	if (pidfd < 0)
		return errno == ESRCH ? TV_OK
				      : tv_fail(err, TV_FAILED, "process %d: %s", (int)keeper,
						strerror(errno));
	status = tv_cli_call(NULL, cli, TV_AGENT_stop, NULL, &ignored);
	if (status)
		syscall(SYS_pidfd_send_signal, pidfd, SIGTERM, NULL, 0);
	gone = is_gone(pidfd);
	close(pidfd);
	if (!gone)
		return tv_fail(err, TV_BUSY, "process %d does not end", (int)keeper);
	return TV_OK;
}

enum tv_status tv_keeper_clean_up(const struct tv_paths *paths, const char *name,
				  struct tv_error *err)
{
	int ends[2], code;
	pid_t child;
	enum tv_status status;

	if (pipe2(ends, O_CLOEXEC))
		return tv_fail(err, TV_FAILED, "no pipe: %s", strerror(errno));
	status = spawn_plain(&child, paths, name, "--cleanup", NULL, ends[1], err);
	close(ends[1]);
	if (!status) {
		struct tv_error why = {""};
		enum tv_status told = tv_keeper_read_ready(ends[0], &why);

		code = tv_keeper_exit_code(child);
		if (code && told && told != TV_SERVER)
			status = tv_fail(err, told, "%s", why.detail);
		else if (code == tv_status_exit(TV_NOT_MOUNTED))
			status = TV_NOT_MOUNTED;
		else if (code)
			status = tv_fail(err, TV_FAILED, "tokenvault-fs ended with %d", code);
	}
	close(ends[0]);
	return status;
}
