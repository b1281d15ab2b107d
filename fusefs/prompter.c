/* Starts the command that asks, watches it, and ends it. */
#include "fusefs/prompter.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fusefs/tty.h"

#define SPARE_MS  2000 /* the server ends it in time; this is for one that does not */
#define GENTLY_MS 1500 /* how long it may take to end what it started itself */
#define FILES	  1024 /* descriptors: we have more, and some programs try them all */

/* A text that somebody else chose: JSON wants it to be UTF-8. */
static bool put_name(struct tv_json *j, const char *key, const char *text)
{
	char *copy = strdup(text);
	bool put = copy != NULL;

	if (copy)
		tv_utf8_make_shown(copy);
	put = put && tv_json_put_text(j, key, copy);
	free(copy);
	return put;
}

static bool put_caller(struct tv_json *j, const struct tv_caller *c)
{
	const char *script = tv_caller_text(c, c->self.script);
	char tty[TV_TTY_CHARS];

	if (c->trouble)
		return tv_json_put_text(j, "trouble", tv_caller_words(c->trouble));
	return tv_json_put_int(j, "pid", c->self.pid) &&
	       tv_json_put_int(j, "start", (int64_t)c->self.start) &&
	       put_name(j, "program", tv_caller_text(c, c->self.path)) &&
	       tv_json_put_bool(j, "gone", !c->self.is_there) &&
	       tv_json_put_bool(j, "foreign", c->is_foreign) &&
	       (!*script || put_name(j, "script", script)) &&
	       /* Numbers of terminals mean others in a container. */
	       (c->is_foreign || !tv_tty_find(tty, c->self.pid) || tv_json_put_text(j, "tty", tty));
}

/* What the program is to know; the message's text is the time there is, the entry, and the file. */
static bool describe(struct tv_secret *out, const struct tv_link_message *m, int64_t *wait)
{
	static struct tv_caller caller;
	const struct tv_caller_question q = {.wants = TV_CALLER_DETAILS, .task = (int32_t)m->view};
	tv_auto_json *j = tv_json_object();
	char text[TV_LINK_TEXT];
	char *rest = text;
	const char *seconds, *entry;

	memcpy(text, m->text, sizeof text);
	seconds = strsep(&rest, "\n");
	entry = rest ? strsep(&rest, "\n") : NULL;
	*wait = strtoll(seconds, NULL, 10);
	if (!entry || !rest || *wait < 1 || *wait > TV_PROMPT_MAX)
		return false;
	tv_caller_resolve(&caller, NULL, &q);
	return tv_json_put_bool(j, "asks", m->kind == TV_LINK_CONFIRM) &&
	       tv_json_put_int(j, "wait", *wait) && put_name(j, "entry", entry) &&
	       put_name(j, "file", rest) && put_caller(j, &caller) && !tv_json_print(out, j, NULL);
}

/* The child's side of a fork. A descriptor of a mount that it kept would have readers wait for ever when the
 * server dies; a terminal of ours is not where the person sits. */
static _Noreturn void run(const struct tv_fs_config *c, int in, pid_t keeper)
{
	const char *const argv[] = {"tokenvault",
				    "--vault",
				    c->vault,
				    "--quiet",
				    "unlock",
				    "--prompt",
				    c->askpass ? "--askpass" : NULL,
				    c->askpass,
				    NULL};
	struct rlimit files;
	sigset_t none;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (!getrlimit(RLIMIT_NOFILE, &files) && files.rlim_cur > FILES) {
		files.rlim_cur = FILES;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	if (getppid() == keeper && dup2(in, STDIN_FILENO) == STDIN_FILENO &&
	    dup2(null, STDOUT_FILENO) >= 0 && dup2(null, STDERR_FILENO) >= 0 &&
	    !close_range(3, ~0U, CLOSE_RANGE_CLOEXEC))
		execv(c->cli, (char *const *)(uintptr_t)argv);
	_exit(127);
}

static bool start_child(struct tv_prompter *p, const struct tv_fs_config *c,
			const struct tv_secret *text)
{
	pid_t keeper = getpid();
	int ends[2];
	bool good;

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return false;
	/* It fits, or there is no room for it, and then nobody waits for that here. */
	good = write(ends[1], text->data, text->len) == (ssize_t)text->len &&
	       !fcntl(ends[0], F_SETFL, O_RDONLY);
	close(ends[1]);
	p->pid = good ? fork() : -1;
	if (!p->pid)
		run(c, ends[0], keeper);
	close(ends[0]);
	return p->pid > 0;
}

static void forget(struct tv_prompter *p)
{
	if (p->pidfd >= 0)
		close(p->pidfd);
	if (p->timer >= 0)
		close(p->timer);
	*p = TV_PROMPTER_NONE;
}

enum tv_status tv_prompter_start(struct tv_prompter *p, const struct tv_fs_config *c,
				 const struct tv_link_message *m)
{
	tv_auto_secret text = {0};
	int64_t wait;

	if (p->pid)
		return TV_BUSY;
	if (!c->cli || !describe(&text, m, &wait))
		return TV_NO_PROMPT;
	*p = TV_PROMPTER_NONE;
	p->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (p->timer < 0 || !start_child(p, c, &text)) {
		p->pid = 0;
		forget(p);
		return TV_NO_PROMPT;
	}
	p->number = m->number;
	p->pidfd = pidfd_open(p->pid, 0);
	tv_prompter_limit(p, (int)wait * 1000 + SPARE_MS);
	if (p->pidfd >= 0 && !fcntl(p->pidfd, F_SETFD, FD_CLOEXEC))
		return TV_OK;
	tv_prompter_stop(p);
	return TV_NO_PROMPT;
}

void tv_prompter_limit(struct tv_prompter *p, int ms)
{
	const struct itimerspec at = {.it_value = {ms / 1000, ms % 1000 * 1000000L + 1}};

	if (p->pid && !p->was_told)
		timerfd_settime(p->timer, 0, &at, NULL);
}

/* First it is told to, so that it can end what it started. */
void tv_prompter_hurry(struct tv_prompter *p)
{
	const struct itimerspec at = {.it_value = {GENTLY_MS / 1000, GENTLY_MS % 1000 * 1000000L}};

	kill(p->pid, p->was_told ? SIGKILL : SIGTERM);
	p->was_told = true;
	timerfd_settime(p->timer, 0, &at, NULL);
}

/* Of what the exit code says, as far as it makes a difference. */
static enum tv_status read_end(int state)
{
	static const enum tv_status known[] = {TV_OK, TV_CANCELLED, TV_WRONG_KEY, TV_NO_PROMPT};

	for (size_t i = 0; WIFEXITED(state) && i < sizeof known / sizeof *known; i++)
		if (WEXITSTATUS(state) == tv_status_exit(known[i]))
			return known[i];
	return TV_FAILED;
}

enum tv_status tv_prompter_reap(uint32_t *number, struct tv_prompter *p)
{
	const bool was_told = p->was_told;
	enum tv_status status;
	int state = 0;

	while (waitpid(p->pid, &state, 0) < 0 && errno == EINTR)
		;
	*number = p->number;
	forget(p);
	status = read_end(state);
	return was_told && status ? TV_BUSY : status;
}

void tv_prompter_stop(struct tv_prompter *p)
{
	struct pollfd ended = {.fd = p->pidfd, .events = POLLIN};
	uint32_t ignored;

	if (!p->pid)
		return;
	kill(p->pid, SIGTERM);
	if (p->pidfd < 0 || poll(&ended, 1, GENTLY_MS) <= 0)
		kill(p->pid, SIGKILL);
	if (tv_prompter_reap(&ignored, p))
		return;
}
