/*
 * What a program that holds secrets gives up for good before it gets them: its powers, the files, the
 * network, and every system call that it has no use for. Beside the library, not in it: this alone wants
 * libseccomp. In this order; the first two while the process has one thread.
 */
#ifndef TV_SANDBOX_H
#define TV_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "vault/status.h"

/* No capabilities, no privileges by exec, no core, no ptrace, no life without the parent, which may have
 * died before this: then nobody is told any more. */
enum tv_status tv_sandbox_process(struct tv_error *err) TV_MUST_CHECK;

/* Landlock: nothing can be written, and nothing read but what is below these paths (ended by NULL; those
 * that are not there are left out); no TCP port listened on, none connected to unless it connects, no
 * abstract socket and no signal of another. A kernel without Landlock leaves all of this to the filter
 * of system calls, and a sanitizer's build can read /proc. */
enum tv_status tv_sandbox_files(const char *const *readable, bool connects,
				struct tv_error *err) TV_MUST_CHECK;

enum tv_syscall_rule {
	TV_SYSCALL_ALWAYS,
	TV_SYSCALL_EQUAL,   /* an argument has this value */
	TV_SYSCALL_WITHOUT, /* an argument has none of these bits */
	TV_SYSCALL_WITH,    /* an argument has all of these bits */
	TV_SYSCALL_UNKNOWN, /* an argument has this value: EAFNOSUPPORT, as from a kernel built without */
	TV_SYSCALL_DEADLY, /* never: whoever tries is killed */
};

/* A row of a table of allowed system calls. One that is in several rows is allowed by any of them. */
struct tv_syscall {
	const char *name; /* NULL ends the table; one that the architecture lacks is passed over */
	const char *reason;
	enum tv_syscall_rule rule;
	unsigned argument; /* counted from 0 */
	uint64_t value;
	bool is_elsewhere; /* other machines, or another C library, want it */
};

/* For arguments of these three, as the rest of a row. */
#define TV_SYSCALL_ONLY(rule, argument, value) TV_SYSCALL_##rule, argument, value

/* What a call that is in no row comes to. */
enum tv_sandbox_otherwise {
	TV_OTHERWISE_KILLED,
	TV_OTHERWISE_ENOSYS,
};

/* seccomp: nothing but these calls, for all threads. In a sanitizer's build, whose runtime makes
 * calls of its own, the others are let through, and logged. */
enum tv_status tv_sandbox_calls(const struct tv_syscall *calls, enum tv_sandbox_otherwise otherwise,
				struct tv_error *err) TV_MUST_CHECK;

#endif
