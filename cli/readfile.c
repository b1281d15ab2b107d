/* Plaintext files of known formats, taken apart by the program tokenvault-read. */
#include "cli/readfile.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/programs.h"

#define ANSWER_MAX (32u << 20)
#define PIECE	   4096

struct pipes {
	int to[2];
	int from[2];
};

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void close_pipes(struct pipes *p)
{
	close_one(&p->to[0]);
	close_one(&p->to[1]);
	close_one(&p->from[0]);
	close_one(&p->from[1]);
}

/* The child's side of a fork: descriptors 0 to 2 and nothing else, no environment. */
static void exec_reader(const char *program, const char *format, struct pipes *p)
{
	char *const argv[] = {(char *)(uintptr_t) "tokenvault-read", (char *)(uintptr_t)format,
			      NULL};
	char *const nothing[] = {NULL};
	int ends[2] = {fcntl(p->to[0], F_DUPFD_CLOEXEC, 3), fcntl(p->from[1], F_DUPFD_CLOEXEC, 3)};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_DFL);
	if (dup2(ends[0], STDIN_FILENO) == STDIN_FILENO &&
	    dup2(ends[1], STDOUT_FILENO) == STDOUT_FILENO &&
	    !syscall(SYS_close_range, 3, ~0U, 4 /* CLOSE_RANGE_CLOEXEC */))
		execve(program, argv, nothing);
	_exit(127);
}

static enum tv_status start(pid_t *child, struct pipes *p, const char *format, struct tv_error *err)
{
	char program[PATH_MAX];
	enum tv_status status = tv_program_find(program, "tokenvault-read", ".", err);

	if (status)
		return status;
	if (pipe2(p->to, O_CLOEXEC) || pipe2(p->from, O_CLOEXEC))
		return tv_fail(err, TV_FAILED, "no pipe: %s", strerror(errno));
	*child = fork();
	if (*child < 0)
		return tv_fail(err, TV_FAILED, "no new process: %s", strerror(errno));
	if (!*child)
		exec_reader(program, format, p);
	close_one(&p->to[0]);
	close_one(&p->from[1]);
	fcntl(p->to[1], F_SETFL, O_NONBLOCK);
	return TV_OK;
}

/* Writes what fits. A reader that wants no more has seen enough. */
static size_t feed(int *fd, const struct tv_secret *text, size_t done)
{
	ssize_t n = write(*fd, text->data + done, text->len - done);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return done;
	if (n < 0)
		close_one(fd);
	return n < 0 ? done : done + (size_t)n;
}

/* False at the end. */
static bool drain(struct tv_secret *answer, int fd)
{
	tv_auto_secret piece = {0};
	ssize_t n;

	tv_secret_fill(&piece, PIECE);
	if (piece.failed)
		return false;
	n = read(fd, piece.data, PIECE);
	if (n > 0)
		tv_secret_append(answer, piece.data, (size_t)n);
	return n > 0 || (n < 0 && errno == EINTR);
}

/* Both ways at once, for either side may have to wait for the other. */
static enum tv_status exchange(struct tv_secret *answer, struct pipes *p,
			       const struct tv_secret *text, struct tv_error *err)
{
	size_t done = 0;
	bool more = true;

	while (more) {
		struct pollfd fds[] = {{.fd = p->from[0], .events = POLLIN},
				       {.fd = p->to[1], .events = POLLOUT}};

		if (p->to[1] >= 0 && done == text->len) {
			close_one(&p->to[1]);
			continue;
		}
		if (poll(fds, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			return tv_fail(err, TV_FAILED, "poll: %s", strerror(errno));
		}
		if (fds[1].revents)
			done = feed(&p->to[1], text, done);
		if (fds[0].revents)
			more = drain(answer, p->from[0]);
		if (answer->len > ANSWER_MAX)
			return tv_fail(err, TV_FAILED, "tokenvault-read says too much");
	}
	return tv_secret_check(answer, err);
}

static enum tv_status finish(pid_t child, struct tv_error *err)
{
	int state = 0;

	while (waitpid(child, &state, 0) < 0) {
		if (errno != EINTR)
			return tv_fail(err, TV_FAILED, "waitpid: %s", strerror(errno));
	}
	if (WIFSIGNALED(state))
		return tv_fail(err, TV_FAILED, "tokenvault-read was ended by signal %d",
			       WTERMSIG(state));
	return WEXITSTATUS(state) ? tv_fail(err, TV_FAILED, "tokenvault-read ended with %d",
					    WEXITSTATUS(state))
				  : TV_OK;
}

/* The tree, or the failure that was told instead of one. */
static enum tv_status take(struct tv_json **out, const struct tv_secret *answer, const char *what,
			   struct tv_error *err)
{
	tv_auto_json *j = NULL;
	struct tv_json *tree;
	const char *name;
	enum tv_status status = tv_json_parse(&j, answer->data, answer->len, err);

	if (status)
		return status == TV_DAMAGED
			       ? tv_fail(err, TV_BAD_VALUE, "%s: nested too deep", what)
			       : status;
	name = tv_json_get_text(j, "status");
	if (name) {
		const char *detail = tv_json_get_text(j, "detail");

		return tv_fail(err, tv_status_by_name(name), "%s: %s", what, detail ? detail : "");
	}
	tree = tv_json_copy(tv_json_get(j, "tree"));
	if (!tree)
		return tv_fail(err, TV_FAILED, "tokenvault-read gave no tree");
	*out = tree;
	return TV_OK;
}

enum tv_status tv_readfile(struct tv_json **out, const char *format, const struct tv_secret *text,
			   const char *what, struct tv_error *err)
{
	struct pipes p = {{-1, -1}, {-1, -1}};
	tv_auto_secret answer = {0};
	pid_t child = -1;
	enum tv_status status, end;

	if (text->len > TV_READFILE_MAX)
		return tv_fail(err, TV_BAD_VALUE, "%s: over 1 MiB", what);
	status = start(&child, &p, format, err);
	if (!status)
		status = exchange(&answer, &p, text, err);
	close_pipes(&p);
	if (child <= 0)
		return status;
	if (status)
		kill(child, SIGKILL);
	end = finish(child, status ? NULL : err);
	status = status ? status : end;
	return status ? status : take(out, &answer, what, err);
}
