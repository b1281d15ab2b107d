/* Starts, hears and ends the program that lies beside this one. */
#include "fusefs/bus/watcher.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAME "tokenvault-bus"

static bool find(char out[static PATH_MAX])
{
	ssize_t len = readlink("/proc/self/exe", out, PATH_MAX - sizeof NAME);

	while (len > 0 && out[len - 1] != '/')
		len--;
	if (len <= 0)
		return false;
	memcpy(out + len, NAME, sizeof NAME);
	return !access(out, X_OK);
}

/* The child's side of a fork: a descriptor of a mount that it kept would have readers wait for ever when
 * the server dies. */
static _Noreturn void run(const char *program, int fd, pid_t keeper)
{
	char *const argv[] = {(char *)(uintptr_t)NAME, NULL};
	sigset_t none;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (getppid() == keeper && dup2(fd, STDIN_FILENO) == STDIN_FILENO &&
	    dup2(null, STDOUT_FILENO) >= 0 && dup2(null, STDERR_FILENO) >= 0 &&
	    !close_range(3, ~0U, CLOSE_RANGE_CLOEXEC))
		execv(program, argv);
	_exit(127);
}

void tv_watcher_start(struct tv_watcher *w)
{
	char program[PATH_MAX];
	pid_t keeper = getpid();
	int pair[2];

	*w = (struct tv_watcher){.fd = -1};
	if (!find(program) || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return;
	w->pid = fork();
	if (!w->pid)
		run(program, pair[1], keeper);
	close(pair[1]);
	if (w->pid < 0)
		close(pair[0]);
	else
		w->fd = pair[0];
}

bool tv_watcher_hear(struct tv_bus_message *out, struct tv_watcher *w)
{
	ssize_t n = recv(w->fd, out, sizeof *out, MSG_DONTWAIT);

	if (n == sizeof *out)
		return true;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	tv_watcher_stop(w);
	*out = (struct tv_bus_message){.kind = TV_BUS_WATCHES};
	return true;
}

void tv_watcher_tell(const struct tv_watcher *w, uint32_t number)
{
	const struct tv_bus_message m = {.kind = TV_BUS_LOCKED, .number = number};

	/* One that does not listen is gone or stuck, and is not to be waited for. */
	if (w->fd >= 0 && send(w->fd, &m, sizeof m, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return;
}

void tv_watcher_stop(struct tv_watcher *w)
{
	if (w->fd < 0)
		return;
	close(w->fd);
	kill(w->pid, SIGKILL);
	while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
		;
	*w = (struct tv_watcher){.fd = -1};
}
