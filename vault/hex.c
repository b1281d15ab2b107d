/* Bytes as hex text in JSON. */
#include "vault/hex.h"

#include <sodium.h>
#include <string.h>

#include "vault/arena.h"

bool tv_json_put_hex(struct tv_json *parent, const char *key, const unsigned char *data, size_t len)
{
	char *text = tv_arena_alloc(2 * len + 1);
	bool put;

	if (!text)
		return false;
	sodium_bin2hex(text, 2 * len + 1, data, len);
	put = tv_json_put_text(parent, key, text);
	tv_arena_free(text);
	return put;
}

bool tv_json_hex(const struct tv_json *j, unsigned char *out, size_t len)
{
	const char *text = tv_json_text(j);
	size_t got;

	if (!text || strlen(text) != 2 * len || strspn(text, "0123456789abcdef") != 2 * len)
		return false;
	return !sodium_hex2bin(out, len, text, 2 * len, NULL, &got, NULL) && got == len;
}

bool tv_json_get_hex(const struct tv_json *object, const char *key, unsigned char *out, size_t len)
{
	return tv_json_hex(tv_json_get(object, key), out, len);
}
