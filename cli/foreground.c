/* Stays with a keeper, follows what becomes of the vault, and tells the service manager. */
#include "cli/foreground.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli/keeper.h"
#include "cli/manager.h"

struct stay {
	struct tv_cli *cli;
	pid_t keeper;
	int signals;
	int ended;  /* its pidfd */
	int change; /* where the server says that it was locked, or unlocked; −1: it does not */
	bool is_locked;
};

/* Asks to hear of the next change. */
static void follow(struct stay *s)
{
	struct tv_error ignored;

	if (tv_session_await(&s->change, s->cli->session, !s->is_locked, &ignored))
		s->change = -1;
}

static void say_state(const struct stay *s)
{
	tv_manager_tell(s->is_locked
				? "STATUS=locked: the files can be read after tokenvault unlock"
				: "STATUS=unlocked");
}

static void hear_change(struct stay *s)
{
	struct tv_error ignored;

	s->change = -1;
	if (tv_session_awaited(s->cli->session, &ignored))
		return;
	s->is_locked = !s->is_locked;
	say_state(s);
	follow(s);
}

static void pass_on(const struct stay *s)
{
	struct signalfd_siginfo info;

	if (read(s->signals, &info, sizeof(info)) != sizeof(info))
		return;
	tv_manager_tell("STOPPING=1\nSTATUS=taking the files away");
	kill(s->keeper, (int)info.ssi_signo);
}

static void loop(struct stay *s)
{
	for (;;) {
		struct pollfd wait[] = {{.fd = s->ended, .events = POLLIN},
					{.fd = s->signals, .events = POLLIN},
					{.fd = s->change, .events = POLLIN}};

		if (poll(wait, 3, -1) < 0) {
			if (errno == EINTR)
				continue;
			return;
		}
		if (wait[0].revents)
			return;
		if (wait[1].revents)
			pass_on(s);
		if (wait[2].revents)
			hear_change(s);
	}
}

int tv_foreground_stay(struct tv_cli *cli, pid_t keeper)
{
	struct stay s = {.cli = cli, .keeper = keeper, .change = -1};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	s.signals = signalfd(-1, &set, SFD_CLOEXEC);
	s.ended = (int)syscall(SYS_pidfd_open, keeper, 0);
	s.is_locked = !tv_session_has_server(cli->session);
	tv_manager_tell("READY=1");
	say_state(&s);
	follow(&s);
	/* Without these two descriptors there is only the end to wait for. */
	if (s.signals >= 0 && s.ended >= 0)
		loop(&s);
	else
		sigprocmask(SIG_UNBLOCK, &set, NULL);
	if (s.signals >= 0)
		close(s.signals);
	if (s.ended >= 0)
		close(s.ended);
	return tv_keeper_exit_code(keeper);
}
