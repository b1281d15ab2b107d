/*
 * What a format is: a function that makes a tree of a text. To add one: cli/read/NAME.c, and its line in
 * formats.def. cli/readfile.h says what the trees look like.
 */
#ifndef TV_FORMAT_H
#define TV_FORMAT_H

#include "vault/vault.h"

struct tv_format {
	const char *name;
	/* Puts the tree of a text, which is UTF-8 without a NUL, into an object as the member `tree`. */
	enum tv_status (*parse)(struct tv_json *into, const char *text, struct tv_error *err);
};

/* All of them, for one may build upon another. */
#define TV_FORMAT(name) extern const struct tv_format tv_format_##name;
#include "cli/read/formats.def"
#undef TV_FORMAT

#endif
