/* The compiled-in definitions, as providers/embed.py makes them. */
#ifndef TV_BUILTIN_H
#define TV_BUILTIN_H

#include <stddef.h>

struct tv_builtin {
	const char *file; /* NAME.json */
	const char *text;
	size_t len;
};

/* Ended by a row without a file. */
extern const struct tv_builtin tv_builtins[];

#endif
