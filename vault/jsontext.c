/* JSON's grammar, checked before cJSON reads a text: that takes control characters in strings, numbers with a
 * zero in front, any byte below a space between values, and a byte order mark. */
#include "vault/jsontext.h"

#include <stdbool.h>
#include <string.h>

#include "vault/utf8.h"

#define NUMBER_MAX 63 /* characters: of a longer one cJSON would read a part */

struct reader {
	const char *at;
	const char *end;
	size_t depth;
	bool too_deep;
};

static char peek(const struct reader *r)
{
	return r->at < r->end ? *r->at : '\0';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool take(struct reader *r, char c)
{
	if (r->at == r->end || *r->at != c)
		return false;
	r->at++;
	return true;
}

static bool take_word(struct reader *r, const char *word)
{
	while (*word && take(r, *word))
		word++;
	return !*word;
}

static bool take_digits(struct reader *r)
{
	const char *start = r->at;

	while (is_digit(peek(r)))
		r->at++;
	return r->at > start;
}

static void skip_space(struct reader *r)
{
	while (peek(r) && strchr(" \t\r\n", peek(r)))
		r->at++;
}

static bool take_digits_and_more(struct reader *r)
{
	take(r, '-');
	if (!take(r, '0') && !take_digits(r))
		return false;
	if (take(r, '.') && !take_digits(r))
		return false;
	if (!take(r, 'e') && !take(r, 'E'))
		return true;
	if (!take(r, '+'))
		take(r, '-');
	return take_digits(r);
}

static bool take_number(struct reader *r)
{
	const char *start = r->at;

	return take_digits_and_more(r) && r->at - start <= NUMBER_MAX;
}

/* Four hexadecimal digits, or 0: a NUL would cut the text short for whoever reads it as C does. */
static unsigned take_hex(struct reader *r)
{
	static const char digits[] = "00112233445566778899aAbBcCdDeEfF";
	unsigned value = 0;

	for (size_t n = 0; n < 4; n++) {
		const char *digit = peek(r) ? strchr(digits, peek(r)) : NULL;

		if (!digit)
			return 0;
		value = value << 4 | (unsigned)(digit - digits) / 2;
		r->at++;
	}
	return value;
}

/* What follows a backslash; half a surrogate pair is no character. */
static bool take_escape(struct reader *r)
{
	unsigned value;

	if (!peek(r) || !strchr("\"\\/bfnrtu", peek(r)))
		return false;
	if (*r->at++ != 'u')
		return true;
	value = take_hex(r);
	if (value < 0xd800 || value > 0xdfff)
		return value != 0;
	if (value > 0xdbff || !take(r, '\\') || !take(r, 'u'))
		return false;
	value = take_hex(r);
	return value >= 0xdc00 && value <= 0xdfff;
}

static bool take_string(struct reader *r)
{
	if (!take(r, '"'))
		return false;
	while (r->at < r->end && *r->at != '"') {
		if ((unsigned char)*r->at < ' ')
			return false;
		if (*r->at++ == '\\' && !take_escape(r))
			return false;
	}
	return take(r, '"');
}

static bool take_value(struct reader *r);

/* From behind the bracket on. */
static bool take_children(struct reader *r, char close)
{
	skip_space(r);
	if (take(r, close))
		return true;
	do {
		skip_space(r);
		if (close == '}') {
			if (!take_string(r))
				return false;
			skip_space(r);
			if (!take(r, ':'))
				return false;
		}
		if (!take_value(r))
			return false;
	} while (take(r, ','));
	return take(r, close);
}

static bool take_nested(struct reader *r)
{
	const char close = *r->at == '{' ? '}' : ']';
	bool is;

	if (r->depth == TV_JSON_DEPTH) {
		r->too_deep = true;
		return false;
	}
	r->depth++;
	r->at++;
	is = take_children(r, close);
	r->depth--;
	return is;
}

/* With the space around it. */
static bool take_value(struct reader *r)
{
	bool is;

	skip_space(r);
	switch (peek(r)) {
	case '{':
	case '[':
		is = take_nested(r);
		break;
	case '"':
		is = take_string(r);
		break;
	case 't':
		is = take_word(r, "true");
		break;
	case 'f':
		is = take_word(r, "false");
		break;
	case 'n':
		is = take_word(r, "null");
		break;
	default:
		is = take_number(r);
	}
	skip_space(r);
	return is;
}

static size_t line_at(const char *text, const char *at)
{
	size_t line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

enum tv_status tv_json_check_text(const char *text, size_t len, struct tv_error *err)
{
	struct reader r = {.at = text, .end = text + len};

	if (!tv_utf8_is_valid(text, len))
		return tv_fail(err, TV_DAMAGED, "JSON that is not UTF-8");
	if (take_value(&r) && r.at == r.end)
		return TV_OK;
	return tv_fail(err, TV_DAMAGED, "line %zu: %s", line_at(text, r.at),
		       r.too_deep ? "JSON is nested too deep" : "not JSON");
}
