/* What the C programs of the campaign `reading` share: each is a table of methods that print a file. */
#ifndef READING_H
#define READING_H

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct method {
	const char *name;
	void (*run)(void);
};

static const char *path;

static inline void die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

static inline long must(long result, const char *what)
{
	if (result < 0)
		die(what);
	return result;
}

static inline void put(const void *bytes, size_t len)
{
	for (size_t done = 0; done < len;)
		done += (size_t)must(write(1, (const char *)bytes + done, len - done), "write");
}

static inline int open_it(int flags)
{
	return (int)must(open(path, flags), "open");
}

static inline size_t size_of(int fd)
{
	struct stat st;

	must(fstat(fd, &st), "fstat");
	return (size_t)st.st_size;
}

static inline void read_steps(int fd, size_t step)
{
	char *buffer = aligned_alloc(4096, (step + 4095) / 4096 * 4096);
	ssize_t n;

	while ((n = must(read(fd, buffer, step), "read")) > 0)
		put(buffer, (size_t)n);
	free(buffer);
}

static inline int reading_main(int argc, char **argv, const struct method *methods, size_t count)
{
	path = argc == 3 ? argv[2] : "";
	for (size_t i = 0; argc == 3 && i < count; i++) {
		if (!strcmp(methods[i].name, argv[1])) {
			methods[i].run();
			return 0;
		}
	}
	fprintf(stderr, "no such method\n");
	return 2;
}

#endif
