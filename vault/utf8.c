/* UTF-8, as strict as RFC 3629. */
#include "vault/utf8.h"

#include <string.h>

/* How many bytes follow a first byte, and the least code point that needs as many; −1: none may. */
static int following(unsigned char first, uint32_t *least)
{
	if (first < 0x80)
		return 0;
	if (first >= 0xc2 && first < 0xe0) {
		*least = 0x80;
		return 1;
	}
	if (first >= 0xe0 && first < 0xf0) {
		*least = 0x800;
		return 2;
	}
	*least = 0x10000;
	return first >= 0xf0 && first < 0xf5 ? 3 : -1;
}

/* How much of a text is ASCII before anything else comes, in steps of eight bytes. */
static size_t skip_ascii(const unsigned char *at, size_t len)
{
	size_t i = 0;

	for (uint64_t eight; len - i >= sizeof eight; i += sizeof eight) {
		memcpy(&eight, at + i, sizeof eight);
		if (eight & 0x8080808080808080)
			break;
	}
	return i;
}

bool tv_utf8_is_valid(const char *text, size_t len)
{
	const unsigned char *at = (const unsigned char *)text;

	for (size_t i = skip_ascii(at, len); i < len;) {
		uint32_t least = 0;
		int more = following(at[i], &least);
		uint32_t point = at[i] & (0x7fu >> (more > 0 ? more + 1 : 0));

		if (more < 0 || (size_t)more >= len - i)
			return false;
		for (int k = 1; k <= more; k++) {
			if ((at[i + (size_t)k] & 0xc0) != 0x80)
				return false;
			point = point << 6 | (at[i + (size_t)k] & 0x3f);
		}
		if (more &&
		    (point < least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)))
			return false;
		i += (size_t)more + 1;
	}
	return true;
}

size_t tv_utf8_length(const char *text)
{
	uint32_t least = 0;
	const int more = following((unsigned char)*text, &least);
	const size_t len = (size_t)more + 1;

	if (more < 0 || strnlen(text, len) < len || !tv_utf8_is_valid(text, len))
		return 0;
	return len;
}

uint32_t tv_utf8_next(const char **at)
{
	uint32_t least = 0;
	const unsigned char first = (unsigned char)*(*at)++;
	int more = following(first, &least);
	uint32_t point = first & (0x7fu >> (more > 0 ? more + 1 : 0));

	for (; more > 0; more--)
		point = point << 6 | ((unsigned char)*(*at)++ & 0x3f);
	return point;
}

/* C1 controls are orders to a terminal as C0's are; the others are Unicode's Bidi_Control and
 * Default_Ignorable_Code_Point, variation selectors and Hangul fillers aside. */
bool tv_utf8_is_shown(uint32_t c)
{
	static const struct {
		uint32_t first;
		uint32_t last;
	} others[] = {
		{0x00, 0x1f},	  {0x7f, 0x9f},	    {0xad, 0xad},	{0x61c, 0x61c},
		{0x180e, 0x180e}, {0x200b, 0x200f}, {0x2028, 0x202e},	{0x2060, 0x206f},
		{0xfeff, 0xfeff}, {0xfff0, 0xfffb}, {0xe0000, 0xe0fff},
	};

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (c >= others[i].first && c <= others[i].last)
			return false;
	return true;
}

void tv_utf8_make_shown(char *text)
{
	char *out = text;

	/* Nearly always there is nothing else. */
	while (*out >= ' ' && *out < 0x7f)
		out++;
	for (const char *at = out; *at;) {
		const size_t len = tv_utf8_length(at);
		const char *end = at;

		if (!len) {
			*out++ = '?';
			at++;
			continue;
		}
		if (*at == '\n' || tv_utf8_is_shown(tv_utf8_next(&end))) {
			memmove(out, at, len);
			out += len;
		} else {
			*out++ = '?';
		}
		at += len;
	}
	*out = '\0';
}

void tv_utf8_make_line(char *text)
{
	tv_utf8_make_shown(text);
	for (; *text; text++)
		if (*text == '\n')
			*text = '?';
}
