/* Reads the templates of definitions, and refuses those with faults or unknown names. */
#include <stdlib.h>
#include <string.h>

#include "vault/definition.h"
#include "vault/tags.h"
#include "vault/template.h"

/* Where a template's line is written. */
static struct tv_place place_of_line(const struct tv_place *template, size_t line)
{
	const struct tv_json *child = tv_json_first(template->at);

	if (!tv_json_is_array(template->at))
		return *template;
	while (child && --line)
		child = tv_json_next(child);
	return child ? (struct tv_place){template, child} : *template;
}

struct names_check {
	const struct tv_reading *reading;
	const struct tv_names *names;
	char unknown[TV_NAME_MAX];
	size_t line; /* 0: all are known */
};

static bool is_known(const struct names_check *c, const char *name)
{
	const struct tv_names *names = c->names;

	return !strcmp(name, ".") || (names->always && tv_is_one_of(name, names->always)) ||
	       (names->more && tv_is_one_of(name, names->more)) ||
	       tv_reading_has_field(c->reading, name);
}

static void check_name(const char *name, size_t line, void *arg)
{
	struct names_check *c = arg;

	if (c->line || is_known(c, name))
		return;
	c->line = line;
	strncpy(c->unknown, name, sizeof c->unknown - 1);
}

static enum tv_status check(struct tv_reading *r, const char *text, const struct tv_place *template,
			    const struct tv_names *names)
{
	struct names_check check = {.reading = r, .names = names};
	struct tv_error why = {0};
	struct tv_place place;
	size_t line = 0;
	enum tv_status status;

	if (!*text)
		return tv_schema_wrong(&r->source, template,
				       "a template that is not empty expected");
	status = tv_template_check(text, &line, &why);
	r->out_of_memory |= status == TV_NO_MEMORY;
	if (status) {
		place = place_of_line(template, line);
		return tv_schema_wrong(&r->source, &place, "%.200s", why.detail);
	}
	tv_template_names(text, check_name, &check);
	if (!check.line)
		return TV_OK;
	place = place_of_line(template, check.line);
	return tv_schema_wrong(&r->source, &place,
			       "line %zu: %s: a built-in name or a declared field expected",
			       check.line, check.unknown);
}

enum tv_status tv_reading_template(struct tv_reading *r, const char **out,
				   const struct tv_place *template, const struct tv_names *names)
{
	tv_auto_bytes text = {0};

	if (tv_json_text(template->at)) {
		*out = tv_reading_copy(r, tv_json_text(template->at));
		return *out ? check(r, *out, template, names) : TV_OK;
	}
	for (const struct tv_json *c = tv_json_first(template->at); c; c = tv_json_next(c)) {
		tv_bytes_append(&text, tv_json_text(c), strlen(tv_json_text(c)));
		tv_bytes_append(&text, "\n", 1);
	}
	tv_bytes_append(&text, "", 1);
	*out = text.failed ? NULL : tv_reading_copy(r, (const char *)text.data);
	r->out_of_memory |= text.failed;
	return *out ? check(r, *out, template, names) : TV_OK;
}
