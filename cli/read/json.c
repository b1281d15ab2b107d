/* JSON (RFC 8259), by the library's own reader. */
#include <stdio.h>
#include <string.h>

#include "cli/read/format.h"
#include "cli/read/tree.h"

/* The reader's words for what it refuses, without the names it saw. */
static enum tv_status refuse(enum tv_status status, const struct tv_error *why,
			     struct tv_error *err)
{
	if (status != TV_DAMAGED)
		return tv_fail(err, status, "%s", why->detail);
	if (!strncmp(why->detail, "line ", strlen("line ")))
		return tv_fail(err, TV_BAD_VALUE, "%s", why->detail);
	return tv_fail(err, TV_BAD_VALUE, "a name occurs twice, or there are too many");
}

static enum tv_status parse(struct tv_json *into, const char *text, struct tv_error *err)
{
	const size_t mark = strncmp(text, "\xef\xbb\xbf", 3) ? 0 : 3; /* a byte order mark */
	struct tv_json *tree;
	struct tv_error why;
	enum tv_status status = tv_json_parse(&tree, text + mark, strlen(text + mark), &why);

	return status ? refuse(status, &why, err) : tv_tree_put(into, TV_TREE, tree, 1, err);
}

const struct tv_format tv_format_json = {"json", parse};
