/* tokenvault wait: until the vault is unlocked, or until it is locked. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/manager.h"
#include "cli/span.h"

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Whether something comes by the deadline; INT64_MAX: whenever it does. */
static bool comes_by(int fd, int64_t deadline)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int n;

	do {
		const int64_t left = deadline == INT64_MAX ? -1 : deadline - now_ms();

		if (left < 0 && deadline != INT64_MAX)
			return false;
		n = poll(&p, 1, left > INT_MAX ? INT_MAX : (int)left);
	} while (n <= 0);
	return true;
}

static enum tv_status wait_until(struct tv_cli *cli, bool is_locked, int64_t deadline,
				 struct tv_error *err)
{
	int fd;
	enum tv_status status = tv_session_await(&fd, cli->session, is_locked, err);

	if (!status && !comes_by(fd, deadline))
		return is_locked ? tv_fail(err, TV_BUSY, "it is still unlocked")
				 : tv_fail(err, TV_LOCKED, "still; to unlock: tokenvault unlock");
	if (!status)
		status = tv_session_awaited(cli->session, err);
	/* Without a server nothing is unlocked. */
	return is_locked && status == TV_NOT_MOUNTED ? TV_OK : status;
}

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	const char *timeout = tv_args_value(cli->args, "timeout");
	const bool stays = tv_args_has(cli->args, "until-locked");
	const bool is_locked = tv_args_has(cli->args, "locked");
	int64_t span = 0;
	enum tv_status status = timeout ? tv_span_parse(&span, timeout, err) : TV_OK;
	int64_t deadline = span ? now_ms() + span * 1000 : INT64_MAX;

	if (!status && timeout && *timeout == '0' && !span)
		status = tv_fail(err, TV_BAD_VALUE, "--timeout: 1s or more");

	/* The session may be left in the middle of a question. */
	cli->told_expiring = true;
	if (!status && stays && is_locked)
		status = tv_fail(err, TV_USAGE, "--locked and --until-locked are two things");
	if (!status)
		status = tv_cli_open(cli, err);
	if (!status)
		status = wait_until(cli, is_locked, deadline, err);
	if (status || !stays)
		return status;
	tv_manager_tell("READY=1\nSTATUS=unlocked");
	status = wait_until(cli, true, INT64_MAX, err);
	tv_manager_tell("STOPPING=1");
	return status;
}

static const struct tv_option options[] = {
	{"locked", 'L', false, NULL, "wait until it is locked"},
	{"until-locked", 'U', false, NULL, "until it is unlocked, then until it is locked"},
	{"timeout", 't', false, "SPAN", "for so long at most: 90s, 15m, 12h"},
	{0},
};

const struct tv_command tv_command_wait = {
	.name = "wait",
	.arguments = "",
	.summary = "until it is unlocked",
	.help = "Waits until the running server is unlocked and the files are in place, or with\n"
		"--locked until nothing can be read any more, which is so without a server.\n"
		"With --until-locked a service manager is told when it is unlocked, and the\n"
		"command ends when it is locked.",
	.options = options,
	.run = run,
};
