/* Texts for people in lines of 80 columns. */
#ifndef TV_WRAP_H
#define TV_WRAP_H

#include <stddef.h>

/* Prints words on standard output, the first line from column `at` on, the others indented. A word that
 * does not fit a line is not cut: it may be a path that is to be copied. */
void tv_wrap(const char *text, int at, int indent);

/* How many columns a text takes on a terminal. */
int tv_width(const char *text);
/* Copies a text; of one that takes more columns than that, its beginning and its end. */
void tv_width_shorten(char *out, size_t size, const char *text, int columns);

#endif
