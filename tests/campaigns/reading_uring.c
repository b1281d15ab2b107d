/* Reads a file by io_uring, with the bare system calls: reading_uring METHOD PATH prints its bytes. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/io_uring.h>

struct ring {
	int fd;
	char *submitted;
	char *completed;
	struct io_uring_sqe *entries;
	struct io_uring_params params;
};

static long must(long result, const char *what)
{
	if (result >= 0)
		return result;
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

static char *map(int fd, size_t size, off_t what)
{
	char *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, what);

	must(at == MAP_FAILED ? -1 : 0, "mmap of the ring");
	return at;
}

static void ring_new(struct ring *r)
{
	struct io_uring_params *p = &r->params;

	r->fd = (int)must(syscall(SYS_io_uring_setup, 4, p), "io_uring_setup");
	r->submitted =
		map(r->fd, p->sq_off.array + p->sq_entries * sizeof(uint32_t), IORING_OFF_SQ_RING);
	r->completed = map(r->fd, p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe),
			   IORING_OFF_CQ_RING);
	r->entries = (void *)map(r->fd, p->sq_entries * sizeof *r->entries, IORING_OFF_SQES);
}

/* Submits one and waits for what comes of it. */
static long ring_do(struct ring *r, struct io_uring_sqe entry, const char *what)
{
	_Atomic uint32_t *tail = (void *)(r->submitted + r->params.sq_off.tail);
	_Atomic uint32_t *head = (void *)(r->completed + r->params.cq_off.head);
	uint32_t *array = (void *)(r->submitted + r->params.sq_off.array);
	struct io_uring_cqe *done = (void *)(r->completed + r->params.cq_off.cqes);
	uint32_t slot = *tail & (r->params.sq_entries - 1);
	int result;

	r->entries[slot] = entry;
	array[slot] = slot;
	atomic_fetch_add(tail, 1);
	must(syscall(SYS_io_uring_enter, r->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0),
	     "io_uring_enter");
	result = done[*head & (r->params.cq_entries - 1)].res;
	atomic_fetch_add(head, 1);
	if (result < 0)
		errno = -result;
	return must(result < 0 ? -1 : result, what);
}

static void put(const char *bytes, size_t len)
{
	for (size_t done = 0; done < len;)
		done += (size_t)must(write(1, bytes + done, len - done), "write");
}

int main(int argc, char **argv)
{
	static char buffer[5000];
	const char *method = argc == 3 ? argv[1] : "";
	bool fixed = !strcmp(method, "fixed");
	struct iovec part = {buffer, sizeof buffer};
	struct ring r = {0};
	struct io_uring_sqe entry = {.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD};
	long n = 0;

	entry.addr = (uintptr_t)argv[argc - 1];
	ring_new(&r);
	entry = (struct io_uring_sqe){.fd = (int)ring_do(&r, entry, "open")};
	entry.opcode = fixed ? IORING_OP_READ_FIXED : IORING_OP_READ;
	entry.flags = strcmp(method, "async") ? 0 : IOSQE_ASYNC;
	if (fixed)
		must(syscall(SYS_io_uring_register, r.fd, IORING_REGISTER_BUFFERS, &part, 1),
		     "io_uring_register");
	entry.addr = (uintptr_t)buffer;
	entry.len = sizeof buffer;
	for (; (n = ring_do(&r, entry, "read")) > 0; entry.off += (uint64_t)n)
		put(buffer, (size_t)n);
	return 0;
}
