/* Which of our mounts the kernel knows, and where they lie just now. */
#ifndef TV_MOUNTINFO_H
#define TV_MOUNTINFO_H

#include <stddef.h>
#include <sys/types.h>

#include "vault/vault.h"

struct tv_mountpoint {
	dev_t dev;
	char *path;
};

struct tv_mountpoints {
	struct tv_mountpoint *at;
	size_t count;
};

/* This user's mounts of a source, in the order in which they were made. Touches none of them, so that
 * a hung server can't hang us. */
enum tv_status tv_mountinfo_read(struct tv_mountpoints *out, const char *source,
				 struct tv_error *err) TV_MUST_CHECK;
void tv_mountpoints_free(struct tv_mountpoints *m);
#define tv_auto_mountpoints __attribute__((cleanup(tv_mountpoints_free))) struct tv_mountpoints

#endif
