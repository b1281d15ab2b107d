/* Closes what the keeper had open, before the server holds a secret. */
#include "fusefs/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int order(const void *a, const void *b)
{
	return **(int *const *)a - **(int *const *)b;
}

/* Closes everything between what is kept. */
static void close_others(int *const *sorted, size_t count)
{
	unsigned from = 3;

	for (size_t i = 0; i < count; i++) {
		if ((unsigned)*sorted[i] > from)
			close_range(from, (unsigned)*sorted[i] - 1, 0);
		from = (unsigned)*sorted[i] + 1;
	}
	close_range(from, ~0U, 0);
}

/* Something has to stand at 0 to 2, or the next socket would, and a library's last words would go out
 * through it. A socket without a peer takes nothing and tells nobody. */
static bool silence(void)
{
	int nowhere = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool good = nowhere >= 0;

	for (int std = 0; good && std <= 2; std++) {
#ifdef TV_SANITIZED
		/* A sanitizer's report is to be read. */
		if (std == 2)
			break;
#endif
		good = dup3(nowhere, std, O_CLOEXEC) == std;
	}
	if (nowhere > 2)
		close(nowhere);
	return good;
}

enum tv_status tv_descriptors_keep(int *const *keep, size_t count, struct tv_error *err)
{
	int *sorted[8];

	if (count > 8)
		return tv_fail(err, TV_FAILED, "too many descriptors");
	for (size_t i = 0; i < count; i++) {
		if (*keep[i] <= 2)
			*keep[i] = fcntl(*keep[i], F_DUPFD_CLOEXEC, 3);
		sorted[i] = keep[i];
	}
	qsort(sorted, count, sizeof *sorted, order);
	close_others(sorted, count);
	return silence() ? TV_OK : tv_fail(err, TV_FAILED, "socket: %s", strerror(errno));
}
