/* A read cursor that cannot over-read, and the little-endian writers that match it. */
#ifndef TV_CURSOR_H
#define TV_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vault/secret.h"

/* Once a read asks for more than is left, failed is set and every read gives zeroes. */
struct tv_cursor {
	const unsigned char *at;
	size_t left;
	bool failed;
};

struct tv_cursor tv_cursor_over(const void *data, size_t len);
uint16_t tv_cursor_u16(struct tv_cursor *c);
uint32_t tv_cursor_u32(struct tv_cursor *c);
uint64_t tv_cursor_u64(struct tv_cursor *c);
void tv_cursor_copy(struct tv_cursor *c, void *to, size_t len);
/* A view of the next len bytes, or NULL. */
const unsigned char *tv_cursor_take(struct tv_cursor *c, size_t len);

void tv_bytes_u16(struct tv_bytes *b, uint16_t value);
void tv_bytes_u32(struct tv_bytes *b, uint32_t value);
void tv_bytes_u64(struct tv_bytes *b, uint64_t value);

#endif
