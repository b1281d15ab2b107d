/* Plaintext files of known formats, taken apart by the program tokenvault-read. */
#ifndef TV_READFILE_H
#define TV_READFILE_H

#include "cli/cli.h"

#define TV_READFILE_MAX (1 << 20)

/* The text as a tree: yaml, toml, json: as they are, times as text; ini: {section: {key: value}}, ""
 * for what stands before the first section; env, npmrc: {key: value}; netrc: {machines: [{machine,
 * login, password, …}]}; git-credentials: [{protocol, host, username, password}]; raw: the text without
 * the line end; csv: [{head: value}]. TV_BAD_VALUE with the line, never with what stands there, for a text
 * that is not of the format; `what` names it. TV_USAGE for a format that does not exist. */
enum tv_status tv_readfile(struct tv_json **out, const char *format, const struct tv_secret *text,
			   const char *what, struct tv_error *err) TV_MUST_CHECK;

#endif
