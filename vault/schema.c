/* Checks JSON against tables of members, and names file, line and key of what is wrong. */
#include "vault/schema.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "vault/doc.h"
#include "vault/jsonline.h"

#define DEPTH_MAX 8
#define KEY_SHOWN 40

/* A piece of text that fills a buffer of fixed size and stops at its end. */
struct note {
	char text[300];
	size_t len;
};

static void note(struct note *n, const char *text)
{
	for (; *text && n->len + 1 < sizeof n->text; text++)
		n->text[n->len++] = *text;
	n->text[n->len] = '\0';
}

static size_t index_in(const struct tv_json *parent, const struct tv_json *child)
{
	size_t i = 0;

	for (const struct tv_json *c = tv_json_first(parent); c && c != child; c = tv_json_next(c))
		i++;
	return i;
}

/* A key that is not ours may hold what a terminal would obey. */
static void note_key(struct note *n, const char *key)
{
	char shown[KEY_SHOWN + 1];
	size_t i = 0;

	for (; key[i] && i < KEY_SHOWN; i++)
		shown[i] = key[i] >= ' ' && key[i] <= '~' ? key[i] : '?';
	shown[i] = '\0';
	note(n, n->len ? "." : "");
	note(n, shown);
}

static void note_place(struct note *n, const struct tv_place *place)
{
	char number[32];

	if (!place->up)
		return;
	note_place(n, place->up);
	if (tv_json_key(place->at)) {
		note_key(n, tv_json_key(place->at));
		return;
	}
	snprintf(number, sizeof number, "[%zu]", index_in(place->up->at, place->at));
	note(n, number);
}

static size_t line_of(const struct tv_source *s, const struct tv_place *place)
{
	size_t steps[DEPTH_MAX];
	size_t from = DEPTH_MAX;

	for (; place->up && from; place = place->up)
		steps[--from] = index_in(place->up->at, place->at);
	return tv_json_line(s->text, s->len, steps + from, DEPTH_MAX - from);
}

enum tv_status tv_schema_wrong(const struct tv_source *s, const struct tv_place *place,
			       const char *format, ...)
{
	struct note path = {0};
	char words[300];
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof words, format, args);
	va_end(args);
	note_place(&path, place);
	return tv_fail(s->err, TV_BAD_DEFINITION, "%s:%zu: %s%s%s", s->file, line_of(s, place),
		       path.text, path.len ? ": " : "", words);
}

static enum tv_status check_lines(const struct tv_source *s, const struct tv_place *place)
{
	const struct tv_json *line = tv_json_first(place->at);

	if (tv_json_text(place->at))
		return TV_OK;
	if (!tv_json_is_array(place->at))
		return tv_schema_wrong(s, place, "a text or a list of lines expected");
	for (; line; line = tv_json_next(line)) {
		const struct tv_place at = {place, line};

		if (!tv_json_text(line) || strpbrk(tv_json_text(line), "\r\n"))
			return tv_schema_wrong(s, &at, "a text without line end expected");
	}
	return TV_OK;
}

static enum tv_status check_texts(const struct tv_source *s, const struct tv_place *place)
{
	if (!tv_json_is_array(place->at))
		return tv_schema_wrong(s, place, "a list of texts expected");
	for (const struct tv_json *c = tv_json_first(place->at); c; c = tv_json_next(c))
		if (!tv_json_text(c) || !tv_text_is_shown(tv_json_text(c), SIZE_MAX))
			return tv_schema_wrong(s, &(struct tv_place){place, c},
					       "a text without control characters expected");
	return TV_OK;
}

static enum tv_status check_type(const struct tv_source *s, const struct tv_place *place,
				 enum tv_schema_type type)
{
	const char *text = tv_json_text(place->at);

	if (type == TV_SCHEMA_LINES)
		return check_lines(s, place);
	if (type == TV_SCHEMA_TEXTS)
		return check_texts(s, place);
	if (type == TV_SCHEMA_TEXT && (!text || !tv_text_is_shown(text, SIZE_MAX)))
		return tv_schema_wrong(s, place, "a text without control characters expected");
	if (type == TV_SCHEMA_BOOL && !tv_json_is_bool(place->at))
		return tv_schema_wrong(s, place, "true or false expected");
	if (type == TV_SCHEMA_OBJECT && !tv_json_is_object(place->at))
		return tv_schema_wrong(s, place, "an object expected");
	if (type == TV_SCHEMA_OBJECTS && !tv_json_is_object(place->at) &&
	    !tv_json_is_array(place->at))
		return tv_schema_wrong(s, place, "an object or a list of objects expected");
	if (type == TV_SCHEMA_ARRAY && !tv_json_is_array(place->at))
		return tv_schema_wrong(s, place, "a list expected");
	return TV_OK;
}

static enum tv_status no_member(const struct tv_source *s, const struct tv_place *place,
				const struct tv_member *members)
{
	struct note names = {0};

	for (const struct tv_member *m = members; m->name; m++) {
		note(&names, names.len ? ", " : "");
		note(&names, m->name);
	}
	return tv_schema_wrong(s, place, "no such member; one of %s expected", names.text);
}

static enum tv_status check_member(const struct tv_source *s, const struct tv_place *place,
				   const struct tv_member *members)
{
	for (const struct tv_member *m = members; m->name; m++)
		if (!strcmp(m->name, tv_json_key(place->at)))
			return check_type(s, place, m->type);
	return no_member(s, place, members);
}

enum tv_status tv_schema_check(const struct tv_source *s, const struct tv_place *place,
			       const struct tv_member *members)
{
	enum tv_status status = check_type(s, place, TV_SCHEMA_OBJECT);
	const struct tv_json *child = tv_json_first(place->at);

	for (; child && !status; child = tv_json_next(child))
		status = check_member(s, &(struct tv_place){place, child}, members);
	for (; members->name && !status; members++)
		if (members->required && !tv_json_get(place->at, members->name))
			status = tv_schema_wrong(s, place, "member \"%s\" expected", members->name);
	return status;
}
