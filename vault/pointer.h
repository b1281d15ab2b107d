/* JSON pointers (RFC 6901), with one wildcard: how definitions say where a value is. */
#ifndef TV_POINTER_H
#define TV_POINTER_H

#include <stdbool.h>
#include <stddef.h>

#include "vault/json.h"

/* Whether it is a pointer: "" or parts that each begin with a slash; ~0 and ~1 stand for ~ and /. The
 * extension "#" alone means the element's own name in its parent, and "#a*b", a pattern with one star,
 * what the star stands for in that name. With wild, a part may have one star in it, which stands
 * for one character or more of a name, or alone for any element. */
bool tv_pointer_is_valid(const char *pointer, bool wild);
/* The value, or NULL. Numbers index arrays. A name that is not there to the letter is looked for in any
 * case. */
struct tv_json *tv_pointer_get(const struct tv_json *root, const char *pointer);
/* The value as text: a string as it is, "#" as the element's name, a number or true/false as JSON
 * writes it; false where there is none of these, or a number beyond 2^53. Appends to out. */
bool tv_pointer_text(struct tv_secret *out, const struct tv_json *root, const char *pointer);
/* Calls visit for every value that a pointer with wildcards matches, in order, until one returns
 * false. */
void tv_pointer_each(struct tv_json *root, const char *pointer,
		     bool (*visit)(struct tv_json *at, void *arg), void *arg);

#endif
