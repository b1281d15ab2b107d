/* Checking JSON against tables of members, with errors that say where the text is wrong. */
#ifndef TV_SCHEMA_H
#define TV_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "vault/json.h"
#include "vault/status.h"

/* The text that is checked. */
struct tv_source {
	const char *file; /* what errors call it */
	const char *text;
	size_t len;
	struct tv_error *err;
};

/* A value and the way to it. */
struct tv_place {
	const struct tv_place *up; /* NULL: the outermost value */
	const struct tv_json *at;
};

enum tv_schema_type {
	TV_SCHEMA_TEXT,
	TV_SCHEMA_BOOL,
	TV_SCHEMA_OBJECT,
	TV_SCHEMA_OBJECTS, /* an object, or an array of which the reader checks the elements */
	TV_SCHEMA_ARRAY,
	TV_SCHEMA_TEXTS, /* an array of texts */
	TV_SCHEMA_LINES, /* a text, or an array of texts */
};

struct tv_member {
	const char *name; /* NULL ends the table */
	enum tv_schema_type type;
	bool required;
};

/* TV_BAD_DEFINITION with file, line and key before the words. */
enum tv_status tv_schema_wrong(const struct tv_source *s, const struct tv_place *place,
			       const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Checks that a place is an object with all required members of the table, no others, each of its
 * type. Texts have no control characters, except in TV_SCHEMA_LINES that is a single text. */
enum tv_status tv_schema_check(const struct tv_source *s, const struct tv_place *place,
			       const struct tv_member *members) TV_MUST_CHECK;

#endif
