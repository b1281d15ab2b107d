/* JSON text, appended piece by piece without a tree of it: for what is long. */
#ifndef TV_WRITE_H
#define TV_WRITE_H

#include <stdint.h>

#include "vault/secret.h"

/* All of these put a comma where one is needed. A key of NULL is for the elements of arrays. Failure sticks to
 * the text. */
void tv_write_open(struct tv_secret *out, const char *key, char bracket);     /* { or [ */
void tv_write_close(struct tv_secret *out, char bracket);		      /* } or ] */
void tv_write_text(struct tv_secret *out, const char *key, const char *text); /* NULL: null */
void tv_write_int(struct tv_secret *out, const char *key, int64_t number);
void tv_write_bool(struct tv_secret *out, const char *key, bool truth);

#define TV_DIGITS 24 /* has room for any number */
/* A number's digits: a string that ends where the room does. */
const char *tv_digits(char room[static TV_DIGITS], int64_t number);

#endif
