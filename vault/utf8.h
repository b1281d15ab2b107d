/* UTF-8, as strict as RFC 3629. */
#ifndef TV_UTF8_H
#define TV_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No overlong forms, no surrogates, nothing beyond U+10FFFF. */
bool tv_utf8_is_valid(const char *text, size_t len);
/* Bytes of the first character of a text that ends with a NUL; 0: what stands there is none. */
size_t tv_utf8_length(const char *text);
/* The next character of valid text; *at moves past it. */
uint32_t tv_utf8_next(const char **at);
/* Whether a character only shows itself: no control character, and none that turns the direction of
 * writing or is not seen. */
bool tv_utf8_is_shown(uint32_t c);
/* Makes text fit for a terminal, in place: a ? stands for what is no UTF-8 and for what is not shown,
 * line ends aside. */
void tv_utf8_make_shown(char *text);
/* The same for text that is to stay on its line. */
void tv_utf8_make_line(char *text);

#endif
