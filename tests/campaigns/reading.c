/* Ways to read, map and copy that C programs have: reading METHOD PATH prints the file's bytes. */
#include <aio.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <linux/aio_abi.h>

#include "reading.h"

static void step_1(void)
{
	read_steps(open_it(O_RDONLY), 1);
}

static void step_4096(void)
{
	read_steps(open_it(O_RDONLY), 4096);
}

static void step_1m(void)
{
	read_steps(open_it(O_RDONLY), 1 << 20);
}

/* One read of what stat says, and it must be all. */
static void exact(void)
{
	int fd = open_it(O_RDONLY);
	size_t size = size_of(fd);
	char *buffer = malloc(size + 1);

	if (must(read(fd, buffer, size), "read") != (ssize_t)size)
		die("a short read");
	put(buffer, size);
}

static void readv_3(void)
{
	char a[7], b[100], c[5000];
	int fd = open_it(O_RDONLY);
	ssize_t n;

	do {
		struct iovec parts[] = {{a, sizeof a}, {b, sizeof b}, {c, sizeof c}};

		n = must(readv(fd, parts, 3), "readv");
		for (size_t i = 0, left = (size_t)n; i < 3; i++) {
			size_t here = left < parts[i].iov_len ? left : parts[i].iov_len;

			put(parts[i].iov_base, here);
			left -= here;
		}
	} while (n > 0);
}

/* From the end to the start, then in order. */
static void pread_back(void)
{
	int fd = open_it(O_RDONLY);
	size_t size = size_of(fd);
	char *buffer = malloc(size + 1);

	for (size_t end = size; end > 0;) {
		size_t step = end < 777 ? end : 777;

		end -= step;
		if (must(pread(fd, buffer + end, step, (off_t)end), "pread") != (ssize_t)step)
			die("a short read");
	}
	put(buffer, size);
	if (pread(fd, buffer, 1, (off_t)size + 5))
		die("bytes after the end");
}

static void preadv2_with(int flags)
{
	int fd = open_it(O_RDONLY);
	char buffer[5000];
	ssize_t n;

	for (off_t at = 0;; at += n) {
		struct iovec part = {buffer, sizeof buffer};

		n = must(preadv2(fd, &part, 1, at, flags), "preadv2");
		if (!n)
			return;
		put(buffer, (size_t)n);
	}
}

static void preadv2_0(void)
{
	preadv2_with(0);
}

static void preadv2_nowait(void)
{
	preadv2_with(RWF_NOWAIT);
}

static void preadv2_hipri(void)
{
	preadv2_with(RWF_HIPRI);
}

static void map_with(int protection, int flags)
{
	int fd = open_it(O_RDONLY);
	size_t size = size_of(fd);
	char *map = mmap(NULL, size, protection, flags, fd, 0);

	if (map == MAP_FAILED)
		die("mmap");
	close(fd);
	if (protection & PROT_WRITE)
		map[0] ^= 0; /* a page of its own */
	madvise(map, size, MADV_WILLNEED);
	put(map, size);
	if (munmap(map, size))
		die("munmap");
}

static void map_private(void)
{
	map_with(PROT_READ, MAP_PRIVATE);
}

static void map_write(void)
{
	map_with(PROT_READ | PROT_WRITE, MAP_PRIVATE);
}

static void map_populate(void)
{
	map_with(PROT_READ, MAP_PRIVATE | MAP_POPULATE);
}

static void map_shared(void)
{
	map_with(PROT_READ, MAP_SHARED);
}

static void send_file(void)
{
	int fd = open_it(O_RDONLY);

	while (must(sendfile(1, fd, NULL, 1 << 20), "sendfile") > 0)
		;
}

static void splice_it(void)
{
	int fd = open_it(O_RDONLY);
	int ends[2];
	ssize_t n;

	must(pipe(ends), "pipe");
	while ((n = must(splice(fd, NULL, ends[1], NULL, 65536, 0), "splice")) > 0)
		for (ssize_t out = 0; out < n;)
			out += must(splice(ends[0], NULL, 1, NULL, (size_t)(n - out), 0), "splice");
}

static void copy_range(void)
{
	int fd = open_it(O_RDONLY);

	while (must(copy_file_range(fd, NULL, 1, NULL, 1 << 20, 0), "copy_file_range") > 0)
		;
}

