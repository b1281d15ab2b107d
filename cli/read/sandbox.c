/* Limits, and the table of system calls that reading takes. */
#include "cli/read/sandbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "vault/sandbox.h"

#define SECONDS_MAX 20
#define MEMORY_MAX  (512ul << 20)

#define NOT_EXECUTABLE TV_SYSCALL_ONLY(WITHOUT, 2, PROT_EXEC)

/* None opens, connects, executes or forks. */
static const struct tv_syscall calls[] = {
	{"read", "the file"},
	{"write", "its tree"},
	{"fstat", "what standard input is"},
	{"newfstatat", "the same, as the C library's fstat calls it"},
	{"mmap", "memory", NOT_EXECUTABLE},
	{"mprotect", "guard pages", NOT_EXECUTABLE},
	{"mremap", "memory"},
	{"munmap", "memory"},
	{"madvise", "memory that is to stay out of core files"},
	{"mlock2", "memory that is to stay out of swap"},
	{"munlock", "the same, given back"},
	{"brk", "memory"},
	{"futex", "the C library's locks"},
	{"getrandom", "canaries of guarded memory"},
	{"clock_gettime", "time, where the vDSO can't tell it"},
	{"rt_sigreturn", "the end of a handler"},
	{"restart_syscall", "a wait that was stopped and continued"},
	{"exit", "the end"},
	{"exit_group", "the end"},
	{NULL},
};

static bool limit(void)
{
	const struct rlimit time = {SECONDS_MAX, SECONDS_MAX};

#ifndef TV_SANITIZED
	const struct rlimit memory = {MEMORY_MAX, MEMORY_MAX};

	if (setrlimit(RLIMIT_AS, &memory))
		return false;
#endif
	return !setrlimit(RLIMIT_CPU, &time);
}

enum tv_status tv_read_confine(struct tv_error *err)
{
	static const char *const no_files[] = {NULL};
	enum tv_status status = tv_sandbox_process(err);

	clearenv();
	if (!status && (close_range(3, ~0U, 0) || !limit()))
		status = tv_fail(err, TV_FAILED, "limits: %s", strerror(errno));
	if (!status)
		status = tv_sandbox_files(no_files, false, err);
	return status ? status : tv_sandbox_calls(calls, TV_OTHERWISE_KILLED, err);
}
