/* The command line, taken apart by the tables of cli/command.h. */
#ifndef TV_OPTIONS_H
#define TV_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/command.h"

struct tv_given {
	const struct tv_option *option;
	const char *value; /* NULL for an option that takes none */
};

struct tv_args {
	const struct tv_command *parent;  /* `key` of `key add`, else NULL */
	const struct tv_command *command; /* NULL: none was named */
	struct tv_given *given;		  /* in the order of the command line */
	size_t n_given;
	const char **words; /* the positional arguments */
	size_t n_words;
};

/* Fills *out even when it fails (TV_USAGE), so that the usage of the command at hand can be shown.
 * Texts point into argv. With --help or --version nothing else has to be right. */
enum tv_status tv_args_parse(struct tv_args *out, int argc, char **argv,
			     struct tv_error *err) TV_MUST_CHECK;
void tv_args_free(struct tv_args *a);
#define tv_auto_args __attribute__((cleanup(tv_args_free))) struct tv_args

/* Whether an option was given, and the last value it was given; NULL: it was not. */
bool tv_args_has(const struct tv_args *a, const char *name);
const char *tv_args_value(const struct tv_args *a, const char *name);
/* The i-th positional argument, or NULL. */
const char *tv_args_word(const struct tv_args *a, size_t i);
/* A value as a whole number of at most most; *out stays as it is when the option was not given. */
enum tv_status tv_args_number(unsigned long *out, const struct tv_args *a, const char *name,
			      unsigned long most, struct tv_error *err) TV_MUST_CHECK;

#endif
