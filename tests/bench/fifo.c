/* A token in a FIFO, as some tools hand it out: fifo PATH TEXT makes it and writes the text for whoever opens it. */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc != 3 || mkfifo(argv[1], 0600))
		return 2;
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		int fd = open(argv[1], O_WRONLY);

		if (fd < 0)
			return 1;
		if (write(fd, argv[2], strlen(argv[2])) < 0) {
			/* The reader left: the next one has its turn. */
		}
		close(fd);
	}
}
