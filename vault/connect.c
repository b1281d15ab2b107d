/* Connects to a server's socket. */
#include "vault/connect.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* A path may be longer than a socket's name can be: then it is reached through its directory. */
static bool name_through_directory(struct sockaddr_un *to, int *dirfd, const char *path)
{
	const char *slash = strrchr(path, '/');
	char dir[4096];

	snprintf(dir, sizeof dir, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
	*dirfd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return *dirfd >= 0 && snprintf(to->sun_path, sizeof to->sun_path, "/proc/self/fd/%d/%s",
				       *dirfd, slash ? slash + 1 : path) < (int)sizeof to->sun_path;
}

int tv_connect(const char *path)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int dirfd = -1;
	bool good = fd >= 0;

	if (strlen(path) < sizeof to.sun_path)
		memcpy(to.sun_path, path, strlen(path));
	else
		good = good && name_through_directory(&to, &dirfd, path);
	good = good && !connect(fd, (struct sockaddr *)&to, sizeof to);
	if (dirfd >= 0)
		close(dirfd);
	if (!good && fd >= 0)
		close(fd);
	return good ? fd : -1;
}

bool tv_connect_lasts(const char *path)
{
	for (int i = 0; i < 20; i++) {
		int fd = tv_connect(path);

		if (fd < 0)
			return false;
		close(fd);
		nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
	}
	return true;
}
