/* What is at a path where a file of the vault's could be mounted. */
#ifndef TV_OCCUPANT_H
#define TV_OCCUPANT_H

#include <stdbool.h>

enum tv_occupant {
	TV_OCCUPANT_NONE,
	TV_OCCUPANT_OURS,  /* a mounted file, or the placeholder of one */
	TV_OCCUPANT_EMPTY, /* a plain file without a byte */
	TV_OCCUPANT_FILE,
	TV_OCCUPANT_LINK,
	TV_OCCUPANT_DIRECTORY,
	TV_OCCUPANT_MOUNT, /* somebody else's */
	TV_OCCUPANT_OTHER,
	TV_OCCUPANT_UNKNOWN, /* errno says why */
};

/* Asks no file system about what is in it: a server that hangs would not answer. */
enum tv_occupant tv_occupant_at(const char *path);
/* Whether it is a placeholder with no mount over it. */
bool tv_occupant_is_placeholder(const char *path);

#endif
