/* Wraps and measures texts, counting columns and not bytes. */
#include "cli/wrap.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "vault/vault.h"

#define COLUMNS 80
#define DOTS	"…"

/* Wide are the scripts of East Asia and pictures (Unicode's EastAsianWidth.txt, by its blocks); marks that
 * go with the letter before them take nothing. */
static int width_of(uint32_t c)
{
	if ((c >= 0x300 && c <= 0x36f) || (c >= 0x200b && c <= 0x200f) ||
	    (c >= 0xfe00 && c <= 0xfe0f))
		return 0;
	if ((c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) ||
	    (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
	    (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
	    (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x1f300 && c <= 0x1faff) ||
	    (c >= 0x20000 && c <= 0x3fffd))
		return 2;
	return 1;
}

static int width(const char *text, size_t len)
{
	const char *end = text + len;
	int n = 0;

	while (text < end)
		n += width_of(tv_utf8_next(&text));
	return n;
}

int tv_width(const char *text)
{
	return width(text, strlen(text));
}

void tv_wrap(const char *text, int at, int indent)
{
	bool is_first = true;

	while (*text) {
		const size_t len = strcspn(text, " ");
		const int wide = width(text, len);

		if (!is_first && at + 1 + wide > COLUMNS) {
			printf("\n%*s", indent, "");
			at = indent;
		} else if (!is_first) {
			putchar(' ');
			at++;
		}
		printf("%.*s", (int)len, text);
		at += wide;
		is_first = false;
		text += len;
		text += strspn(text, " ");
	}
	putchar('\n');
}

/* How many bytes of a text's beginning fit. */
static size_t fitting(const char *text, int columns)
{
	const char *at = text, *next = text;

	while (*next) {
		columns -= width_of(tv_utf8_next(&next));
		if (columns < 0)
			break;
		at = next;
	}
	return (size_t)(at - text);
}

void tv_width_shorten(char *out, size_t size, const char *text, int columns)
{
	const int over = tv_width(text) - columns;
	const char *end = text;
	size_t front;

	if (over <= 0) {
		snprintf(out, size, "%s", text);
		return;
	}
	front = fitting(text, (columns - 1) / 3);
	while (*end && tv_width(end) > columns - 1 - width(text, front))
		tv_utf8_next(&end);
	snprintf(out, size, "%.*s" DOTS "%s", (int)front, text, end);
}
