/* The table of allowed system calls. */
#include "fusefs/calls.h"

#include <stddef.h>
#include <sys/mman.h>

/* No test brings it about here; campaigns/sandbox.sh sees that all others are used. */
#define ELSEWHERE      .is_elsewhere = true
#define NOT_EXECUTABLE TV_SYSCALL_ONLY(WITHOUT, 2, PROT_EXEC)

/* None opens, executes, forks, connects or sends a signal to another. */
const struct tv_syscall tv_server_calls[] = {
	{"read", "FUSE requests, the second thread"},
	{"pread64", "ciphertext in a memfd; whether a program runs still"},
	{"write", "the second thread"},
	{"writev", "FUSE replies, questions to the keeper"},
	{"recvfrom", "clients"},
	{"recvmsg", "the keeper"},
	{"sendmsg", "clients, the keeper"},
	{"accept4", "clients"},
	{"getsockopt", "who the client is: SO_PEERCRED"},
	{"close", "clients that leave, memfds"},
	{"fcntl", "seals of a memfd, O_NONBLOCK on FUSE descriptors"},
	{"fstat", "a memfd's length, where the C library calls it", ELSEWHERE},
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
	{"ftruncate", "its length, where the kernel has it", ELSEWHERE},
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
