/* A message: a magic number, then each field as its length (32 bits, little-endian), its bytes, a NUL. */
#include "cli/fetch/wire.h"

#include <stdint.h>
#include <string.h>

static const char magic[] = {'T', 'V', 'F', '1'};

void tv_wire_put(struct tv_secret *message, const void *data, size_t len)
{
	if (!message->len)
		tv_secret_append(message, magic, sizeof(magic));
	for (int shift = 0; shift < 32; shift += 8)
		tv_secret_putc(message, (char)(len >> shift));
	if (len)
		tv_secret_append(message, data, len);
	tv_secret_putc(message, '\0');
}

void tv_wire_put_text(struct tv_secret *message, const char *text)
{
	tv_wire_put(message, text, text ? strlen(text) : 0);
}

bool tv_wire_split(struct tv_wire_field *fields, size_t count, const struct tv_secret *message)
{
	const unsigned char *at = message->data;
	size_t left = message->len;

	if (left < sizeof(magic) || memcmp(at, magic, sizeof(magic)) != 0)
		return false;
	at += sizeof(magic);
	left -= sizeof(magic);
	for (size_t i = 0; i < count; i++) {
		uint32_t len = 0;

		if (left < 5)
			return false;
		for (int b = 3; b >= 0; b--)
			len = len << 8 | at[b];
		if (len > left - 5 || at[4 + len])
			return false;
		fields[i] = (struct tv_wire_field){(const char *)at + 4, len};
		at += 5 + len;
		left -= 5 + len;
	}
	return !left;
}
