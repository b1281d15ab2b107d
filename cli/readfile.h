/* Plaintext files of known formats, taken apart by the program tokenvault-read. */
#ifndef TV_READFILE_H
#define TV_READFILE_H

#include "cli/cli.h"

#define TV_READFILE_MAX (1 << 20)

/* The text as a tree: yaml, toml, json: as they are, times as text; ini: {section: {key: value}}, ""
 * for what stands before the first section; env, npmrc: {key: value}, where npm replaces ${NAMES}
 * {replaced: value}; netrc: {machines: [{machine, login, password, …}]}; git-credentials:
 * [{protocol, host, username, password}]; raw: the text without the line end; csv: [{head: value}];
 * docker-config: json, with each `auth` as username and password; kubeconfig: yaml, with each
 * context's cluster and user in the context, in the place of their names. TV_BAD_VALUE with the
 * line, never with what stands there, for a text that is not of the format; `what` names it.
 * TV_USAGE for a format that does not exist. */
enum tv_status tv_readfile(struct tv_json **out, const char *format, const struct tv_secret *text,
			   const char *what, struct tv_error *err) TV_MUST_CHECK;

#endif
