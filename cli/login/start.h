/* What is started at login: which program, for which vault, in which environment. */
#ifndef TV_START_H
#define TV_START_H

#include <limits.h>
#include <stdio.h>

#include "cli/cli.h"

#define TV_START_VARIABLES 4

struct tv_start {
	char program[PATH_MAX]; /* this one, where it lies now */
	const char *vault;
	const char *name;   /* the instance's */
	char instance[128]; /* "@NAME" in names of units; "" for the default vault */
	/* NAME=VALUE of what is set here and may not be set there, but says where things are. */
	char *variables[TV_START_VARIABLES];
	size_t n_variables;
};

/* Into an empty one. TV_BAD_VALUE for what can't be written in such files: control characters, or no UTF-8. */
enum tv_status tv_start_find(struct tv_start *out, const struct tv_cli *cli,
			     struct tv_error *err) TV_MUST_CHECK;
void tv_start_free(struct tv_start *start);
#define tv_auto_start __attribute__((cleanup(tv_start_free))) struct tv_start

/* The command, quoted word by word; words ends in NULL. A program whose path has one of the odd characters is
 * started by way of a shell, for who reads the file takes no such path. */
void tv_start_print(FILE *to, const struct tv_start *start, void (*quote)(FILE *, const char *),
		    const char *odd, const char *const *words);

#endif
