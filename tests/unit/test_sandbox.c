/* What a process that confined itself can still do: each promise in a child of its own. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "vault/sandbox.h"

#ifdef TV_SANITIZED
static const bool is_sanitized = true;
#else
static const bool is_sanitized = false;
#endif

/* The exit code of a child that runs it, or minus the signal that ended it. */
static int in_child(int (*run)(void))
{
	int state = 0;
	pid_t child = fork();

	if (!child)
		_exit(run());
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &state, 0), child);
	return WIFSIGNALED(state) ? -WTERMSIG(state) : WEXITSTATUS(state);
}

/* The line of /proc/self/status. */
static bool says(const char *line)
{
	char text[4096] = "";
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	close(fd);
	return n > 0 && strstr(text, line);
}

static int lose_powers(void)
{
	struct tv_error err;
	struct rlimit core;
	int sig = 0;
	bool lost;

	if (tv_sandbox_process(&err))
		return 1;
	lost = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 && !prctl(PR_GET_DUMPABLE) &&
	       !prctl(PR_GET_PDEATHSIG, &sig) && sig == SIGKILL && !getrlimit(RLIMIT_CORE, &core) &&
	       !core.rlim_max;
	/* What is not dumpable can't read its own status as a user; root can, where it counts. */
	if (geteuid())
		return lost ? 0 : 2;
	return lost && says("\nCapPrm:\t0000000000000000\n") &&
			       says("\nCapBnd:\t0000000000000000\n")
		       ? 0
		       : 3;
}

static void process_loses_its_powers(void **state)
{
	(void)state;
	assert_int_equal(in_child(lose_powers), 0);
}

static bool opens(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static int keep_to_etc(void)
{
	static const char *const readable[] = {"/nowhere/at/all", "/etc", NULL};
	struct tv_error err;

	if (tv_sandbox_process(&err) || tv_sandbox_files(readable, true, &err))
		return 1;
	return opens("/etc/passwd", O_RDONLY) && !opens("/dev/null", O_RDONLY) &&
			       !opens("/etc/passwd", O_RDWR) && errno == EACCES
		       ? 0
		       : 2;
}

static void files_are_those_named(void **state)
{
	(void)state;
	/* Not every kernel has it. */
	if (syscall(SYS_landlock_create_ruleset, NULL, 0, 1 /* its version */) >= 1)
		assert_int_equal(in_child(keep_to_etc), 0);
}

static const struct tv_syscall few[] = {
	{"exit_group", "the end"},
	{"no_such_call", "is passed over"},
	{"socket", "a test", TV_SYSCALL_ONLY(EQUAL, 0, AF_INET)},
	{"socket", "a test", TV_SYSCALL_ONLY(UNKNOWN, 0, AF_UNIX)},
	{"fcntl", "a test", TV_SYSCALL_ONLY(WITHOUT, 2, 0x10)},
	{"dup3", "a test", TV_SYSCALL_ONLY(WITH, 2, O_CLOEXEC)},
	{"ftruncate", "a test", TV_SYSCALL_ONLY(EQUAL, 1, 1ull << 46)},
	{"getppid", "", TV_SYSCALL_DEADLY},
	{NULL},
};

/* Whether a call fails with this errno; 0: it does not fail. */
static bool ends_with(long result, int why)
{
	return why ? result < 0 && errno == why : result >= 0;
}

static bool confine(enum tv_sandbox_otherwise otherwise)
{
	struct tv_error err;

	return !tv_sandbox_process(&err) && !tv_sandbox_calls(few, otherwise, &err);
}

static int try_rules(void)
{
	if (!confine(TV_OTHERWISE_ENOSYS))
		return 1;
	if (!ends_with(syscall(SYS_socket, AF_INET, SOCK_STREAM, 0), 0) ||
	    !ends_with(syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0), EAFNOSUPPORT) ||
	    !ends_with(syscall(SYS_socket, AF_INET6, SOCK_STREAM, 0), ENOSYS))
		return 2;
	if (!ends_with(syscall(SYS_fcntl, 0, F_DUPFD, 0x10), ENOSYS) ||
	    !ends_with(syscall(SYS_fcntl, 0, F_DUPFD, 0x20), 0))
		return 3;
	if (!ends_with(syscall(SYS_dup3, 0, 9, 0), ENOSYS) ||
	    !ends_with(syscall(SYS_dup3, 0, 9, O_CLOEXEC), 0))
		return 4;
	/* All of a value that is no int counts. */
	if (!ends_with(syscall(SYS_ftruncate, -1, 0), ENOSYS) ||
	    !ends_with(syscall(SYS_ftruncate, -1, 1ull << 32), ENOSYS) ||
	    !ends_with(syscall(SYS_ftruncate, -1, 1ull << 46), EBADF))
		return 5;
	return ends_with(syscall(SYS_getuid), ENOSYS) ? 0 : 6;
}

/* A sanitizer's build lets what is in no row through. */
static void rows_rule(void **state)
{
	(void)state;
	if (!is_sanitized)
		assert_int_equal(in_child(try_rules), 0);
}

static int try_deadly(void)
{
	return confine(TV_OTHERWISE_ENOSYS) ? (int)syscall(SYS_getppid) & 0 : 1;
}

static int try_other(void)
{
	return confine(TV_OTHERWISE_KILLED) ? (int)syscall(SYS_getuid) & 0 : 1;
}

static void what_is_deadly_kills(void **state)
{
	(void)state;
	assert_int_equal(in_child(try_deadly), -SIGSYS);
	assert_int_equal(in_child(try_other), is_sanitized ? 0 : -SIGSYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(process_loses_its_powers),
		cmocka_unit_test(files_are_those_named),
		cmocka_unit_test(rows_rule),
		cmocka_unit_test(what_is_deadly_kills),
	};

	return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
