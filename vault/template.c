/* Renders templates: the mustache subset of variables, sections, inverted sections and comments. */
#include "vault/template.h"

#include <stdlib.h>
#include <string.h>

#include "vault/filter.h"
#include "vault/tags.h"

/* Bounds of one rendering, for sections in sections multiply. */
#define VISITS_MAX (4u << 20)
#define BYTES_MAX  (64u << 20)

struct rendering {
	struct tv_secret *out;
	const struct tv_tag *tags;
	const struct tv_escape *escape;
	const struct tv_json *stack[TV_TAGS_DEPTH + 1]; /* the data, and what sections went into */
	size_t depth;
	size_t visits;
	struct tv_error *err;
};

static enum tv_status render_range(struct rendering *r, size_t from, size_t to);

/* The part of a dotted name up to its next dot; *name moves past it. */
static void take_part(char part[static TV_NAME_MAX], const char **name, const char *end)
{
	size_t n = 0;

	while (*name < end && **name != '.')
		part[n++] = *(*name)++;
	part[n] = '\0';
	if (*name < end)
		(*name)++;
}

/* The first part comes from the innermost context that has it, the others from there only. */
static const struct tv_json *find(const struct rendering *r, const struct tv_tag *tag)
{
	const char *name = tag->at;
	const char *end = tag->at + tag->len;
	const struct tv_json *found = NULL;
	char part[TV_NAME_MAX];

	if (tag->len == 1 && *name == '.')
		return r->stack[r->depth - 1];
	take_part(part, &name, end);
	for (size_t i = r->depth; i-- > 0 && !found;)
		if (tv_json_is_object(r->stack[i]))
			found = tv_json_get(r->stack[i], part);
	while (found && name < end) {
		take_part(part, &name, end);
		found = tv_json_is_object(found) ? tv_json_get(found, part) : NULL;
	}
	return found;
}

static bool is_truthy(const struct tv_json *j)
{
	const char *text = tv_json_text(j);

	if (!j || tv_json_is_null(j) || (tv_json_is_bool(j) && !tv_json_is_true(j)))
		return false;
	if (tv_json_is_array(j))
		return tv_json_first(j) != NULL;
	return !text || *text;
}

static enum tv_status render_variable(struct rendering *r, const struct tv_json *value)
{
	const char *text = tv_json_text(value);
	tv_auto_secret printed = {0};

	if (!text && value && !tv_json_is_null(value) && !tv_json_is_object(value) &&
	    !tv_json_is_array(value)) {
		enum tv_status status = tv_json_print(&printed, value, r->err);

		if (status)
			return status;
	}
	return r->escape->append(r->out, text ? text : tv_secret_text(&printed), r->err);
}

/* The section's insides with one more context. */
static enum tv_status render_inside(struct rendering *r, const struct tv_json *context,
				    size_t section)
{
	enum tv_status status;

	r->stack[r->depth++] = context;
	status = render_range(r, section + 1, r->tags[section].end);
	r->depth--;
	return status;
}

static enum tv_status render_section(struct rendering *r, const struct tv_json *value,
				     size_t section)
{
	enum tv_status status = TV_OK;

	if (!is_truthy(value))
		return TV_OK;
	if (!tv_json_is_array(value))
		return render_inside(r, value, section);
	for (value = tv_json_first(value); value && !status; value = tv_json_next(value))
		status = render_inside(r, value, section);
	return status;
}

/* The section's insides as they are, encoded, and then escaped like a value. */
static enum tv_status render_filter(struct rendering *r, const struct tv_escape *filter,
				    size_t section)
{
	struct tv_secret *out = r->out;
	const struct tv_escape *escape = r->escape;
	tv_auto_secret inside = {0};
	tv_auto_secret encoded = {0};
	enum tv_status status;

	r->out = &inside;
	r->escape = &tv_filter_nothing;
	status = render_range(r, section + 1, r->tags[section].end);
	r->out = out;
	r->escape = escape;
	if (!status)
		status = filter->append(&encoded, tv_secret_text(&inside), r->err);
	return status ? status : escape->append(out, tv_secret_text(&encoded), r->err);
}

static enum tv_status render_tag(struct rendering *r, size_t i)
{
	const struct tv_tag *tag = &r->tags[i];
	const struct tv_escape *filter = tv_filter_by_name(tag->at, tag->len);

	switch (tag->kind) {
	case TV_TAG_TEXT:
		tv_secret_append(r->out, tag->at, tag->len);
		return tv_secret_check(r->out, r->err);
	case TV_TAG_VARIABLE:
		return render_variable(r, find(r, tag));
	case TV_TAG_SECTION:
		return filter ? render_filter(r, filter, i) : render_section(r, find(r, tag), i);
	case TV_TAG_INVERTED:
		return is_truthy(find(r, tag)) ? TV_OK : render_range(r, i + 1, tag->end);
	case TV_TAG_END:
		break;
	}
	return TV_OK;
}

static enum tv_status render_range(struct rendering *r, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		enum tv_status status = render_tag(r, i);

		if (status)
			return status;
		if (++r->visits > VISITS_MAX || r->out->len > BYTES_MAX)
			return tv_fail(r->err, TV_BAD_DEFINITION, "a template makes too much");
		if (r->tags[i].kind == TV_TAG_SECTION || r->tags[i].kind == TV_TAG_INVERTED)
			i = r->tags[i].end;
	}
	return TV_OK;
}

enum tv_status tv_template_check(const char *text, size_t *line, struct tv_error *err)
{
	tv_auto_tags tags = {0};

	return tv_tags_parse(&tags, text, line, err);
}

enum tv_status tv_template_render(struct tv_secret *out, const char *text,
				  const struct tv_json *data, const struct tv_escape *escape,
				  struct tv_error *err)
{
	tv_auto_tags tags = {0};
	tv_auto_secret rendered = {0};
	struct rendering r = {
		.out = &rendered, .escape = escape, .stack = {data}, .depth = 1, .err = err};
	enum tv_status status = tv_tags_parse(&tags, text, NULL, err);

	if (status)
		return status;
	r.tags = tags.at;
	status = render_range(&r, 0, tags.count);
	if (status)
		return status;
	tv_secret_append(out, rendered.data, rendered.len);
	return tv_secret_check(out, err);
}

void tv_template_names(const char *text, void (*visit)(const char *name, size_t line, void *arg),
		       void *arg)
{
	tv_auto_tags tags = {0};

	if (tv_tags_parse(&tags, text, NULL, NULL))
		return;
	for (size_t i = 0; i < tags.count; i++) {
		const struct tv_tag *tag = &tags.at[i];
		char *name;

		if (tag->kind == TV_TAG_TEXT || tag->kind == TV_TAG_END ||
		    (tag->kind == TV_TAG_SECTION && tv_filter_by_name(tag->at, tag->len)))
			continue;
		name = strndup(tag->at, tag->len);
		if (name)
			visit(name, tag->line, arg);
		free(name);
	}
}
