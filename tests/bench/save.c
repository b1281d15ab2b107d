/* The least that a durable change of a file takes that makes a new one, as programs do: save FILE BYTES writes it beside the
 * old one, with fsync, renames it, and has the directory on the disk. */
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

static int write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0)
			return -1;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

int main(int argc, char **argv)
{
	size_t len = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
	char *data = malloc(len + 1);
	char fresh[4096];
	int fd, dir;

	if (!len || !data)
		return 2;
	memset(data, 'x', len);
	snprintf(fresh, sizeof fresh, "%s.new", argv[1]);
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write_all(fd, data, len) || fsync(fd) || rename(fresh, argv[1]))
		return 1;
	dir = open(dirname(argv[1]), O_RDONLY | O_DIRECTORY);
	return dir < 0 || fsync(dir);
}
