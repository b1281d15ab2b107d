/* Appends JSON text. */
#include "vault/write.h"

#include <stdio.h>
#include <string.h>

/* Room for so much more, with the comma and the key that come first; where they end, or NULL. */
static unsigned char *begin(struct tv_secret *out, const char *key, size_t len, size_t more)
{
	/* What is not text may stand before it, and ends with zeroes. */
	const unsigned char last = out->len ? out->data[out->len - 1] : 0;
	unsigned char *at;

	if (!tv_secret_reserve(out, len + 4 + more))
		return NULL;
	at = out->data + out->len;
	if (last && last != '[' && last != '{' && last != ':')
		*at++ = ',';
	if (!key)
		return at;
	*at++ = '"';
	memcpy(at, key, len);
	at += len;
	*at++ = '"';
	*at++ = ':';
	return at;
}

static void end(struct tv_secret *out, unsigned char *at)
{
	*at = '\0';
	out->len = (size_t)(at - out->data);
}

/* Appends bytes that need no escape. */
static void put(struct tv_secret *out, const char *key, size_t key_len, const char *bytes,
		size_t len)
{
	unsigned char *at = begin(out, key, key_len, len);

	if (!at)
		return;
	memcpy(at, bytes, len);
	end(out, at + len);
}

void tv_write_open_behind(struct tv_secret *out, const char *key, size_t len, char bracket)
{
	put(out, key, len, &bracket, 1);
}

void tv_write_close(struct tv_secret *out, char bracket)
{
	tv_secret_putc(out, bracket);
}

static bool is_plain(unsigned char c)
{
	return c >= ' ' && c != '"' && c != '\\';
}

static size_t count_escapes(const char *text, size_t len)
{
	unsigned char odd = 0;
	size_t count = 0;

	/* Nearly always there are none, which many bytes are asked for at once. */
	for (size_t i = 0; i < len; i++)
		odd |= !is_plain((unsigned char)text[i]);
	for (size_t i = 0; odd && i < len; i++)
		count += !is_plain((unsigned char)text[i]);
	return count;
}

/* One character as JSON has to write it; how long that is. */
static size_t escape(unsigned char *at, unsigned char c)
{
	static const char letters[] = "\bb\ff\nn\rr\tt\"\"\\\\";
	char code[8];

	for (const char *l = letters; *l; l += 2)
		if ((unsigned char)*l == c) {
			at[0] = '\\';
			at[1] = (unsigned char)l[1];
			return 2;
		}
	snprintf(code, sizeof code, "\\u%04x", c);
	memcpy(at, code, 6);
	return 6;
}

void tv_write_text_behind(struct tv_secret *out, const char *key, size_t key_len, const char *text)
{
	const size_t len = text ? strlen(text) : 0;
	const size_t escapes = count_escapes(text ? text : "", len);
	size_t plain = 0;
	unsigned char *at;

	if (!text) {
		put(out, key, key_len, "null", 4);
		return;
	}
	at = begin(out, key, key_len, len + 5 * escapes + 2);
	if (!at)
		return;
	*at++ = '"';
	while (plain < len) {
		size_t run = len - plain;

		if (escapes)
			for (run = 0;
			     plain + run < len && is_plain((unsigned char)text[plain + run]);)
				run++;
		memcpy(at, text + plain, run);
		at += run;
		plain += run;
		if (plain < len)
			at += escape(at, (unsigned char)text[plain++]);
	}
	*at++ = '"';
	end(out, at);
}

/* 00, 01, … 99 */
static const char pairs[] = "000102030405060708091011121314151617181920212223242526272829"
			    "303132333435363738394041424344454647484950515253545556575859"
			    "606162636465666768697071727374757677787980818283848586878889"
			    "90919293949596979899";

const char *tv_digits(char room[static TV_DIGITS], int64_t number)
{
	uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;
	char *at = room + TV_DIGITS - 1;

	*at = '\0';
	for (; left >= 100; left /= 100) {
		at -= 2;
		memcpy(at, pairs + left % 100 * 2, 2);
	}
	if (left >= 10)
		*--at = (char)('0' + left % 10);
	*--at = (char)('0' + (left >= 10 ? left / 10 : left));
	if (number < 0)
		*--at = '-';
	return at;
}

void tv_write_int_behind(struct tv_secret *out, const char *key, size_t len, int64_t number)
{
	char room[TV_DIGITS];
	const char *digits = tv_digits(room, number);

	put(out, key, len, digits, (size_t)(room + TV_DIGITS - 1 - digits));
}

void tv_write_bool_behind(struct tv_secret *out, const char *key, size_t len, bool truth)
{
	put(out, key, len, truth ? "true" : "false", truth ? 4 : 5);
}
