/* That secrets can be kept out of swap: the server locks the memory that they are in. */
#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "cli/checkup/look.h"
#include "cli/checkup/memory.h"

/* Measured: 256 KiB for a vault of 4 KiB, 768 KiB for one of 64 KiB. Twice that while it is edited, and
 * files that are open have copies of their own. */
#define LEAST	 ((unsigned long)1 << 20)
#define PER_BYTE 16

static unsigned long needed(const struct tv_checkup *c)
{
	struct stat st;

	return stat(c->cli->paths.vault, &st) ? LEAST
					      : LEAST + PER_BYTE * (unsigned long)st.st_size;
}

/* What the running server says goes before what would be. */
enum tv_known tv_memory_is_locked(const struct tv_checkup *c)
{
	struct rlimit limit;

	if (c->server)
		return tv_json_get_true(c->server, "memory_locked") ? TV_KNOWN_SO : TV_KNOWN_NOT;
	if (getrlimit(RLIMIT_MEMLOCK, &limit))
		return TV_UNKNOWN;
	return limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= needed(c) ? TV_KNOWN_SO
									      : TV_KNOWN_NOT;
}

static void look(struct tv_checkup *c)
{
	struct rlimit limit = {0};
	const unsigned long kib = (needed(c) + 1023) >> 10;

	getrlimit(RLIMIT_MEMLOCK, &limit);
	if (tv_memory_is_locked(c) == TV_KNOWN_SO) {
		tv_remark_fine(c, "what is secret stays out of swap: %lu KiB are to be locked",
			       kib);
		return;
	}
	if (c->server)
		tv_remark_wrong(c,
				"the running server could not lock its memory, which may get into "
				"swap; raise the limit to %lu KiB (ulimit -l; memlock in "
				"/etc/security/limits.conf, LimitMEMLOCK= of a unit), then "
				"tokenvault unmount and mount",
				kib);
	else
		tv_remark_wrong(c,
				"only %lu KiB of memory may be locked, and a server for this vault "
				"needs %lu, so that tokens may get into swap; raise the limit "
				"(ulimit -l; memlock in /etc/security/limits.conf)",
				(unsigned long)limit.rlim_cur >> 10, kib);
}

const struct tv_check tv_check_memory = {.name = "memory", .look = look};
