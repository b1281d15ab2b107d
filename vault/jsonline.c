/* Walks JSON text to a value and counts lines on the way: parsed values don't know theirs. */
#include "vault/jsonline.h"

#include <string.h>

struct walk {
	const char *at;
	const char *end;
	size_t line;
};

static char peek(const struct walk *w)
{
	return w->at < w->end ? *w->at : '\0';
}

static char take(struct walk *w)
{
	const char c = peek(w);

	if (w->at < w->end)
		w->at++;
	w->line += c == '\n';
	return c;
}

static void skip_space(struct walk *w)
{
	while (peek(w) && strchr(" \t\r\n", peek(w)))
		take(w);
}

static void skip_string(struct walk *w)
{
	take(w);
	while (peek(w) && peek(w) != '"')
		if (take(w) == '\\')
			take(w);
	take(w);
}

/* One value: up to the comma or bracket that ends it. */
static void skip_value(struct walk *w)
{
	size_t depth = 0;

	for (;;) {
		const char c = peek(w);

		if (!c || (!depth && strchr(",]}", c)))
			return;
		if (c == '"') {
			skip_string(w);
			continue;
		}
		if (c == '[' || c == '{')
			depth++;
		if (c == ']' || c == '}')
			depth--;
		take(w);
	}
}

/* From an object or array to its child; *is_member tells that its name comes first. */
static void enter(struct walk *w, size_t child, int *is_member)
{
	*is_member = take(w) == '{';
	while (child--) {
		skip_value(w);
		take(w);
	}
	skip_space(w);
}

size_t tv_json_line(const char *text, size_t len, const size_t *steps, size_t n_steps)
{
	struct walk w = {.at = text, .end = text + len, .line = 1};
	int is_member = 0;

	skip_space(&w);
	for (size_t i = 0; i < n_steps; i++) {
		if (is_member) {
			skip_string(&w);
			skip_space(&w);
			take(&w);
			skip_space(&w);
		}
		enter(&w, steps[i], &is_member);
	}
	return w.line;
}
