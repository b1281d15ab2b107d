/* memfd_secret(2), and the window beside it. */
#include "vault/hidden.h"

#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_memfd_secret
#define SYS_memfd_secret 447
#endif
#define STEP ((size_t)64 << 10) /* by which the window grows */

static unsigned char *window;
static size_t window_size;
static size_t shown;
static bool is_open; /* its pages could not be locked */

bool tv_hidden_map(void *at, size_t size)
{
	int fd = (int)syscall(SYS_memfd_secret, O_CLOEXEC);
	bool is_there;

	if (fd < 0)
		return false;
	/* Over RLIMIT_FSIZE it fails, with SIGXFSZ, which the server ignores. */
	if (ftruncate(fd, (off_t)TV_HIDDEN_LENGTH)) {
		close(fd);
		return false;
	}
	is_there = mmap(at, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) == at;
	close(fd);
	/* What was there may be gone already. */
	if (!is_there)
		(void)!mmap(at, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	return is_there;
}

static bool widen(size_t len)
{
	size_t size = (len + STEP - 1) / STEP * STEP;
	void *pages;

	if (len <= window_size)
		return true;
	pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pages == MAP_FAILED)
		return false;
	if (window)
		munmap(window, window_size);
	window = pages;
	window_size = size;
	madvise(window, size, MADV_DONTDUMP);
	is_open = mlock2(window, size, MLOCK_ONFAULT);
	return true;
}

const void *tv_window_show(const void *data, size_t len)
{
	if (!widen(len))
		return NULL;
	memcpy(window, data, len);
	shown = len;
	return window;
}

void tv_window_close(void)
{
	sodium_memzero(window, shown);
	shown = 0;
}

bool tv_window_is_locked(void)
{
	return !is_open;
}
