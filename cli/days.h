/* How long a token lasts, in words: one way of saying it wherever it is said. */
#ifndef TV_DAYS_H
#define TV_DAYS_H

#include <stddef.h>
#include <stdint.h>

#define TV_DAYS_CHARS 64

/* "expires in 29 days", "expires in 5 hours", "expired 3 days ago". */
void tv_days_print(char out[static TV_DAYS_CHARS], int64_t expires, int64_t now);
/* The same days as a number; 0 in the last of them, −1 in the first after the end. */
int64_t tv_days_left(int64_t expires, int64_t now);

#endif
