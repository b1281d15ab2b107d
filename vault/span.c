/* Skips over JSON values. */
#include "vault/span.h"

#include <string.h>

struct walk {
	const char *at;
	const char *end;
};

static char peek(const struct walk *w)
{
	return w->at < w->end ? *w->at : '\0';
}

static void skip_space(struct walk *w)
{
	while (w->at < w->end && memchr(" \t\r\n", *w->at, 4))
		w->at++;
}

static void skip_string(struct walk *w)
{
	for (w->at++; w->at < w->end && *w->at != '"'; w->at++)
		if (*w->at == '\\' && w->at + 1 < w->end)
			w->at++;
	if (w->at < w->end)
		w->at++;
}

/* Up to the comma or bracket behind a value, or the end. */
static void skip_value(struct walk *w)
{
	size_t depth = 0;

	while (w->at < w->end) {
		switch (*w->at) {
		case '"':
			skip_string(w);
			continue;
		case '[':
		case '{':
			depth++;
			break;
		case ']':
		case '}':
			if (!depth--)
				return;
			break;
		case ',':
			if (!depth)
				return;
			break;
		default:
			break;
		}
		w->at++;
	}
}

static struct tv_span since(const char *start, const struct walk *w)
{
	return (struct tv_span){start, (size_t)(w->at - start)};
}

bool tv_span_member(struct tv_span *out, struct tv_span object, const char *name)
{
	struct walk w = {object.at, object.at + object.len};
	const size_t len = strlen(name);

	skip_space(&w);
	do {
		struct tv_span spelled;
		const char *start;

		/* Over the bracket or the comma. */
		w.at += w.at < w.end;
		skip_space(&w);
		start = w.at;
		if (peek(&w) == '"')
			skip_string(&w);
		spelled = since(start, &w);
		skip_space(&w);
		if (peek(&w) != ':')
			return false;
		w.at++;
		skip_space(&w);
		start = w.at;
		skip_value(&w);
		if (spelled.len == len + 2 && !memcmp(spelled.at + 1, name, len)) {
			*out = since(start, &w);
			return true;
		}
	} while (peek(&w) == ',');
	return false;
}

/* What follows an element: another one, or the bracket that ends the array, with nothing behind it. */
static bool has_ended(struct walk *w)
{
	if (peek(w) != ']')
		return false;
	w->at++;
	skip_space(w);
	return w->at == w->end;
}

bool tv_span_element(struct tv_span *out, struct tv_span *rest)
{
	struct walk w = {rest->at, rest->at + rest->len};
	const char *start;
	bool is_first;

	if (!rest->at)
		return false;
	skip_space(&w);
	is_first = peek(&w) == '[';
	if (!is_first && peek(&w) != ',') {
		if (has_ended(&w))
			rest->at = NULL;
		return false;
	}
	w.at++;
	skip_space(&w);
	if (is_first && has_ended(&(struct walk){w.at, w.end})) {
		rest->at = NULL;
		return false;
	}
	start = w.at;
	skip_value(&w);
	*out = since(start, &w);
	*rest = (struct tv_span){w.at, (size_t)(w.end - w.at)};
	return out->len;
}
