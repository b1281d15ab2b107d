/* That the keeper and the server may have as many files open as they need. */
#include <sys/resource.h>

#include "cli/checkup/look.h"

/* Measured: the keeper has 17, and two for each file. For who reads there are at most 72: 32 that it knows, the links of 4
 * of them, and 32 whose memory goes to the server. What clients need goes on top. */
#define BASE	 89
#define PER_VIEW 3

static void look(struct tv_checkup *c)
{
	const size_t views = tv_json_count(tv_json_get(c->server, "views"));
	const unsigned long need = BASE + PER_VIEW * (views ? views : 16);
	struct rlimit limit;

	/* The keeper raises the one up to the other. */
	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_max == RLIM_INFINITY ||
	    limit.rlim_max >= need)
		return;
	tv_remark_wrong(c,
			"a process may have %lu files open, and the server needs %lu; raise the "
			"hard limit (ulimit -Hn; nofile in /etc/security/limits.conf)",
			(unsigned long)limit.rlim_max, need);
}

const struct tv_check tv_check_descriptors = {
	.name = "descriptors",
	.fine = "as many files may be open as are needed",
	.look = look,
};
