/* Preloaded: the write(2), pwrite(2) or send(2) whose number TV_SHORT has (`write:3`) takes one byte only. */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static size_t cut(const char *call, size_t len)
{
	static int left;
	const char *wanted = getenv("TV_SHORT");

	if (!wanted || strncmp(wanted, call, strlen(call)) != 0 || wanted[strlen(call)] != ':')
		return len;
	if (!left)
		left = atoi(wanted + strlen(call) + 1) + 1;
	if (left > 1 && --left == 1)
		return len ? 1 : 0;
	return len;
}

ssize_t write(int fd, const void *data, size_t len)
{
	ssize_t (*next)(int, const void *, size_t);
	void *symbol = dlsym(RTLD_NEXT, "write");

	memcpy(&next, &symbol, sizeof next);
	return next(fd, data, cut("write", len));
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	ssize_t (*next)(int, const void *, size_t, off64_t);
	void *symbol = dlsym(RTLD_NEXT, "pwrite64");

	memcpy(&next, &symbol, sizeof next);
	return next(fd, data, cut("pwrite64", len), at);
}

ssize_t send(int fd, const void *data, size_t len, int flags)
{
	ssize_t (*next)(int, const void *, size_t, int);
	void *symbol = dlsym(RTLD_NEXT, "send");

	memcpy(&next, &symbol, sizeof next);
	return next(fd, data, cut("sendto", len), flags);
}
