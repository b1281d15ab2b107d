/* The escape rule for YAML: plain where no reader can take the text for anything but a string. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "vault/escape.h"
#include "vault/utf8.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS	"0123456789"

/* The words of YAML 1.1 and 1.2 for truth, nothing and numbers, in any case. */
static bool is_keyword(const char *text)
{
	static const char *const words[] = {"y",  "n",	 "yes",	 "no",	"true", "false",
					    "on", "off", "null", "nan", "inf"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcasecmp(text, words[i]))
			return true;
	return false;
}

/* Numbers in every base, 1:30, 1_000, 1e5, dates and times: what starts with a digit counts as
 * one of them unless a letter is in it that none of them has. */
static bool may_be_number(const char *text)
{
	if (!strchr(DIGITS "_", *text))
		return false;
	if (text[0] == '0' && text[1] && strchr("xXoObB", text[1]))
		return true;
	for (const char *at = strpbrk(text, LETTERS); at; at = strpbrk(at + 1, LETTERS))
		if (!strchr("eEtTzZ", *at))
			return false;
	return true;
}

/* Also inside [ ] and { }, hence no comma and no bracket; a colon must have something right after
 * it that does not end the word. */
static bool is_plain(const char *text)
{
	const char *colon = text;

	if (!*text || !strchr(LETTERS DIGITS "_/", *text) ||
	    text[strspn(text, LETTERS DIGITS "_/.:@%+=~-")])
		return false;
	while ((colon = strchr(colon, ':')))
		if (!*++colon)
			return false;
	return !is_keyword(text) && !may_be_number(text);
}

/* Not in YAML's set of printable characters, or taken for the end of a line. */
static bool is_unprintable(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || c == 0xfeff ||
	       c == 0xfffe || c == 0xffff;
}

static void append_char(struct tv_secret *out, uint32_t c, const char *bytes, size_t len)
{
	char hex[8];

	if (is_unprintable(c)) {
		snprintf(hex, sizeof hex, c < 0x100 ? "\\x%02X" : "\\u%04X", c);
		tv_secret_puts(out, hex);
		return;
	}
	if (c == '"' || c == '\\')
		tv_secret_putc(out, '\\');
	tv_secret_append(out, bytes, len);
}

static enum tv_status append(struct tv_secret *out, const char *text, struct tv_error *err)
{
	if (!tv_utf8_is_valid(text, strlen(text)))
		return tv_fail(err, TV_BAD_VALUE, "a value is not UTF-8");
	if (is_plain(text)) {
		tv_secret_puts(out, text);
		return tv_secret_check(out, err);
	}
	tv_secret_putc(out, '"');
	for (const char *at = text; *at; text = at) {
		const uint32_t c = tv_utf8_next(&at);

		append_char(out, c, text, (size_t)(at - text));
	}
	tv_secret_putc(out, '"');
	return tv_secret_check(out, err);
}

const struct tv_escape tv_escape_yaml = {"yaml", append};
