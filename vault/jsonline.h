/* The line on which a JSON value stands. */
#ifndef TV_JSONLINE_H
#define TV_JSONLINE_H

#include <stddef.h>

/* The line, from 1, of the value that steps lead to in a text that tv_json_parse took: steps[0] is
 * its place among the children of the outermost value, and so on. For a member it is its name's. */
size_t tv_json_line(const char *text, size_t len, const size_t *steps, size_t n_steps);

#endif
