/* Little-endian reading that cannot over-read, and writing. */
#include "vault/cursor.h"

#include <string.h>

struct tv_cursor tv_cursor_over(const void *data, size_t len)
{
	return (struct tv_cursor){.at = data, .left = len};
}

const unsigned char *tv_cursor_take(struct tv_cursor *c, size_t len)
{
	const unsigned char *at = c->at;

	if (c->failed || len > c->left) {
		c->failed = true;
		return NULL;
	}
	c->at += len;
	c->left -= len;
	return at;
}

static uint64_t number(struct tv_cursor *c, size_t bytes)
{
	const unsigned char *at = tv_cursor_take(c, bytes);
	uint64_t value = 0;

	for (size_t i = bytes; at && i-- > 0;)
		value = value << 8 | at[i];
	return value;
}

uint16_t tv_cursor_u16(struct tv_cursor *c)
{
	return (uint16_t)number(c, 2);
}

uint32_t tv_cursor_u32(struct tv_cursor *c)
{
	return (uint32_t)number(c, 4);
}

uint64_t tv_cursor_u64(struct tv_cursor *c)
{
	return number(c, 8);
}

void tv_cursor_copy(struct tv_cursor *c, void *to, size_t len)
{
	const unsigned char *at = tv_cursor_take(c, len);

	if (at)
		memcpy(to, at, len);
	else
		memset(to, 0, len);
}

static void put(struct tv_bytes *b, uint64_t value, size_t bytes)
{
	unsigned char out[8];

	for (size_t i = 0; i < bytes; i++)
		out[i] = (unsigned char)(value >> (8 * i));
	tv_bytes_append(b, out, bytes);
}

void tv_bytes_u16(struct tv_bytes *b, uint16_t value)
{
	put(b, value, 2);
}

void tv_bytes_u32(struct tv_bytes *b, uint32_t value)
{
	put(b, value, 4);
}

void tv_bytes_u64(struct tv_bytes *b, uint64_t value)
{
	put(b, value, 8);
}
