/* Trees as they grow: bounded, without anything that occurs twice; and the lines they come from. */
#ifndef TV_TREE_H
#define TV_TREE_H

#include "vault/vault.h"

#define TV_TREE "tree" /* the member that a format's tree becomes */

/* A piece of the text. */
struct tv_slice {
	const char *at;
	size_t len;
};

/* What is left of the text, and the number of its first line. */
struct tv_text {
	const char *at;
	size_t line;
};

/* TV_BAD_VALUE: says what is wrong with a line, in words that do not show what stands there. */
enum tv_status tv_tree_wrong(struct tv_error *err, size_t line, const char *what) TV_MUST_CHECK;

/* Each sets a member, or appends where key is NULL and the parent an array. A member that is there
 * already, a NUL, or more of all than a file of this kind can sensibly hold is TV_BAD_VALUE. `put` takes
 * the child over in either case. */
enum tv_status tv_tree_put(struct tv_json *parent, const char *key, struct tv_json *child,
			   size_t line, struct tv_error *err) TV_MUST_CHECK;
enum tv_status tv_tree_put_text(struct tv_json *parent, const char *key, struct tv_slice text,
				size_t line, struct tv_error *err) TV_MUST_CHECK;
/* A text with a member's name that is a piece of the text as well. */
enum tv_status tv_tree_put_pair(struct tv_json *parent, struct tv_slice key, struct tv_slice text,
				size_t line, struct tv_error *err) TV_MUST_CHECK;
enum tv_status tv_tree_put_null(struct tv_json *parent, const char *key, size_t line,
				struct tv_error *err) TV_MUST_CHECK;
/* A copy of a value that is in the tree already. */
enum tv_status tv_tree_put_copy(struct tv_json *parent, const char *key, const struct tv_json *of,
				size_t line, struct tv_error *err) TV_MUST_CHECK;
/* What a plain word means where formats have types: true, false, a whole number in its usual form; all
 * else, also numbers that would not come out as they were written, stays text. */
enum tv_status tv_tree_put_plain(struct tv_json *parent, const char *key, struct tv_slice word,
				 size_t line, struct tv_error *err) TV_MUST_CHECK;

/* The next line without its end (LF or CR LF); false when there is none left. t->line is its number
 * until the next call. Begin with line 0. */
bool tv_text_line(struct tv_slice *out, struct tv_text *t);
/* Without white space at its ends. */
struct tv_slice tv_slice_trim(struct tv_slice s);
bool tv_slice_is(struct tv_slice s, const char *word);
struct tv_slice tv_slice_of(const struct tv_secret *s);
/* Whether nothing, or a comment, is on the line; marks are the characters that begin one. */
bool tv_slice_is_idle(struct tv_slice s, const char *marks);

#endif
