/* JSON text, appended piece by piece without a tree of it: for what is long. */
#ifndef TV_WRITE_H
#define TV_WRITE_H

#include <stdint.h>
#include <string.h>

#include "vault/secret.h"

/* Their keys are mostly known when this is compiled, and so is how long they are. */
void tv_write_open_behind(struct tv_secret *out, const char *key, size_t len, char bracket);
void tv_write_text_behind(struct tv_secret *out, const char *key, size_t len, const char *text);
void tv_write_int_behind(struct tv_secret *out, const char *key, size_t len, int64_t number);
void tv_write_bool_behind(struct tv_secret *out, const char *key, size_t len, bool truth);

static inline size_t tv_key_len(const char *key)
{
	return key ? strlen(key) : 0;
}

/* All of these put a comma where one is needed. A key of NULL is for the elements of arrays. Failure sticks to
 * the text. */
static inline void tv_write_open(struct tv_secret *out, const char *key, char bracket) /* { or [ */
{
	tv_write_open_behind(out, key, tv_key_len(key), bracket);
}

void tv_write_close(struct tv_secret *out, char bracket); /* } or ] */

static inline void tv_write_text(struct tv_secret *out, const char *key,
				 const char *text) /* NULL: null */
{
	tv_write_text_behind(out, key, tv_key_len(key), text);
}

static inline void tv_write_int(struct tv_secret *out, const char *key, int64_t number)
{
	tv_write_int_behind(out, key, tv_key_len(key), number);
}

static inline void tv_write_bool(struct tv_secret *out, const char *key, bool truth)
{
	tv_write_bool_behind(out, key, tv_key_len(key), truth);
}

#define TV_DIGITS 24 /* has room for any number */
/* A number's digits: a string that ends where the room does. */
const char *tv_digits(char room[static TV_DIGITS], int64_t number);

#endif
