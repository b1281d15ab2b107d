/* Filters: encodings that a template's sections of their name put around what is inside. */
#ifndef TV_FILTER_H
#define TV_FILTER_H

#include <stddef.h>

#include "vault/escape.h"

/* "base64" (RFC 4648, padded) or "uri" (as the escape rule); NULL for another name. */
const struct tv_escape *tv_filter_by_name(const char *name, size_t len);
/* Appends what is there already, whatever it is: for the inside of a filter. */
extern const struct tv_escape tv_filter_nothing;

#endif