static void kernel_aio(void)
{
	int fd = open_it(O_RDONLY);
	size_t size = size_of(fd);
	char *buffer = malloc(size + 1);
	aio_context_t context = 0;
	struct iocb block = {.aio_lio_opcode = IOCB_CMD_PREAD,
			     .aio_fildes = (uint32_t)fd,
			     .aio_buf = (uintptr_t)buffer,
			     .aio_nbytes = size};
	struct iocb *blocks[] = {&block};
	struct io_event event;

	must(syscall(SYS_io_setup, 1, &context), "io_setup");
	must(syscall(SYS_io_submit, context, 1, blocks), "io_submit");
	must(syscall(SYS_io_getevents, context, 1, 1, &event, NULL), "io_getevents");
	if (event.res != (int64_t)size)
		die("a short read");
	put(buffer, size);
}

static void posix_aio(void)
{
	int fd = open_it(O_RDONLY);
	size_t size = size_of(fd);
	char *buffer = malloc(size + 1);
	struct aiocb block = {.aio_fildes = fd, .aio_buf = buffer, .aio_nbytes = size};
	const struct aiocb *blocks[] = {&block};

	must(aio_read(&block), "aio_read");
	must(aio_suspend(blocks, 1, NULL), "aio_suspend");
	put(buffer, (size_t)must(aio_return(&block), "aio_return"));
}

static void seek_data(void)
{
	int fd = open_it(O_RDONLY);
	off_t hole, data;

	for (data = 0; (data = lseek(fd, data, SEEK_DATA)) >= 0; data = hole) {
		char buffer[4096];

		hole = must(lseek(fd, data, SEEK_HOLE), "SEEK_HOLE");
		must(lseek(fd, data, SEEK_SET), "lseek");
		for (off_t left = hole - data; left > 0;) {
			size_t step = left < 4096 ? (size_t)left : 4096;
			ssize_t n = must(read(fd, buffer, step), "read");

			if (!n)
				die("it ends before its hole");
			put(buffer, (size_t)n);
			left -= n;
		}
	}
	if (errno != ENXIO)
		die("SEEK_DATA");
}

static void seek_end(void)
{
	int fd = open_it(O_RDONLY);
	off_t size = must(lseek(fd, 0, SEEK_END), "SEEK_END");

	must(lseek(fd, 0, SEEK_SET), "lseek");
	if ((size_t)size != size_of(fd))
		die("another size");
	read_steps(fd, (size_t)size);
}

static void advised(void)
{
	int fd = open_it(O_RDONLY);

	errno = posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	if (!errno)
		errno = posix_fadvise(fd, 0, 0, POSIX_FADV_WILLNEED);
	if (errno)
		die("posix_fadvise");
	must(readahead(fd, 0, size_of(fd)), "readahead");
	read_steps(fd, 4096);
}

static void in_child(void)
{
	int fd = open_it(O_RDONLY);
	int status;
	pid_t child = fork();

	if (!child) {
		read_steps(fd, 4096);
		_exit(0);
	}
	must(waitpid(child, &status, 0), "waitpid");
	if (status)
		die("the child failed");
}

static void *thread(void *fd)
{
	read_steps(*(int *)fd, 4096);
	return NULL;
}

static void in_thread(void)
{
	int fd = open_it(O_RDONLY);
	pthread_t other;

	if (pthread_create(&other, NULL, thread, &fd) || pthread_join(other, NULL))
		die("thread");
}

static void stdio_lines(void)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	if (!file)
		die("fopen");
	while ((n = getline(&line, &room, file)) > 0)
		put(line, (size_t)n);
	if (ferror(file))
		die("getline");
}

static void stdio_mapped(void)
{
	FILE *file = fopen(path, "rm");
	int c;

	if (!file)
		die("fopen");
	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	while ((c = getc(file)) != EOF)
		putchar(c);
	if (ferror(file))
		die("getc");
	fflush(stdout);
}

static const struct method methods[] = {
	{"step-1", step_1},
	{"step-4096", step_4096},
	{"step-1m", step_1m},
	{"exact", exact},
	{"readv", readv_3},
	{"pread", pread_back},
	{"preadv2", preadv2_0},
	{"preadv2-nowait", preadv2_nowait},
	{"preadv2-hipri", preadv2_hipri},
	{"mmap-private", map_private},
	{"mmap-write", map_write},
	{"mmap-populate", map_populate},
	{"mmap-shared", map_shared},
	{"sendfile", send_file},
	{"splice", splice_it},
	{"copy_file_range", copy_range},
	{"io_submit", kernel_aio},
	{"aio_read", posix_aio},
	{"seek-data", seek_data},
	{"seek-end", seek_end},
	{"fadvise", advised},
	{"fork", in_child},
	{"thread", in_thread},
	{"getline", stdio_lines},
	{"fopen-m", stdio_mapped},
};

int main(int argc, char **argv)
{
	return reading_main(argc, argv, methods, sizeof methods / sizeof *methods);
}
