/* Starts programs that ask a person, talks with them, and ends them. */
#include "cli/prompt/dialog.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define END_MS 500 /* how long a program may take to end by itself, and when it is told to */

int64_t tv_dialog_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* The child's side of a fork. In a session of its own it can use a terminal that is another session's
 * without being stopped, and what it starts can be ended with it. */
static void run(const char *const *argv, const struct tv_seat *seat, int in, int out, pid_t us,
		const sigset_t *mask)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	if (getppid() == us && dup2(in >= 0 ? in : null, STDIN_FILENO) >= 0 &&
	    dup2(out, STDOUT_FILENO) >= 0 && dup2(null, STDERR_FILENO) >= 0 &&
	    !syscall(SYS_close_range, 3, ~0U, 4 /* CLOSE_RANGE_CLOEXEC */))
		execvpe(argv[0], (char *const *)(uintptr_t)argv, seat->environment);
	_exit(127);
}

/* While it asks, what would end us is a reason to end it, and comes by a descriptor. */
static bool watch_signals(struct tv_dialog *d)
{
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &ends, &d->before))
		return false;
	d->signals = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
	return d->signals >= 0;
}

enum tv_status tv_dialog_start(struct tv_dialog *d, const char *const *argv, bool has_input,
			       const struct tv_seat *seat, int64_t deadline, struct tv_error *err)
{
	int in[2] = {-1, -1}, out[2] = {-1, -1};
	pid_t us = getpid();

	*d = (struct tv_dialog){
		.to = -1, .from = -1, .signals = -1, .deadline = deadline, .seat = seat};
	if (!watch_signals(d) || (has_input && pipe2(in, O_CLOEXEC)) || pipe2(out, O_CLOEXEC) ||
	    (d->child = fork()) < 0)
		d->child = -errno;
	if (!d->child)
		run(argv, seat, in[0], out[1], us, &d->before);
	close_one(&in[0]);
	close_one(&out[1]);
	d->to = in[1];
	d->from = out[0];
	if (d->child > 0)
		return TV_OK;
	tv_fail(err, TV_NO_PROMPT, "%s: no process: %s", argv[0], strerror((int)-d->child));
	d->child = 0;
	tv_dialog_end(d, true);
	return TV_NO_PROMPT;
}

enum tv_status tv_dialog_write(const struct tv_dialog *d, const struct tv_secret *text,
			       struct tv_error *err)
{
	return tv_secret_write(text, d->to, err) ? tv_fail(err, TV_NO_PROMPT, "it ended") : TV_OK;
}

enum tv_status tv_dialog_read(unsigned char *byte, bool *more, const struct tv_dialog *d,
			      int wait_ms, struct tv_error *err)
{
	struct pollfd fds[] = {{.fd = d->signals, .events = POLLIN},
			       {.fd = d->from, .events = POLLIN}};
	int64_t left = d->deadline - tv_dialog_now();
	ssize_t n;

	if (wait_ms >= 0 && left > wait_ms)
		left = wait_ms;
	while ((n = poll(fds, 2, left > 0 ? (int)left : 0)) < 0 && errno == EINTR)
		;
	if (n < 0)
		return tv_fail(err, TV_NO_PROMPT, "poll: %s", strerror(errno));
	if (!n)
		return tv_fail(err, TV_CANCELLED, "nothing was said in time");
	if (fds[0].revents)
		return tv_fail(err, TV_CANCELLED, "by a signal");
	while ((n = read(d->from, byte, 1)) < 0 && errno == EINTR)
		;
	if (n < 0)
		return tv_fail(err, TV_NO_PROMPT, "%s", strerror(errno));
	*more = n != 0;
	return TV_OK;
}

static bool ends_in(const struct tv_dialog *d, int ms)
{
	struct pollfd p = {.fd = (int)syscall(SYS_pidfd_open, d->child, 0), .events = POLLIN};
	bool ended = p.fd >= 0 && poll(&p, 1, ms) > 0;

	close_one(&p.fd);
	return ended;
}

/* The group outlives its leader, so it is told before that is waited for. */
static int end_child(const struct tv_dialog *d, bool at_once)
{
	const bool was_rude = at_once || !ends_in(d, END_MS);
	const bool used_tty = was_rude && tv_seat_is_used(d->seat, d->child);
	int state = 0;

	if (was_rude) {
		kill(-d->child, SIGTERM);
		if (!ends_in(d, END_MS))
			kill(-d->child, SIGKILL);
	}
	while (waitpid(d->child, &state, 0) < 0 && errno == EINTR)
		;
	if (used_tty)
		tv_seat_restore(d->seat);
	return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
}

int tv_dialog_end(struct tv_dialog *d, bool at_once)
{
	int code = 0;

	close_one(&d->to);
	if (d->child > 0)
		code = end_child(d, at_once);
	close_one(&d->from);
	if (d->signals >= 0) {
		close_one(&d->signals);
		sigprocmask(SIG_SETMASK, &d->before, NULL);
	}
	*d = (struct tv_dialog){.to = -1, .from = -1, .signals = -1};
	return code;
}
