/* Finds values in JSON text without a tree of it. Text that is no JSON does no harm: what is found in it is not JSON
 * either. */
#ifndef TV_SPAN_H
#define TV_SPAN_H

#include <stdbool.h>
#include <stddef.h>

struct tv_span {
	const char *at;
	size_t len;
};

/* The value of an object's first member whose name is spelled so; false where there is none. */
bool tv_span_member(struct tv_span *out, struct tv_span object, const char *name);
/* Goes over an array's elements: *rest is the array at first, and NULL once all were given. false at the end, and
 * where the brackets and commas are not an array's, which is told by *rest not being NULL. */
bool tv_span_element(struct tv_span *out, struct tv_span *rest);

#endif
