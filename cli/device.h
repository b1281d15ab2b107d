/* The machine's own key: made once, kept beside what was seen of vaults, and never given away. */
#ifndef TV_DEVICE_H
#define TV_DEVICE_H

#include "cli/paths.h"

/* Its bytes. TV_NO_ENTRY when there is none; TV_REFUSED for one that is a link, another user's, or open to others;
 * TV_BAD_VALUE for one of another length. */
enum tv_status tv_device_read(struct tv_secret *out, const char *path,
			      struct tv_error *err) TV_MUST_CHECK;
/* The same, but a missing one is made; *made says so. Whoever makes it at the same time makes the same one. */
enum tv_status tv_device_read_or_make(struct tv_secret *out, bool *made,
				      const struct tv_paths *paths,
				      struct tv_error *err) TV_MUST_CHECK;

#endif
