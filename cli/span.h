/* Spans of time as people write them: "90s", "15m", "12h", "7d", "2w". */
#ifndef TV_SPAN_H
#define TV_SPAN_H

#include <stdint.h>

#include "vault/vault.h"

/* A whole number and a unit, in seconds; 0 for "never". TV_BAD_VALUE. */
enum tv_status tv_span_parse(int64_t *out, const char *text, struct tv_error *err) TV_MUST_CHECK;

#define TV_SPAN_CHARS 24
/* In the largest unit that leaves nothing over. */
void tv_span_print(char out[static TV_SPAN_CHARS], int64_t seconds);

#define TV_SPAN_WORDS 32
/* About how long: "40 seconds", "15 minutes", "12 hours", "7 days". */
void tv_span_say(char out[static TV_SPAN_WORDS], int64_t seconds);

#endif
