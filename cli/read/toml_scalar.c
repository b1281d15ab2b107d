/* TOML's scalars and names (TOML 1.0.0). */
#include <stdlib.h>
#include <string.h>

#include "cli/read/toml.h"

#define DIGITS "0123456789"
#define BARE   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" DIGITS "-_"

void tv_toml_skip_blanks(struct tv_text *t)
{
	t->at += strspn(t->at, " \t");
}

static bool is_control(char c)
{
	return (unsigned char)c < ' ' ? c != '\t' : c == 127;
}

static size_t line_end(const char *at)
{
	return *at == '\n' ? 1 : at[0] == '\r' && at[1] == '\n' ? 2 : 0;
}

enum tv_status tv_toml_end_line(struct tv_text *t, struct tv_error *err)
{
	tv_toml_skip_blanks(t);
	if (*t->at == '#') {
		while (*t->at && !line_end(t->at)) {
			if (is_control(*t->at++))
				return tv_tree_wrong(err, t->line, "a control character");
		}
	}
	if (*t->at && !line_end(t->at))
		return tv_tree_wrong(err, t->line, "text where the line should end");
	t->line += *t->at != '\0';
	t->at += line_end(t->at);
	return TV_OK;
}

enum tv_status tv_toml_skip_lines(struct tv_text *t, struct tv_error *err)
{
	enum tv_status status = TV_OK;

	tv_toml_skip_blanks(t);
	while (!status && (*t->at == '#' || line_end(t->at))) {
		status = tv_toml_end_line(t, err);
		tv_toml_skip_blanks(t);
	}
	return status;
}

static void put_character(struct tv_secret *out, unsigned long c)
{
	if (c < 0x80) {
		tv_secret_putc(out, (char)c);
		return;
	}
	if (c < 0x800) {
		tv_secret_putc(out, (char)(0xc0 | c >> 6));
	} else {
		if (c < 0x10000) {
			tv_secret_putc(out, (char)(0xe0 | c >> 12));
		} else {
			tv_secret_putc(out, (char)(0xf0 | c >> 18));
			tv_secret_putc(out, (char)(0x80 | (c >> 12 & 0x3f)));
		}
		tv_secret_putc(out, (char)(0x80 | (c >> 6 & 0x3f)));
	}
	tv_secret_putc(out, (char)(0x80 | (c & 0x3f)));
}

/* \uXXXX or \UXXXXXXXX, from its first digit on. */
static enum tv_status read_code(struct tv_secret *out, struct tv_text *t, size_t digits,
				struct tv_error *err)
{
	char hex[9] = "";
	unsigned long c;

	if (strspn(t->at, DIGITS "abcdefABCDEF") < digits)
		return tv_tree_wrong(err, t->line, "a wrong escape");
	memcpy(hex, t->at, digits);
	c = strtoul(hex, NULL, 16);
	if (!c || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return tv_tree_wrong(err, t->line, "an escape that is no character, or a NUL");
	put_character(out, c);
	t->at += digits;
	return TV_OK;
}

/* A backslash that hides the line end, and all white space behind it. */
static bool skip_hidden(struct tv_text *t)
{
	const char *at = t->at + strspn(t->at, " \t");

	if (!line_end(at))
		return false;
	for (; *at == ' ' || *at == '\t' || line_end(at); at++)
		t->line += *at == '\n';
	t->at = at;
	return true;
}

/* From behind the backslash. */
static enum tv_status read_escape(struct tv_secret *out, struct tv_text *t, bool is_long,
				  struct tv_error *err)
{
	static const char from[] = "btnfr\"\\", to[] = "\b\t\n\f\r\"\\";
	const char *known = *t->at ? strchr(from, *t->at) : NULL;

	if (is_long && skip_hidden(t))
		return TV_OK;
	if (known) {
		tv_secret_putc(out, to[known - from]);
		t->at++;
		return TV_OK;
	}
	if (*t->at != 'u' && *t->at != 'U')
		return tv_tree_wrong(err, t->line, "a wrong escape");
	return read_code(out, t, *t->at++ == 'u' ? 4 : 8, err);
}

/* The next character of a text that has no quote in front of it. */
static enum tv_status read_character(struct tv_secret *out, struct tv_text *t, bool is_literal,
				     bool is_long, struct tv_error *err)
{
	size_t end = line_end(t->at);

	if (*t->at == '\\' && !is_literal) {
		t->at++;
		return read_escape(out, t, is_long, err);
	}
	if (end && is_long) {
		tv_secret_putc(out, '\n');
		t->at += end;
		t->line++;
		return TV_OK;
	}
	if (is_control(*t->at))
		return tv_tree_wrong(err, t->line,
				     end ? "a text that does not end" : "a control character");
	tv_secret_putc(out, *t->at++);
	return TV_OK;
}

enum tv_status tv_toml_string(struct tv_secret *out, struct tv_text *t, bool is_name,
			      struct tv_error *err)
{
	char quote = *t->at;
	bool is_long = t->at[1] == quote && t->at[2] == quote;
	size_t line = t->line, width = is_long ? 3 : 1;
	enum tv_status status = TV_OK;

