/* Programs of ours that do one thing for one secret and know nothing else: a message in, one out. */
#include "cli/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/programs.h"

#define PIECE 4096

struct run {
	const struct tv_helper *helper;
	pid_t child;
	int to; /* our ends; -1: closed */
	int from;
	int64_t deadline; /* milliseconds */
};

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int time_left(const struct run *r)
{
	int64_t left = r->deadline - now();

	return left < 0 ? 0 : (int)left;
}

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* The child's side of a fork. Words of the dynamic linker's or a sanitizer's are for who builds this. */
static void exec_helper(const char *program, const struct tv_helper *h, int in, int out)
{
	char *const argv[] = {(char *)(uintptr_t)h->name, (char *)(uintptr_t)h->argument, NULL};
	const char *const nothing[] = {NULL};
	const char *const *environment = h->environment ? h->environment : nothing;
#ifdef TV_SANITIZED
	int words = STDERR_FILENO;
#else
	int words = open("/dev/null", O_WRONLY | O_CLOEXEC);
#endif

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_DFL);
	if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 &&
	    dup2(words, STDERR_FILENO) >= 0 &&
	    !syscall(SYS_close_range, 3, ~0U, 4 /* CLOSE_RANGE_CLOEXEC */))
		execve(program, argv, (char *const *)(uintptr_t)environment);
	_exit(127);
}

static enum tv_status start(struct run *r, struct tv_error *err)
{
	int in[2] = {-1, -1}, out[2] = {-1, -1};
	char program[PATH_MAX];
	enum tv_status status = tv_program_find(
		program, r->helper->name, r->helper->build_dir ? r->helper->build_dir : ".", err);

	if (status)
		return status;
	if (!pipe2(in, O_CLOEXEC) && !pipe2(out, O_CLOEXEC))
		r->child = fork();
	if (!r->child)
		exec_helper(program, r->helper, in[0], out[1]);
	if (r->child < 0)
		status = tv_fail(err, TV_FAILED, "%s: no pipe or process: %s", r->helper->name,
				 strerror(errno));
	close_one(&in[0]);
	close_one(&out[1]);
	r->to = in[1];
	r->from = out[0];
	if (r->to >= 0)
		fcntl(r->to, F_SETFL, O_NONBLOCK);
	return status;
}

/* Writes what fits; a helper that wants no more has seen enough. */
static void feed(struct run *r, const struct tv_secret *message, size_t *done)
{
	ssize_t n = write(r->to, message->data + *done, message->len - *done);

	if (n > 0)
		*done += (size_t)n;
	else if (n < 0 && errno != EINTR && errno != EAGAIN)
		close_one(&r->to);
}

/* Closes the pipe at its end. */
static enum tv_status drain(struct run *r, struct tv_secret *answer, struct tv_error *err)
{
	tv_auto_secret piece = {0};
	ssize_t n;

	tv_secret_fill(&piece, PIECE);
	if (piece.failed)
		return tv_fail(err, TV_NO_MEMORY, "an answer");
	n = read(r->from, piece.data, PIECE);
	if (n > 0)
		tv_secret_append(answer, piece.data, (size_t)n);
	else if (!n || errno != EINTR)
		close_one(&r->from);
	if (answer->len > r->helper->answer_max)
		return tv_fail(err, TV_FAILED, "%s says too much", r->helper->name);
	return tv_secret_check(answer, err);
}

/* Both ways at once, for either side may have to wait for the other. */
static enum tv_status exchange(struct run *r, struct tv_secret *answer,
			       const struct tv_secret *message, struct tv_error *err)
{
	enum tv_status status = TV_OK;
	size_t done = 0;

	while (r->from >= 0 && !status) {
		struct pollfd fds[2] = {{.fd = r->from, .events = POLLIN}};
		int n;

		if (r->to >= 0 && done == message->len)
			close_one(&r->to);
		fds[1] = (struct pollfd){.fd = r->to, .events = POLLOUT};
		n = poll(fds, 2, time_left(r));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return tv_fail(err, TV_BUSY, "%s does not end", r->helper->name);
		if (fds[1].revents)
			feed(r, message, &done);
		if (fds[0].revents)
			status = drain(r, answer, err);
	}
	return status;
}

/* It has said its last; one that stays all the same is ended. */
static int end(struct run *r, bool at_once)
{
	struct pollfd p = {.fd = (int)syscall(SYS_pidfd_open, r->child, 0), .events = POLLIN};
	int state = 0;

	close_one(&r->to);
	close_one(&r->from);
	if (at_once || p.fd < 0 || poll(&p, 1, time_left(r)) <= 0)
		kill(r->child, SIGKILL);
	close_one(&p.fd);
	while (waitpid(r->child, &state, 0) < 0 && errno == EINTR)
		;
	return state;
}

enum tv_status tv_helper_run(struct tv_secret *answer, const struct tv_helper *helper,
			     const struct tv_secret *message, struct tv_error *err)
{
	struct run r = {
		.helper = helper,
		.child = -1,
		.to = -1,
		.from = -1,
		.deadline = now() + (int64_t)helper->seconds * 1000,
	};
	enum tv_status status = start(&r, err);
	int state;

	if (!status)
		status = exchange(&r, answer, message, err);
	if (r.child < 0) {
		close_one(&r.to);
		close_one(&r.from);
		return status;
	}
	state = end(&r, status != TV_OK);
	if (!status && WIFSIGNALED(state))
		return tv_fail(err, TV_FAILED, "%s was ended by signal %d", helper->name,
			       WTERMSIG(state));
	if (!status && WEXITSTATUS(state) == 127 && !answer->len)
		return tv_fail(err, TV_FAILED, "%s does not start: a library of it is missing",
			       helper->name);
	return status;
}
