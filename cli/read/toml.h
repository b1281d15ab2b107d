/* TOML's scalars and names, for the tables that are made of them. Only for the reader of TOML. */
#ifndef TV_READ_TOML_H
#define TV_READ_TOML_H

#include "cli/read/tree.h"

/* Each reads what begins at t->at and moves behind it. */

/* A text in any of the four kinds of quotes; is_name: only those of one line. Appends to out. */
enum tv_status tv_toml_string(struct tv_secret *out, struct tv_text *t, bool is_name,
			      struct tv_error *err) TV_MUST_CHECK;
/* One part of a name, bare or quoted. */
enum tv_status tv_toml_name(struct tv_secret *out, struct tv_text *t,
			    struct tv_error *err) TV_MUST_CHECK;
/* A number, truth or time, checked, and put as tv_tree_put_plain does. */
enum tv_status tv_toml_word(struct tv_json *parent, const char *key, struct tv_text *t,
			    struct tv_error *err) TV_MUST_CHECK;
/* Behind spaces and tabs; behind line ends and comments as well. A comment's characters are checked. */
void tv_toml_skip_blanks(struct tv_text *t);
enum tv_status tv_toml_skip_lines(struct tv_text *t, struct tv_error *err) TV_MUST_CHECK;
/* Behind a comment, if there is one, and the end of the line. */
enum tv_status tv_toml_end_line(struct tv_text *t, struct tv_error *err) TV_MUST_CHECK;

#endif
