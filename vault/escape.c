/* The escape rules of most formats; YAML's is in yaml.c, that of addresses in filter.c. */
#include "vault/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "vault/utf8.h"

#define LETTERS_AND_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static enum tv_status refuse(struct tv_error *err, const char *why)
{
	return tv_fail(err, TV_BAD_VALUE, "%s", why);
}

static enum tv_status check_utf8(const char *text, struct tv_error *err)
{
	return tv_utf8_is_valid(text, strlen(text)) ? TV_OK : refuse(err, "a value is not UTF-8");
}

static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

/* What some reader or other takes for the end of a line or for white space. */
static bool is_space(uint32_t c)
{
	return c == ' ' || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
	       c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000 ||
	       c == 0xfeff;
}

/* Refuses what would end a line, and all other control characters. */
static enum tv_status check_line(const char *text, struct tv_error *err)
{
	enum tv_status status = check_utf8(text, err);

	if (status)
		return status;
	while (*text) {
		const uint32_t c = tv_utf8_next(&text);

		if (is_control(c) || c == 0x2028 || c == 0x2029)
			return refuse(err, "a value with a line end or control character can't be "
					   "written in this kind of file");
	}
	return TV_OK;
}

static bool has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

/* A double-quoted string as JSON and TOML have it: both know all of these escapes. */
static enum tv_status append_json(struct tv_secret *out, const char *text, struct tv_error *err)
{
	static const char letters[] = "\"\"\\\\\bb\tt\nn\ff\rr";
	enum tv_status status = check_utf8(text, err);

	if (status)
		return status;
	tv_secret_putc(out, '"');
	for (; *text; text++) {
		const unsigned char c = (unsigned char)*text;
		const char *letter = letters;

		while (*letter && (unsigned char)*letter != c)
			letter += 2;
		if (*letter) {
			tv_secret_putc(out, '\\');
			tv_secret_putc(out, letter[1]);
		} else if (c < 0x20 || c == 0x7f) {
			char hex[7];

			snprintf(hex, sizeof hex, "\\u%04X", c);
			tv_secret_puts(out, hex);
		} else {
			tv_secret_putc(out, (char)c);
		}
	}
	tv_secret_putc(out, '"');
	return tv_secret_check(out, err);
}

static enum tv_status append_toml(struct tv_secret *out, const char *text, struct tv_error *err)
{
	enum tv_status status = check_utf8(text, err);

	if (status)
		return status;
	if (strchr(text, '\'') || has_control(text))
		return append_json(out, text, err);
	tv_secret_putc(out, '\'');
	tv_secret_puts(out, text);
	tv_secret_putc(out, '\'');
	return tv_secret_check(out, err);
}

static bool has_space_at_an_end(const char *text)
{
	const char *at = text;
	const bool first = *at && is_space(tv_utf8_next(&at));
	bool last = first;

	while (*at)
		last = is_space(tv_utf8_next(&at));
	return first || last;
}

/* INI has no common way to quote. Readers differ in comments (# and ;), quotes, backslashes and
 * interpolation (%), and all of them trim: what they don't read alike is refused. */
static enum tv_status append_ini(struct tv_secret *out, const char *text, struct tv_error *err)
{
	enum tv_status status = check_line(text, err);

	if (status)
		return status;
	if (has_space_at_an_end(text))
		return refuse(err, "a value that begins or ends with a space can't be written in "
				   "an INI file");
	if (strpbrk(text, "#;\"'\\%") || strstr(text, "${"))
		return refuse(err,
			      "a value with one of # ; \" ' \\ % ${ can't be written in an INI "
			      "file: its readers disagree on them");
	tv_secret_puts(out, text);
	return tv_secret_check(out, err);
}

/* A word. Not all readers know quotes, and Python drops a backslash that curl keeps. */
static enum tv_status append_netrc(struct tv_secret *out, const char *text, struct tv_error *err)
{
	enum tv_status status = check_line(text, err);

	if (status)
		return status;
	if (!*text)
		return refuse(err, "an empty value can't be written in a netrc file");
	if (*text == '#' || strpbrk(text, "\"'\\"))
		return refuse(err, "a value with a quote or backslash, or with # in front, can't "
				   "be written in a netrc file: its readers disagree on them");
	for (const char *at = text; *at;)
		if (is_space(tv_utf8_next(&at)))
			return refuse(err, "a value with a space can't be written in a netrc file");
	tv_secret_puts(out, text);
	return tv_secret_check(out, err);
}

/* A word of the shell. zsh expands a leading =, which would otherwise be safe. */
static enum tv_status append_shell(struct tv_secret *out, const char *text, struct tv_error *err)
{
	enum tv_status status = check_utf8(text, err);

	if (status)
		return status;
	if (*text && *text != '=' && !text[strspn(text, LETTERS_AND_DIGITS "_./:@%+,=-")]) {
		tv_secret_puts(out, text);
		return tv_secret_check(out, err);
	}
	tv_secret_putc(out, '\'');
	for (; *text; text++)
		if (*text == '\'')
			tv_secret_puts(out, "'\\''");
		else
			tv_secret_putc(out, *text);
	tv_secret_putc(out, '\'');
	return tv_secret_check(out, err);
}

static enum tv_status append_none(struct tv_secret *out, const char *text, struct tv_error *err)
{
	enum tv_status status = check_line(text, err);

	if (status)
		return status;
	tv_secret_puts(out, text);
	return tv_secret_check(out, err);
}

static const struct tv_escape toml = {"toml", append_toml};
static const struct tv_escape toml_basic = {"toml-basic", append_json};
static const struct tv_escape json = {"json", append_json};
static const struct tv_escape ini = {"ini", append_ini};
static const struct tv_escape netrc = {"netrc", append_netrc};
static const struct tv_escape shell = {"shell", append_shell};
static const struct tv_escape none = {"none", append_none};

const struct tv_escape *const *tv_escapes(void)
{
	static const struct tv_escape *const all[] = {
		&tv_escape_yaml, &toml,	 &toml_basic,	 &json, &ini,
		&netrc,		 &shell, &tv_escape_uri, &none, NULL,
	};

	return all;
}

const struct tv_escape *tv_escape_by_name(const char *name)
{
	for (const struct tv_escape *const *e = tv_escapes(); *e; e++)
		if (!strcmp((*e)->name, name))
			return *e;
	return NULL;
}
