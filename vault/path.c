/* Expands the paths of definitions, and keeps them below their root. */
#include "vault/path.h"

#include <string.h>

#include "vault/doc.h"

#define LABEL	      "{{label}}"
#define COMPONENT_MAX 255 /* NAME_MAX of all usual file systems */

bool tv_path_has_label(const char *path)
{
	return strstr(path, LABEL) != NULL;
}

/* Neither too long, nor empty, "." or "..". */
static bool is_component(const char *at, size_t len)
{
	return len <= COMPONENT_MAX && (strspn(at, ".") < len || len > 2);
}

static bool stays_below(const char *path)
{
	for (;; path++) {
		const size_t len = strcspn(path, "/");

		if (!is_component(path, len))
			return false;
		path += len;
		if (!*path)
			return true;
	}
}

bool tv_path_expand(char out[static TV_PATH_MAX], const char *path, const char *label)
{
	size_t n = 0;

	while (*path) {
		const bool is_label = !strncmp(path, LABEL, strlen(LABEL));
		const char *piece = is_label ? label : path;
		const size_t len = is_label ? strlen(label) : 1;

		if (len >= TV_PATH_MAX - n)
			return false;
		memcpy(out + n, piece, len);
		n += len;
		path += is_label ? strlen(LABEL) : 1;
	}
	out[n] = '\0';
	return stays_below(out) && !strstr(out, "{{") && !strstr(out, "}}");
}

bool tv_path_is_own(const char *path)
{
	char expanded[TV_PATH_MAX];

	return tv_path_expand(expanded, path, "") && !strcmp(expanded, path) &&
	       tv_text_is_valid(path, TV_PATH_MAX - 1);
}
