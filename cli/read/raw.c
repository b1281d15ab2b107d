/* A file that is nothing but a token: the text without the line end. */
#include <string.h>

#include "cli/read/format.h"
#include "cli/read/tree.h"

static enum tv_status parse(struct tv_json *into, const char *text, struct tv_error *err)
{
	struct tv_slice s = {text, strlen(text)};

	if (s.len && s.at[s.len - 1] == '\n') {
		s.len--;
		s.len -= s.len && s.at[s.len - 1] == '\r';
	}
	return tv_tree_put_text(into, TV_TREE, s, 1, err);
}

const struct tv_format tv_format_raw = {"raw", parse};
