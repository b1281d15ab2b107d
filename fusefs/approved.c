/* Looks a path up in the list of those that the user approved. */
#include "fusefs/approved.h"

#include <string.h>

#include "fusefs/ownfile.h"

#define LIST_MAX (1 << 20)

static bool has_line(const char *text, const char *line)
{
	const size_t len = strlen(line);

	for (const char *at = text; *at; at += strcspn(at, "\n"), at += *at == '\n')
		if (strcspn(at, "\n") == len && !strncmp(at, line, len))
			return true;
	return false;
}

bool tv_approved_has(const char *list, const char *path)
{
	tv_auto_bytes text = {0};
	struct tv_error ignored;

	if (!list || !*path || tv_own_file_read(&text, list, LIST_MAX, true, &ignored))
		return false;
	tv_bytes_append(&text, "", 1);
	return !text.failed && has_line((const char *)text.data, path);
}
