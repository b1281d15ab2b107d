/* Escape rules: how a value is written so that it can't break out of its place in a format. */
#ifndef TV_ESCAPE_H
#define TV_ESCAPE_H

#include "vault/secret.h"
#include "vault/status.h"

/* A rule writes a complete scalar of its format, quotes included where it needs them. A value that
 * the format has no way to write is TV_BAD_VALUE. */
struct tv_escape {
	const char *name;
	enum tv_status (*append)(struct tv_secret *out, const char *text, struct tv_error *err);
};

/* "yaml", "toml", "toml-basic", "json", "ini", "netrc", "shell", "uri", "none"; NULL for another. */
const struct tv_escape *tv_escape_by_name(const char *name);
/* In files of their own. */
extern const struct tv_escape tv_escape_yaml;
extern const struct tv_escape tv_escape_uri;
/* All of them, ended by NULL. */
const struct tv_escape *const *tv_escapes(void);

#endif
