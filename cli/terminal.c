/* Questions on the terminal whose answer is not shown. */
#include "cli/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <strings.h>
#include <termios.h>
#include <unistd.h>

/* Those that would leave a terminal without echo behind; and SIGCONT, since whoever stopped us may
 * have switched the echo on. */
static const int watched[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT};

#define N_WATCHED (sizeof(watched) / sizeof(watched[0]))

static volatile sig_atomic_t caught;

static void note_signal(int sig)
{
	caught = sig;
}

struct terminal {
	int fd;
	struct termios before;
	sigset_t mask_before;
	struct sigaction actions_before[N_WATCHED];
};

static void watch_signals(struct terminal *t)
{
	struct sigaction note = {.sa_handler = note_signal};
	sigset_t block;

	sigemptyset(&block);
	for (size_t i = 0; i < N_WATCHED; i++)
		sigaddset(&block, watched[i]);
	sigprocmask(SIG_BLOCK, &block, &t->mask_before);
	for (size_t i = 0; i < N_WATCHED; i++) {
		sigaction(watched[i], NULL, &t->actions_before[i]);
		if (t->actions_before[i].sa_handler != SIG_IGN)
			sigaction(watched[i], &note, NULL);
	}
}

static void unwatch_signals(struct terminal *t)
{
	for (size_t i = 0; i < N_WATCHED; i++)
		sigaction(watched[i], &t->actions_before[i], NULL);
	sigprocmask(SIG_SETMASK, &t->mask_before, NULL);
}

/* No echo, and no lines made by the kernel: those end at 4096 bytes, and tokens can be longer. */
static bool hush(struct terminal *t)
{
	struct termios quiet;

	if (tcgetattr(t->fd, &t->before))
		return false;
	quiet = t->before;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON);
	quiet.c_iflag |= ICRNL;
	quiet.c_cc[VMIN] = 1;
	quiet.c_cc[VTIME] = 0;
	return !tcsetattr(t->fd, TCSANOW, &quiet);
}

static void say(const struct terminal *t, const char *text)
{
	/* A terminal that can't be written to will not be read from either. */
	if (write(t->fd, text, strlen(text)) < 0)
		return;
}

static void drop_last(struct tv_secret *s)
{
	bool is_inside;

	while (s->len) {
		is_inside = (s->data[s->len - 1] & 0xc0) == 0x80;
		s->data[--s->len] = '\0';
		if (!is_inside)
			return;
	}
}

/* Waits for a byte with the signals open. False at a signal, at an end and at an error. */
static bool read_byte(const struct terminal *t, unsigned char *c)
{
	struct pollfd p = {.fd = t->fd, .events = POLLIN};

	while (!caught) {
		if (ppoll(&p, 1, NULL, &t->mask_before) < 0 && errno != EINTR)
			return false;
		if (!caught && p.revents)
			return read(t->fd, c, 1) == 1;
	}
	return false;
}

static void read_line(struct tv_secret *out, const struct terminal *t, size_t limit)
{
	unsigned char c = 0;

	while (read_byte(t, &c) && c != '\n' && c != t->before.c_cc[VEOF]) {
		if (c == t->before.c_cc[VERASE] || c == '\b' || c == 0x7f)
			drop_last(out);
		else if (c == t->before.c_cc[VKILL])
			tv_secret_free(out);
		else if (out->len <= limit)
			tv_secret_append(out, &c, 1);
	}
}

/* One try; false when a signal came between. */
static bool ask_once(struct tv_secret *out, struct terminal *t, const char *prompt, size_t limit)
{
	int sig;

	caught = 0;
	watch_signals(t);
	if (hush(t)) {
		say(t, prompt);
		read_line(out, t, limit);
		say(t, "\n");
		tcsetattr(t->fd, TCSANOW, &t->before);
	}
	sig = caught;
	unwatch_signals(t);
	if (!sig)
		return true;
	tv_secret_free(out);
	raise(sig);
	return false;
}

enum tv_status tv_terminal_ask(struct tv_secret *out, const char *prompt, size_t limit,
			       const char *otherwise, struct tv_error *err)
{
	struct terminal t = {.fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)};
	tv_auto_secret line = {0};

	if (t.fd < 0)
		return tv_fail(err, TV_LOCKED, "no terminal to ask on; %s", otherwise);
	while (!ask_once(&line, &t, prompt, limit))
		;
	close(t.fd);
	if (line.len > limit)
		return tv_fail(err, TV_BAD_VALUE, "more than %zu bytes were typed", limit);
	tv_secret_move(out, &line);
	return tv_secret_check(out, err);
}

enum tv_status tv_terminal_confirm(bool *yes, const char *question, const char *otherwise,
				   struct tv_error *err)
{
	tv_auto_secret answer = {0};
	const char *text;
	enum tv_status status = tv_terminal_ask(&answer, question, 16, otherwise, err);

	if (status)
		return status;
	text = tv_secret_text(&answer);
	*yes = !strcasecmp(text, "y") || !strcasecmp(text, "yes");
	return TV_OK;
}
