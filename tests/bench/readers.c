/*
 * Many readers at once: readers N ROUNDS TIMES FILE… has N processes open, read and close a file TIMES times each, the
 * files in turn. For each file it prints two lines: opens in a second, and the 99th percentile of an open's
 * microseconds, of each round. With -c TEXT before N: also how many in a hundred thousand reads gave other bytes.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct round {
	double per_second;
	double p99;
	double wrong;
};

static const char *wanted;
static float *latencies; /* of all readers, shared */
static long *wrong;

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static bool read_once(const char *path)
{
	char bytes[8192];
	ssize_t len;
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		exit(1);
	len = read(fd, bytes, sizeof bytes);
	close(fd);
	return len > 0 &&
	       (!wanted || ((size_t)len == strlen(wanted) && !memcmp(bytes, wanted, (size_t)len)));
}

static void be_reader(const char *path, long number, long times)
{
	for (long i = 0; i < times; i++) {
		double start = now_us();

		wrong[number] += !read_once(path);
		latencies[number * times + i] = (float)(now_us() - start);
	}
	_exit(0);
}

static int by_value(const void *a, const void *b)
{
	const float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

static struct round run(const char *path, long readers, long times)
{
	const long all = readers * times;
	double start = now_us(), took;
	long n_wrong = 0;
	int how;

	memset(wrong, 0, (size_t)readers * sizeof *wrong);
	for (long n = 0; n < readers; n++)
		if (!fork())
			be_reader(path, n, times);
	for (long n = 0; n < readers; n++)
		if (wait(&how) < 0 || how)
			exit(1);
	took = now_us() - start;
	for (long n = 0; n < readers; n++)
		n_wrong += wrong[n];
	qsort(latencies, (size_t)all, sizeof *latencies, by_value);
	return (struct round){.per_second = (double)all / took * 1e6,
			      .p99 = (double)latencies[all * 99 / 100],
			      .wrong = (double)n_wrong / (double)all * 1e5};
}

static void print(const struct round *at, int rounds)
{
	for (int r = 0; r < rounds; r++)
		printf("%.1f%c", at[r].per_second, r + 1 < rounds ? ' ' : '\n');
	for (int r = 0; r < rounds; r++)
		printf("%.1f%c", at[r].p99, r + 1 < rounds ? ' ' : '\n');
	for (int r = 0; wanted && r < rounds; r++)
		printf("%.1f%c", at[r].wrong, r + 1 < rounds ? ' ' : '\n');
}

static void *shared(size_t len)
{
	void *at = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		exit(2);
	return at;
}

static void run_all(char **files, int n, int rounds, long n_readers, long times)
{
	struct round *took = calloc((size_t)(rounds * n), sizeof *took);

	if (!took)
		exit(2);
	for (int f = 0; f < n; f++)
		run(files[f], n_readers, times / 4 + 1);
	for (int r = 0; r < rounds; r++)
		for (int f = 0; f < n; f++)
			took[f * rounds + r] = run(files[f], n_readers, times);
	for (int f = 0; f < n; f++)
		print(took + f * rounds, rounds);
	free(took);
}

int main(int argc, char **argv)
{
	long n_readers, times;

	if (argc > 2 && !strcmp(argv[1], "-c")) {
		wanted = argv[2];
		argv += 2;
		argc -= 2;
	}
	if (argc < 5)
		return 2;
	n_readers = atol(argv[1]);
	times = atol(argv[3]);
	latencies = shared((size_t)(n_readers * times) * sizeof *latencies);
	wrong = shared((size_t)n_readers * sizeof *wrong);
	run_all(argv + 4, argc - 4, atoi(argv[2]), n_readers, times);
	return 0;
}
