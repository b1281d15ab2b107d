/* The table of allowed system calls. */
#include "fusefs/calls.h"

#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>

#include "vault/vault.h"

/* No test brings it about here; campaigns/sandbox.sh sees that all others are used. */
#define ELSEWHERE      .is_elsewhere = true
#define NO_FILE_IS_CUT TV_SYSCALL_ONLY(EQUAL, 1, TV_HIDDEN_LENGTH)
#define NOT_EXECUTABLE TV_SYSCALL_ONLY(WITHOUT, 2, PROT_EXEC)

/* None opens, executes, forks, connects or sends a signal to another. */
const struct tv_syscall tv_server_calls[] = {
	{"read", "FUSE requests, the second thread"},
	{"pread64", "a memfd, callers' page faults, the audit log's key and end"},
	{"write", "the second thread, the audit log"},
	{"pwrite64", "the audit log's key"},
	{"flock", "the audit log's lock"},
	{"writev", "FUSE replies, questions to the keeper"},
	{"recvfrom", "clients"},
	{"recvmsg", "the keeper"},
	{"sendmsg", "clients, the keeper"},
	{"accept4", "clients"},
	{"getsockopt", "who the client is: SO_PEERCRED"},
	{"close", "clients that leave, memfds"},
	{"fcntl", "a memfd's seals", TV_SYSCALL_ONLY(EQUAL, 1, F_GET_SEALS)},
	{"fcntl", "the same, made", TV_SYSCALL_ONLY(EQUAL, 1, F_ADD_SEALS), ELSEWHERE},
	{"fcntl", "libfuse looks whether a descriptor is one", TV_SYSCALL_ONLY(EQUAL, 1, F_GETFD)},
	{"fstat", "a memfd's length, the audit log's, where the C library calls it", ELSEWHERE},
	{"newfstatat", "the same, where it calls this"},
	{"epoll_ctl", "the loop"},
	{"epoll_wait", "the loop"},
	{"epoll_pwait", "the loop, where there is no epoll_wait", ELSEWHERE},
	{"futex", "the C library's locks, should both threads ever meet at one", ELSEWHERE},
	{"mmap", "memory; a memfd", NOT_EXECUTABLE},
	{"mprotect", "guard pages", NOT_EXECUTABLE},
	{"munmap", "memory"},
	{"madvise", "memory that is to stay out of core files"},
	{"mlock2", "memory that is to stay out of swap"},
	{"memfd_secret", "memory that nobody else reads"},
	{"ftruncate", "its length, where the kernel has it", NO_FILE_IS_CUT, ELSEWHERE},
	{"brk", "memory"},
	{"sysinfo", "the C library's qsort asks how much memory there is"},
	{"getrandom", "salts, nonces, names of entries"},
	{"clock_gettime", "time, where the vDSO can't tell it", ELSEWHERE},
	{"gettimeofday", "time, where the vDSO can't tell it", ELSEWHERE},
	{"time", "time, where the vDSO can't tell it", ELSEWHERE},
	{"getuid", "status"},
	{"exit_group", "the end"},
	{NULL},
};
