/*
 * How soon a change is seen: visible DIRECTORY NAME FILE COMMAND… runs the command and prints the microseconds from
 * when NAME was renamed into the directory to the first open of FILE that read other bytes than before.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_US 10e6

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static size_t read_file(char *bytes, size_t size, const char *path)
{
	int fd = open(path, O_RDONLY);
	ssize_t len = fd < 0 ? -1 : read(fd, bytes, size);

	if (len < 0)
		exit(1);
	close(fd);
	return (size_t)len;
}

/* Whether the file has come, without waiting. */
static bool has_come(int watch, const char *name)
{
	union {
		struct inotify_event event;
		char bytes[4096];
	} u;
	ssize_t len = read(watch, &u, sizeof u);

	for (ssize_t at = 0; at < len;) {
		const struct inotify_event *e = (const void *)(u.bytes + at);

		if (e->len && !strcmp(e->name, name))
			return true;
		at += (ssize_t)(sizeof *e + e->len);
	}
	return false;
}

int main(int argc, char **argv)
{
	char before[8192], now[8192];
	double came = 0, start = now_us();
	int watch = inotify_init1(IN_NONBLOCK);
	size_t len, len_now;
	pid_t pid;
	int how;

	if (argc < 5 || inotify_add_watch(watch, argv[1], IN_MOVED_TO) < 0)
		return 2;
	len = read_file(before, sizeof before, argv[3]);
	if (posix_spawnp(&pid, argv[4], NULL, NULL, argv + 4, environ))
		return 2;
	do {
		if (!came && has_come(watch, argv[2]))
			came = now_us();
		len_now = read_file(now, sizeof now, argv[3]);
	} while (len_now == len && !memcmp(now, before, len) && now_us() - start < PATIENCE_US);
	if (!came && has_come(watch, argv[2]))
		came = now_us();
	printf("%.1f\n", came ? now_us() - came : -1);
	return waitpid(pid, &how, 0) < 0 || how || !came;
}