	if (is_long && is_name)
		return tv_tree_wrong(err, line, "a name of several lines");
	t->at += width;
	if (is_long) {
		t->line += line_end(t->at) != 0;
		t->at += line_end(t->at);
	}
	while (!status) {
		size_t quotes = strspn(t->at, quote == '"' ? "\"" : "'");

		if (!*t->at)
			return tv_tree_wrong(err, line, "a text that does not end");
		if (quotes >= width) {
			/* Up to two more belong to the text. */
			quotes = is_long && quotes > 5 ? 5 : is_long ? quotes : 1;
			tv_secret_append(out, t->at, quotes - width);
			t->at += quotes;
			return tv_secret_check(out, err);
		}
		if (quotes)
			tv_secret_putc(out, *t->at++);
		else
			status = read_character(out, t, quote == '\'', is_long, err);
	}
	return status;
}

enum tv_status tv_toml_name(struct tv_secret *out, struct tv_text *t, struct tv_error *err)
{
	size_t len = strspn(t->at, BARE);

	if (*t->at == '"' || *t->at == '\'')
		return tv_toml_string(out, t, true, err);
	if (!len)
		return tv_tree_wrong(err, t->line, "a name was expected");
	tv_secret_append(out, t->at, len);
	t->at += len;
	return tv_secret_check(out, err);
}

/* Digits of one kind, with single underscores between them; 0: none, or wrong ones. */
static size_t digits_of(const char *at, const char *kind)
{
	size_t len = strspn(at, kind);

	while (len && at[len] == '_') {
		size_t more = strspn(at + len + 1, kind);

		if (!more)
			return 0;
		len += 1 + more;
	}
	return len;
}

static size_t number_length(const char *at)
{
	static const char *const kinds[] = {DIGITS "abcdefABCDEF", "01234567", "01"};
	static const char marks[] = "xob";
	const char *mark = at[0] == '0' && at[1] ? strchr(marks, at[1]) : NULL;
	size_t sign = strspn(at, "+-") == 1, len, more;

	if (mark)
		return (len = digits_of(at + 2, kinds[mark - marks])) ? len + 2 : 0;
	if (!strncmp(at + sign, "inf", 3) || !strncmp(at + sign, "nan", 3))
		return sign + 3;
	len = digits_of(at + sign, DIGITS);
	if (!len || (at[sign] == '0' && len > 1))
		return 0;
	len += sign;
	if (at[len] == '.') {
		more = digits_of(at + len + 1, DIGITS);
		len = more ? len + 1 + more : 0;
	}
	if (len && (at[len] == 'e' || at[len] == 'E')) {
		sign = at[len + 1] == '+' || at[len + 1] == '-';
		more = digits_of(at + len + 1 + sign, DIGITS);
		len = more ? len + 1 + sign + more : 0;
	}
	return len;
}

/* A number of exactly so many digits between bounds, or −1. */
static int field(const char *at, size_t digits, int least, int most)
{
	int n = 0;

	if (strspn(at, DIGITS) < digits)
		return -1;
	for (size_t i = 0; i < digits; i++)
		n = n * 10 + (at[i] - '0');
	return n < least || n > most ? -1 : n;
}

static size_t date_length(const char *at)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year = field(at, 4, 1, 9999), month, most;

	if (year < 0 || at[4] != '-')
		return 0;
	month = field(at + 5, 2, 1, 12);
	if (month < 0 || at[7] != '-')
		return 0;
	most = days[month - 1];
	if (month == 2 && year % 4 == 0 && (year % 100 || year % 400 == 0))
		most = 29;
	return field(at + 8, 2, 1, most) < 0 ? 0 : 10;
}

static size_t time_length(const char *at)
{
	size_t len = 8, more;

	if (field(at, 2, 0, 23) < 0 || at[2] != ':' || field(at + 3, 2, 0, 59) < 0 ||
	    at[5] != ':' || field(at + 6, 2, 0, 59) < 0)
		return 0;
	if (at[len] == '.') {
		more = strspn(at + len + 1, DIGITS);
		len = more ? len + 1 + more : 0;
	}
	return len;
}

static size_t zone_length(const char *at)
{
	if (*at == 'Z' || *at == 'z')
		return 1;
	if ((*at != '+' && *at != '-') || field(at + 1, 2, 0, 23) < 0 || at[3] != ':' ||
	    field(at + 4, 2, 0, 59) < 0)
		return 0;
	return 6;
}

static size_t when_length(const char *at)
{
	size_t date = date_length(at), time;

	if (!date)
		return time_length(at);
	if (!at[date] || !strchr("Tt ", at[date]) || !strchr(DIGITS, at[date + 1]) || !at[date + 1])
		return date;
	time = time_length(at + date + 1);
	return time ? date + 1 + time + zone_length(at + date + 1 + time) : 0;
}

enum tv_status tv_toml_word(struct tv_json *parent, const char *key, struct tv_text *t,
			    struct tv_error *err)
{
	struct tv_slice word = {t->at, when_length(t->at)};

	if (!word.len)
		word.len = number_length(t->at);
	if (!word.len && (!strncmp(t->at, "true", 4) || !strncmp(t->at, "false", 5)))
		word.len = *t->at == 't' ? 4 : 5;
	if (!word.len || (word.at[word.len] && !strchr(" \t\r\n,]}#", word.at[word.len])))
		return tv_tree_wrong(err, t->line, "no value that TOML knows");
	t->at += word.len;
	return tv_tree_put_plain(parent, key, word, t->line, err);
}
