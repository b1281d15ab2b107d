/* Whether a text is JSON, to the letter. */
#ifndef TV_JSONTEXT_H
#define TV_JSONTEXT_H

#include <stddef.h>

#include "vault/status.h"

#define TV_JSON_DEPTH 64 /* objects and arrays inside each other */

/* Refuses what is not one value of RFC 8259 in UTF-8, with nothing but its white space around it, or has a
 * NUL in a string or a number of more than 63 characters. TV_DAMAGED with the line. */
enum tv_status tv_json_check_text(const char *text, size_t len, struct tv_error *err) TV_MUST_CHECK;

#endif
