/* Reads a file in each way in which a caller can be hard to tell: prints its bytes, or the error's name. */
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PASSED	 7 /* the descriptor that another program finds */
#define OFTEN	 5
#define STALE_US 400000
#define AT_ONCE	 2

static char bytes[8192];

static int fail(void)
{
	puts(strerrorname_np(errno));
	return 1;
}

static int show(ssize_t n)
{
	if (n < 0)
		return fail();
	fwrite(bytes, 1, (size_t)n, stdout);
	return 0;
}

static int read_fd(int fd)
{
	return show(pread(fd, bytes, sizeof bytes, 0));
}

static int read_path(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? fail() : read_fd(fd);
}

static void *in_thread(void *path)
{
	return read_path(path) ? path : NULL;
}

static int read_thread(const char *path)
{
	void *failed = (void *)(uintptr_t)path;
	pthread_t thread;

	if (!pthread_create(&thread, NULL, in_thread, failed))
		pthread_join(thread, &failed);
	return failed != NULL;
}

/* Opened by one thread, read by another. */
static void *read_in_thread(void *fd)
{
	return read_fd(*(int *)fd) ? fd : NULL;
}

static int read_other_thread(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *failed = &fd;
	pthread_t thread;

	if (fd < 0)
		return fail();
	if (!pthread_create(&thread, NULL, read_in_thread, &fd))
		pthread_join(thread, &failed);
	return failed != NULL;
}

struct ring {
	int fd;
	struct io_uring_params p;
	unsigned char *sq, *cq;
	struct io_uring_sqe *sqes;
};

static unsigned *word(unsigned char *ring, unsigned offset)
{
	return (unsigned *)(void *)(ring + offset);
}

static int ring_open(struct ring *r)
{
	memset(r, 0, sizeof *r);
	r->fd = (int)syscall(SYS_io_uring_setup, 4, &r->p);
	if (r->fd < 0)
		return -1;
	r->sq = mmap(NULL, r->p.sq_off.array + 4096, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd,
		     IORING_OFF_SQ_RING);
	r->cq = mmap(NULL, r->p.cq_off.cqes + 4096, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd,
		     IORING_OFF_CQ_RING);
	r->sqes = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, IORING_OFF_SQES);
	return r->sq == MAP_FAILED || r->cq == MAP_FAILED || r->sqes == MAP_FAILED ? -1 : 0;
}

/* By a worker thread of the kernel's, never in this one. */
static int ring_do(struct ring *r, const struct io_uring_sqe *sqe)
{
	unsigned tail = *word(r->sq, r->p.sq_off.tail);
	const struct io_uring_cqe *cqe;
	unsigned head;

	r->sqes[0] = *sqe;
	r->sqes[0].flags = IOSQE_ASYNC;
	word(r->sq, r->p.sq_off.array)[tail & *word(r->sq, r->p.sq_off.ring_mask)] = 0;
	__atomic_store_n(word(r->sq, r->p.sq_off.tail), tail + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, r->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		return -errno;
	head = *word(r->cq, r->p.cq_off.head);
	cqe = (const struct io_uring_cqe *)(void *)(r->cq + r->p.cq_off.cqes) +
	      (head & *word(r->cq, r->p.cq_off.ring_mask));
	__atomic_store_n(word(r->cq, r->p.cq_off.head), head + 1, __ATOMIC_RELEASE);
	return cqe->res;
}

static int read_ring(const char *path)
{
	struct ring r;
	int n;

	if (ring_open(&r)) {
		puts("no io_uring");
		return 3;
	}
	n = ring_do(&r, &(struct io_uring_sqe){.opcode = IORING_OP_OPENAT,
					       .fd = AT_FDCWD,
					       .addr = (uintptr_t)path,
					       .open_flags = O_RDONLY});
	if (n >= 0)
		n = ring_do(&r, &(struct io_uring_sqe){.opcode = IORING_OP_READ,
						       .fd = n,
						       .addr = (uintptr_t)bytes,
						       .len = sizeof bytes});
	errno = n < 0 ? -n : 0;
	return show(n < 0 ? -1 : n);
}

/* Opens, and then is another program; forks before where that is said. */
static int hand_down(const char *path, char *program, int forks)
{
	char *const argv[] = {program, (char[]){"fd"}, NULL};
	int fd = open(path, O_RDONLY);
	int status = 0;

	if (fd < 0 || dup2(fd, PASSED) < 0)
		return fail();
	if (forks && fork()) {
		wait(&status);
		return WEXITSTATUS(status);
	}
	execv(program, argv);
	return fail();
}

union control {
	struct cmsghdr head;
	char space[CMSG_SPACE(sizeof(int))];
};

static int receive(void)
{
	union control control;
	char byte;
	struct iovec iov = {&byte, 1};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = &control,
			   .msg_controllen = sizeof control};
	int fd;

	if (recvmsg(PASSED, &m, 0) < 0 || !CMSG_FIRSTHDR(&m))
		return fail();
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof fd);
	return read_fd(fd);
}

