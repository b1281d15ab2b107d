/* Descriptors, prctl(2), limits and seccomp, in this order. */
#include "cli/read/sandbox.h"

#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define SECONDS_MAX 20
#define MEMORY_MAX  (512ul << 20)

/* None opens, connects, executes or forks. */
static const char *const calls[] = {
	"read",	      "write", "mremap",     "munmap",	      "madvise",      "mlock",
	"munlock",    "brk",   "futex",	     "getrandom",     "exit",	      "exit_group",
	"exit_group", "fstat", "newfstatat", "clock_gettime", "rt_sigreturn", "restart_syscall",
};
/* Not for memory that can be executed. */
static const char *const mapping_calls[] = {"mmap", "mprotect"};

#ifdef TV_SANITIZED
/* The sanitizers' runtime makes calls of its own. */
#define OTHERWISE SCMP_ACT_LOG
#else
#define OTHERWISE SCMP_ACT_KILL_PROCESS
#endif

static int allow(scmp_filter_ctx filter)
{
	int failed = 0;

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]) && !failed; i++) {
		int number = seccomp_syscall_resolve_name(calls[i]);

		if (number != __NR_SCMP_ERROR)
			failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
	}
	for (size_t i = 0; i < sizeof(mapping_calls) / sizeof(mapping_calls[0]) && !failed; i++)
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
					  seccomp_syscall_resolve_name(mapping_calls[i]), 1,
					  SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	return failed;
}

static enum tv_status filter_calls(struct tv_error *err)
{
	scmp_filter_ctx filter = seccomp_init(OTHERWISE);
	int failed = filter ? allow(filter) : -ENOMEM;

	if (!failed)
		failed = seccomp_load(filter);
	if (filter)
		seccomp_release(filter);
	return failed ? tv_fail(err, TV_FAILED, "seccomp: %s", strerror(-failed)) : TV_OK;
}

static bool limit(void)
{
	const struct rlimit none = {0, 0}, time = {SECONDS_MAX, SECONDS_MAX};

#ifndef TV_SANITIZED
	const struct rlimit memory = {MEMORY_MAX, MEMORY_MAX};

	if (setrlimit(RLIMIT_AS, &memory))
		return false;
#endif
	return !setrlimit(RLIMIT_CORE, &none) && !setrlimit(RLIMIT_CPU, &time);
}

enum tv_status tv_read_sandbox(struct tv_error *err)
{
	clearenv();
	if (close_range(3, ~0U, 0) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_DUMPABLE, 0) || prctl(PR_SET_PDEATHSIG, SIGKILL) || !limit())
		return tv_fail(err, TV_FAILED, "prctl: %s", strerror(errno));
	return filter_calls(err);
}
