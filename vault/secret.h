/* Byte buffers: tv_secret for what must stay secret (arena, wiped), tv_bytes for all else. */
#ifndef TV_SECRET_H
#define TV_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "vault/status.h"

/* A growing buffer in the arena. {0} is an empty one. An append that fails sticks: later appends do
 * nothing, and tv_secret_check tells. data is NUL-terminated (not counted in len) once non-NULL. */
struct tv_secret {
	unsigned char *data;
	size_t len;
	size_t size;
	bool failed;
};

void tv_secret_append(struct tv_secret *s, const void *data, size_t len);
void tv_secret_puts(struct tv_secret *s, const char *text);
void tv_secret_putc(struct tv_secret *s, char c);
/* Makes room for len more bytes behind what is there; false when an append failed. */
bool tv_secret_reserve(struct tv_secret *s, size_t len);
/* Appends len zero bytes. */
void tv_secret_fill(struct tv_secret *s, size_t len);
/* TV_NO_MEMORY when an append failed, else TV_OK. */
enum tv_status tv_secret_check(const struct tv_secret *s, struct tv_error *err) TV_MUST_CHECK;
/* Wipes and frees; leaves an empty one. */
void tv_secret_free(struct tv_secret *s);
/* Hands the contents over to another one, leaving from empty; what to held is freed. */
void tv_secret_move(struct tv_secret *to, struct tv_secret *from);
/* The text, "" when empty. Valid until the next append. */
const char *tv_secret_text(const struct tv_secret *s);

/* Whether both hold the same bytes, in a time that only depends on how many. */
bool tv_secret_equals(const struct tv_secret *a, const struct tv_secret *b);
/* The same for texts; NULL equals none. */
bool tv_secret_texts_equal(const char *a, const char *b);

#define TV_FINGERPRINT_BYTES 16
/* Tells later whether other bytes are the same, without keeping these: BLAKE2b under a key that this process
 * made for itself, so that it means nothing elsewhere. */
void tv_secret_fingerprint(unsigned char out[static TV_FINGERPRINT_BYTES],
			   const struct tv_secret *s);

/* Reads from fd to its end, at most limit bytes (TV_BAD_VALUE beyond); `what` names it in errors. */
enum tv_status tv_secret_read(struct tv_secret *s, int fd, size_t limit, const char *what,
			      struct tv_error *err) TV_MUST_CHECK;
/* Reads from fd up to and without the next LF, a byte at a time, so that a following line stays
 * unread. TV_BAD_VALUE at a line over limit; *eof (may be NULL) is set when there was nothing. */
enum tv_status tv_secret_read_line(struct tv_secret *s, bool *eof, int fd, size_t limit,
				   const char *what, struct tv_error *err) TV_MUST_CHECK;
/* write(2) of the whole, restarted. */
enum tv_status tv_secret_write(const struct tv_secret *s, int fd,
			       struct tv_error *err) TV_MUST_CHECK;

/* The same for what is no secret: plain heap memory. */
struct tv_bytes {
	unsigned char *data;
	size_t len;
	size_t size;
	bool failed;
};

void tv_bytes_append(struct tv_bytes *b, const void *data, size_t len);
/* Lengthens by len bytes of no particular value; false when memory is out. */
bool tv_bytes_extend(struct tv_bytes *b, size_t len);
enum tv_status tv_bytes_check(const struct tv_bytes *b, struct tv_error *err) TV_MUST_CHECK;
void tv_bytes_free(struct tv_bytes *b);

#define tv_auto_secret __attribute__((cleanup(tv_secret_free))) struct tv_secret
#define tv_auto_bytes  __attribute__((cleanup(tv_bytes_free))) struct tv_bytes

#endif
