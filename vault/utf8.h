/* UTF-8, as strict as RFC 3629. */
#ifndef TV_UTF8_H
#define TV_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* No overlong forms, no surrogates, nothing beyond U+10FFFF. */
bool tv_utf8_is_valid(const char *text, size_t len);

#endif
