/* A template taken apart, for template.c alone. */
#ifndef TV_TAGS_H
#define TV_TAGS_H

#include <stddef.h>

#include "vault/status.h"

#define TV_TAGS_DEPTH 16 /* sections inside sections */
#define TV_NAME_MAX   64 /* bytes between two dots of a name, the end included */

enum tv_tag_kind { TV_TAG_TEXT, TV_TAG_VARIABLE, TV_TAG_SECTION, TV_TAG_INVERTED, TV_TAG_END };

/* A stretch of plain text, or a tag. It points into the template. */
struct tv_tag {
	enum tv_tag_kind kind;
	const char *at; /* the text, or the tag's name */
	size_t len;
	size_t line;
	size_t end; /* of a section: the index of its end tag */
};

struct tv_tags {
	struct tv_tag *at;
	size_t count;
	size_t size;
};

/* TV_BAD_DEFINITION with the line, which also goes to *line unless that is NULL. */
enum tv_status tv_tags_parse(struct tv_tags *out, const char *text, size_t *line,
			     struct tv_error *err) TV_MUST_CHECK;
void tv_tags_free(struct tv_tags *t);
#define tv_auto_tags __attribute__((cleanup(tv_tags_free))) struct tv_tags

#endif
