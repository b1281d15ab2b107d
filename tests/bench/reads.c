/*
 * How long reading a file takes: reads HOW ROUNDS TIMES FILE… goes over the files in turn, each TIMES times in a
 * round, and prints a line for each file with the microseconds that one took in each round. HOW is open (open, read,
 * close), cat (and fstat, and read to the end) or stat.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FILES_MAX 16
#define WARM	  1 /* rounds before any counts */

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void die(const char *path)
{
	perror(path);
	exit(1);
}

static void read_open(const char *path)
{
	char bytes[8192];
	int fd = open(path, O_RDONLY);

	if (fd < 0 || read(fd, bytes, sizeof bytes) < 0 || close(fd))
		die(path);
}

static void read_cat(const char *path)
{
	char bytes[8192];
	struct stat st;
	int fd = open(path, O_RDONLY);

	if (fd < 0 || fstat(fd, &st))
		die(path);
	while (read(fd, bytes, sizeof bytes) > 0)
		;
	close(fd);
}

static void read_stat(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		die(path);
}

static const struct {
	const char *name;
	void (*read)(const char *path);
} ways[] = {{"open", read_open}, {"cat", read_cat}, {"stat", read_stat}};

static double measure(void (*way)(const char *), const char *path, long times)
{
	double start = now_us();

	for (long i = 0; i < times; i++)
		way(path);
	return (now_us() - start) / (double)times;
}

int main(int argc, char **argv)
{
	void (*way)(const char *) = NULL;
	int rounds = argc > 4 ? atoi(argv[2]) : 0, n = argc - 4;
	double *took;

	for (size_t i = 0; rounds && i < sizeof ways / sizeof *ways; i++)
		if (!strcmp(argv[1], ways[i].name))
			way = ways[i].read;
	took = calloc((size_t)rounds * FILES_MAX + 1, sizeof *took);
	if (!way || n > FILES_MAX || !took)
		return 2;
	for (int r = -WARM; r < rounds; r++)
		for (int f = 0; f < n; f++) {
			int file = (f + r + WARM) % n;
			double us = measure(way, argv[4 + file], atol(argv[3]));

			if (r >= 0)
				took[file * rounds + r] = us;
		}
	for (int i = 0; i < n * rounds; i++)
		printf("%.3f%c", took[i], (i + 1) % rounds ? ' ' : '\n');
	return 0;
}
