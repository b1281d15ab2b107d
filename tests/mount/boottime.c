/* Preloaded: as if the machine had slept so many seconds as the file SLEPT says, an int that may change at any
 * time: the clock that counts sleep goes on, the others do not notice. A second int says by how much the date is wrong. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const volatile int *slept;

/* Before the server has no file system any more; what is mapped stays. */
__attribute__((constructor)) static void look(void)
{
	const char *path = getenv("SLEPT");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *map =
		fd < 0 ? MAP_FAILED : mmap(NULL, 2 * sizeof *slept, PROT_READ, MAP_SHARED, fd, 0);

	if (map != MAP_FAILED)
		slept = map;
	if (fd >= 0)
		close(fd);
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
	int failed = (int)syscall(SYS_clock_gettime, clock, out);

	if (!failed && slept && clock == CLOCK_BOOTTIME)
		out->tv_sec += *slept;
	return failed;
}

time_t time(time_t *out)
{
	struct timespec now = {0};

	syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
	now.tv_sec += slept ? slept[1] : 0;
	if (out)
		*out = now.tv_sec;
	return now.tv_sec;
}