static int pass(const char *path, char *program)
{
	char *const argv[] = {program, (char[]){"receive"}, NULL};
	union control control = {0};
	struct iovec iov = {(char[]){"x"}, 1};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = &control,
			   .msg_controllen = sizeof control};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int pair[2], status = 0;

	if (fd < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return fail();
	if (!fork()) {
		dup2(pair[1], PASSED);
		execv(program, argv);
		_exit(fail());
	}
	control.head = (struct cmsghdr){
		.cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
	memcpy(CMSG_DATA(&control.head), &fd, sizeof fd);
	if (sendmsg(pair[0], &m, 0) < 0)
		return fail();
	wait(&status);
	return WEXITSTATUS(status);
}

static int open_path(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? fail() : close(fd);
}

/* Has reads under way that are not waited for, and opens meanwhile. */
static int open_reading(const char *path)
{
	static _Alignas(4096) char parts[AT_ONCE][4096];
	struct iocb reads[AT_ONCE] = {0}, *all[AT_ONCE];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_DIRECT);
	aio_context_t context = 0;

	if (fd < 0 || syscall(SYS_io_setup, AT_ONCE, &context))
		return fail();
	for (size_t i = 0; i < AT_ONCE; i++) {
		all[i] = &reads[i];
		reads[i].aio_lio_opcode = IOCB_CMD_PREAD;
		reads[i].aio_fildes = (uint32_t)fd;
		reads[i].aio_buf = (uintptr_t)parts[i];
		reads[i].aio_nbytes = sizeof parts[i];
	}
	return syscall(SYS_io_submit, context, AT_ONCE, all) == AT_ONCE ? open_path(path) : fail();
}

/* Opens while so many of this user's descriptors are on their way. */
static int read_passing(const char *path)
{
	int fds[200] = {0}, pair[2];
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof fds)] = {0};
	struct iovec iov = {(char[]){"x"}, 1};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = sizeof control};

	CMSG_FIRSTHDR(&m)->cmsg_len = CMSG_LEN(sizeof fds);
	CMSG_FIRSTHDR(&m)->cmsg_level = SOL_SOCKET;
	CMSG_FIRSTHDR(&m)->cmsg_type = SCM_RIGHTS;
	memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)), fds, sizeof fds);
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) ||
	    sendmsg(pair[0], &m, 0) < 0 || sendmsg(pair[0], &m, 0) < 0)
		return fail();
	return open_path(path) || open_path(path) || read_path(path);
}

/* Opens so often that it is well known, and then is something else; "shared": in the memory of a process that waits. */
static int read_often(const char *path, const char *then, char *program)
{
	char *const argv[] = {program, (char[]){"open"}, (char *)(uintptr_t)path, NULL};
	pid_t child;

	if (!strcmp(then, "shared") && (child = vfork()) > 0) {
		int status;

		return waitpid(child, &status, 0) == child ? WEXITSTATUS(status) : fail();
	}
	for (int i = 0; i < OFTEN; i++)
		if (read_path(path))
			_exit(1);
	if (!strcmp(then, "closed") && prctl(PR_SET_DUMPABLE, 0))
		return fail();
	if (!strcmp(then, "unshared") && unshare(CLONE_NEWUSER | CLONE_NEWNS))
		return fail();
	/* What it does to itself is seen in a moment. */
	if (!*program)
		return usleep(STALE_US) ? fail() : read_path(path);
	if (!strcmp(then, "reading") && open_reading(path))
		return 1;
	if (*then == '/' && (system(then) || open_path(path)))
		return 1;
	execv(program, argv);
	_exit(fail());
}

static const struct {
	const char *name;
	int (*read)(const char *path);
} ways[] = {{"open", open_path},
	    {"thread", read_thread},
	    {"threads", read_other_thread},
	    {"io_uring", read_ring},
	    {"passing", read_passing}};

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";

	if (!strcmp(how, "fd"))
		return read_fd(PASSED);
	if (!strcmp(how, "receive"))
		return receive();
	if (argc < 3)
		return 2;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		if (!strcmp(how, ways[i].name))
			return ways[i].read(argv[2]);
	if (!strcmp(how, "often") && argc > 4)
		return read_often(argv[4], argv[2], argv[3]);
	if (!strcmp(how, "closed"))
		prctl(PR_SET_DUMPABLE, 0);
	if (argc > 3)
		return !strcmp(how, "pass") ? pass(argv[2], argv[3])
					    : hand_down(argv[2], argv[3], !strcmp(how, "fork"));
	return read_path(argv[2]);
}
