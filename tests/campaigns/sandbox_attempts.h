/* What a server that was taken over would try: the test build of campaigns/sandbox.sh does it when a file is read from
 * ATTEMPT × the attempt's number on. Each returns 0 or an errno; the first five are the ones that count most. */
#ifndef TV_SANDBOX_ATTEMPTS_H
#define TV_SANDBOX_ATTEMPTS_H

#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ATTEMPT ((off_t)1 << 20)

struct attempt {
	const char *name;
	long call;
	long args[6];
};

/* Where an argument has nothing to mean the filter is asked all the same: it comes first. */
static const struct attempt attempts[] = {
	{"open", SYS_openat, {AT_FDCWD, (long)"/etc/passwd", O_RDONLY}},
	{"connect", SYS_connect, {0, (long)"\1\0/run/x", 9}},
	{"execve", SYS_execve, {(long)"/nowhere/at/all"}},
	{"ptrace", SYS_ptrace, {PTRACE_PEEKDATA, 1}},
	{"fork", SYS_clone, {SIGCHLD}},
	{"writing over what was to be appended to", SYS_fcntl, {0, F_SETFL, O_RDWR}},
	{"cutting a file", SYS_ftruncate, {0, 0}},
	{"socket", SYS_socket, {AF_INET, SOCK_STREAM}},
	{"openat2", SYS_openat2, {AT_FDCWD, (long)"/etc/passwd", 0, 0}},
	{"executable memory",
	 SYS_mmap,
	 {0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1}},
	{"a memory file", SYS_memfd_create, {(long)"x", MFD_CLOEXEC}},
	{"clone3", SYS_clone3, {0, 0}},
	{"a signal", SYS_kill, {1, 0}},
	{"another's memory", SYS_process_vm_readv, {1, 0, 0, 0, 0}},
	{"io_uring", SYS_io_uring_setup, {1, 0}},
	{"a core file again", SYS_prctl, {PR_SET_DUMPABLE, 1}},
	{"a new executable", SYS_execveat, {-1, (long)"", 0, 0, AT_EMPTY_PATH}},
	{"a socket's address", SYS_bind, {0, 0, 0}},
	{"writing elsewhere in memory", SYS_process_vm_writev, {1, 0, 0, 0, 0}},
	{"removing", SYS_unlinkat, {AT_FDCWD, (long)"x", 0}},
	{"renaming", SYS_renameat2, {AT_FDCWD, (long)"x", AT_FDCWD, (long)"y"}},
	{"a directory", SYS_mkdirat, {AT_FDCWD, (long)"x", 0700}},
	{"a mode", SYS_fchmodat, {AT_FDCWD, (long)"x", 0777}},
	{"a mode by descriptor", SYS_fchmod, {0, 0777}},
	{"a mount", SYS_mount, {0, (long)"/", 0, 0, 0}},
	{"an unmount", SYS_umount2, {(long)"/", 0}},
	{"a namespace", SYS_unshare, {CLONE_NEWUSER}},
	{"another user", SYS_setuid, {0}},
	{"another's descriptor", SYS_pidfd_getfd, {0, 0, 0}},
	{"a process to watch", SYS_pidfd_open, {1, 0}},
	{"a descriptor's copy", SYS_dup, {0}},
	{"a pipe", SYS_pipe2, {0, 0}},
	{"splicing", SYS_splice, {0, 0, 1, 0, 1, 0}},
	{"shared memory", SYS_shmget, {1, 4096, 01600}},
	{"keys of the kernel", SYS_keyctl, {0}},
	{"bpf", SYS_bpf, {0, 0, 0}},
	{"events of the processor", SYS_perf_event_open, {0, 0, -1, -1, 0}},
	{"faults of memory", SYS_userfaultfd, {0}},
	{"executable memory made so", SYS_mprotect, {(long)attempts, 1, PROT_READ | PROT_EXEC}},
};

static inline int attempt(off_t number)
{
	const struct attempt *a = &attempts[number - 1];
	long got;

	if (number < 1 || (size_t)number > sizeof attempts / sizeof *attempts)
		return ENOTSUP;
	got = syscall(a->call, a->args[0], a->args[1], a->args[2], a->args[3], a->args[4],
		      a->args[5]);
	if (a->call == SYS_clone && !got)
		_exit(0);
	return got < 0 ? errno : 0;
}

#endif
