/* Takes a template apart into text and tags, with mustache's rule for tags that stand alone on a line. */
#include "vault/tags.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Where the parsing is. */
struct scan {
	struct tv_tags *tags;
	const char *start; /* of the template */
	const char *at;
	size_t line;
	size_t open[TV_TAGS_DEPTH]; /* the sections that are not closed yet */
	size_t depth;
	struct tv_error *err;
};

void tv_tags_free(struct tv_tags *t)
{
	free(t->at);
	*t = (struct tv_tags){0};
}

static enum tv_status push(struct scan *s, enum tv_tag_kind kind, const char *at, size_t len)
{
	struct tv_tags *t = s->tags;

	if (t->count == t->size) {
		size_t size = t->size ? 2 * t->size : 32;
		struct tv_tag *more = reallocarray(t->at, size, sizeof *more);

		if (!more)
			return tv_fail(s->err, TV_NO_MEMORY, "a template can't be read");
		t->at = more;
		t->size = size;
	}
	t->at[t->count++] = (struct tv_tag){.kind = kind, .at = at, .len = len, .line = s->line};
	return TV_OK;
}

/* A tag as errors show it: cut short, and without the bytes that a terminal would obey. */
static enum tv_status wrong(const struct scan *s, const char *tag, size_t len, const char *why)
{
	char shown[48];
	size_t n = 0;

	for (; n < len && n + 1 < sizeof shown; n++)
		shown[n] = tag[n] >= ' ' && tag[n] <= '~' ? tag[n] : '?';
	shown[n] = '\0';
	return tv_fail(s->err, TV_BAD_DEFINITION, "line %zu: %s: %s", s->line, shown, why);
}

static bool is_name(const char *at, size_t len)
{
	size_t part = 0;

	if (len == 1 && *at == '.')
		return true;
	for (size_t i = 0; i < len; i++) {
		if (at[i] == '.' ? !part
				 : !strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrst"
					   "uvwxyz0123456789_-",
					   at[i]))
			return false;
		part = at[i] == '.' ? 0 : part + 1;
		if (part >= TV_NAME_MAX)
			return false;
	}
	return part > 0;
}

static enum tv_status open_section(struct scan *s, enum tv_tag_kind kind, const char *name,
				   size_t len)
{
	if (s->depth == TV_TAGS_DEPTH)
		return wrong(s, name, len, "sections are nested too deep");
	s->open[s->depth++] = s->tags->count;
	return push(s, kind, name, len);
}

static enum tv_status close_section(struct scan *s, const char *name, size_t len)
{
	struct tv_tag *section = s->depth ? &s->tags->at[s->open[s->depth - 1]] : NULL;

	if (!section || section->len != len || strncmp(section->at, name, len) != 0)
		return wrong(s, name, len, "this section's end has no beginning just before it");
	section->end = s->tags->count;
	s->depth--;
	return push(s, TV_TAG_END, name, len);
}

/* Puts one tag's insides, without the braces, where it belongs. */
static enum tv_status add_tag(struct scan *s, const char *at, size_t len)
{
	const char *whole = at;
	const size_t whole_len = len;
	const char sigil = len ? *at : '\0';

	if (sigil == '!')
		return TV_OK;
	if (sigil && strchr("#^/", sigil)) {
		at++;
		len--;
	}
	for (; len && strchr(" \t\r\n", *at); len--)
		at++;
	while (len && strchr(" \t\r\n", at[len - 1]))
		len--;
	if (!is_name(at, len))
		return wrong(
			s, whole, whole_len,
			"{{name}}, {{#name}}, {{^name}}, {{/name}} or {{! comment }} expected");
	switch (sigil) {
	case '#':
		return open_section(s, TV_TAG_SECTION, at, len);
	case '^':
		return open_section(s, TV_TAG_INVERTED, at, len);
	case '/':
		return close_section(s, at, len);
	default:
		return push(s, TV_TAG_VARIABLE, at, len);
	}
}

/* The line around a tag, when nothing but blanks is on it; else the tag itself. */
static void widen(const struct scan *s, const char **from, const char **to)
{
	const char *first = *from;
	const char *last = *to;

	while (first > s->start && strchr(" \t", first[-1]))
		first--;
	last += strspn(last, " \t");
	if (first > s->start && first[-1] != '\n')
		return;
	if (*last == '\r' && last[1] == '\n')
		last++;
	if (*last && *last != '\n')
		return;
	*from = first;
	*to = *last ? last + 1 : last;
}

static void count_lines(struct scan *s, const char *to)
{
	for (; s->at < to; s->at++)
		s->line += *s->at == '\n';
}

/* One stretch of text and the tag after it. */
static enum tv_status step(struct scan *s)
{
	const char *tag = strstr(s->at, "{{");
	const char *close = tag ? strstr(tag + 2, "}}") : NULL;
	const char *from = tag ? tag : s->at + strlen(s->at);
	const char *to = close ? close + 2 : from;
	enum tv_status status;

	if (close && strchr("#^/!", tag[2]))
		widen(s, &from, &to);
	if (from > s->at) {
		status = push(s, TV_TAG_TEXT, s->at, (size_t)(from - s->at));
		if (status)
			return status;
	}
	count_lines(s, tag ? tag : from);
	if (!tag)
		return TV_OK;
	if (!close)
		return wrong(s, tag, strcspn(tag, "\n"), "the tag is not closed");
	status = add_tag(s, tag + 2, (size_t)(close - tag - 2));
	count_lines(s, to);
	return status;
}

static enum tv_status parse(struct scan *s)
{
	while (*s->at) {
		enum tv_status status = step(s);

		if (status)
			return status;
	}
	if (s->depth) {
		const struct tv_tag *tag = &s->tags->at[s->open[s->depth - 1]];

		s->line = tag->line;
		return wrong(s, tag->at, tag->len, "the section is not closed");
	}
	return TV_OK;
}

enum tv_status tv_tags_parse(struct tv_tags *out, const char *text, size_t *line,
			     struct tv_error *err)
{
	tv_auto_tags tags = {0};
	struct scan s = {.tags = &tags, .start = text, .at = text, .line = 1, .err = err};
	enum tv_status status = parse(&s);

	if (status) {
		if (line)
			*line = s.line;
		return status;
	}
	*out = tags;
	tags = (struct tv_tags){0};
	return TV_OK;
}
