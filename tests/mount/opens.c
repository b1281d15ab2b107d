/* Opens a file again and again: opens TIMES PROCESSES FILE. Prints, for each process, its id and how many opens it was
 * given; one that fails ends its process. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static long open_on(long times, const char *path)
{
	char bytes[4096];
	long done = 0;

	while (done < times) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		if (fd < 0)
			return done;
		/* It was answered, whatever becomes of the rest. */
		done++;
		if (read(fd, bytes, sizeof bytes) <= 0) {
			close(fd);
			return done;
		}
		close(fd);
	}
	return done;
}

int main(int argc, char **argv)
{
	if (argc < 4)
		return 2;
	for (int i = 0; i < atoi(argv[2]); i++) {
		if (fork())
			continue;
		dprintf(1, "%d %ld\n", (int)getpid(), open_on(atol(argv[1]), argv[3]));
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
	return 0;
}
