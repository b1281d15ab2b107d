/* YAML, by libyaml's events: one document, names are texts, aliases are copied within bounds. */
#include <string.h>
#include <yaml.h>

#include "cli/read/format.h"
#include "cli/read/tree.h"

#define DEPTH_MAX   64
#define ANCHORS_MAX 256

/* A mapping or sequence that is not ended yet. */
struct level {
	struct tv_json *node;
	struct tv_secret key; /* in a mapping: the name that waits for its value */
	bool has_key;
	size_t anchor; /* its number, or ANCHORS_MAX */
};

struct anchor {
	struct tv_secret name;
	struct tv_json *node; /* NULL while it is not ended */
};

struct yaml {
	yaml_parser_t parser;
	struct level levels[DEPTH_MAX];
	size_t depth;
	struct anchor anchors[ANCHORS_MAX];
	size_t n_anchors;
	size_t line; /* of the event at hand */
};

static enum tv_status wrong(const struct yaml *y, const char *what, struct tv_error *err)
{
	return tv_tree_wrong(err, y->line, what);
}

static struct tv_slice slice(const void *text)
{
	return (struct tv_slice){text, strlen(text)};
}

/* libyaml's own words, which never show the text. */
static enum tv_status syntax(const struct yaml *y, struct tv_error *err)
{
	const yaml_parser_t *p = &y->parser;

	if (p->error == YAML_MEMORY_ERROR)
		return tv_fail(err, TV_NO_MEMORY, "for the file's values");
	return tv_tree_wrong(err,
			     (p->error == YAML_READER_ERROR ? p->mark : p->problem_mark).line + 1,
			     p->problem ? p->problem : "not YAML");
}

static enum tv_status note_anchor(size_t *number, struct yaml *y, const yaml_char_t *name,
				  struct tv_error *err)
{
	struct anchor *a = &y->anchors[y->n_anchors];

	*number = ANCHORS_MAX;
	if (!name)
		return TV_OK;
	if (y->n_anchors == ANCHORS_MAX)
		return wrong(y, "too many anchors", err);
	tv_secret_puts(&a->name, (const char *)name);
	*number = y->n_anchors++;
	return tv_secret_check(&a->name, err);
}

/* Takes what a name's value goes under: out has the name, or is empty in a sequence. */
static const char *take_key(struct tv_secret *out, struct level *at)
{
	if (!tv_json_is_object(at->node))
		return NULL;
	tv_secret_move(out, &at->key);
	at->has_key = false;
	return tv_secret_text(out);
}

/* The outermost value goes under TV_TREE, as if that were a name. */
static bool wants_key(const struct level *at)
{
	return tv_json_is_object(at->node) && !at->has_key;
}

static bool is_known_tag(const yaml_char_t *tag)
{
	static const char *const known[] = {YAML_STR_TAG,   YAML_INT_TAG, YAML_BOOL_TAG,
					    YAML_FLOAT_TAG, YAML_MAP_TAG, YAML_SEQ_TAG,
					    YAML_NULL_TAG,  "!"};

	for (size_t i = 0; tag && i < sizeof(known) / sizeof(known[0]); i++) {
		if (!strcmp((const char *)tag, known[i]))
			return true;
	}
	return !tag;
}

static bool is_null(struct tv_slice s)
{
	return !s.len || tv_slice_is(s, "~") || tv_slice_is(s, "null") || tv_slice_is(s, "Null") ||
	       tv_slice_is(s, "NULL");
}

static enum tv_status take_name(struct yaml *y, struct level *at, const yaml_event_t *e,
				struct tv_error *err)
{
	struct tv_slice s = {(const char *)e->data.scalar.value, e->data.scalar.length};

	if (e->data.scalar.plain_implicit && tv_slice_is(s, "<<"))
		return wrong(y, "a merge, which is not supported", err);
	if (memchr(s.at, '\0', s.len))
		return wrong(y, "a NUL character", err);
	tv_secret_append(&at->key, s.at, s.len);
	at->has_key = true;
	return tv_secret_check(&at->key, err);
}

/* The value that was put last. */
static struct tv_json *last_of(const struct tv_json *parent, const char *key)
{
	struct tv_json *last = NULL;

	if (key)
		return tv_json_get(parent, key);
	for (struct tv_json *c = tv_json_first(parent); c; c = tv_json_next(c))
		last = c;
	return last;
}

static enum tv_status take_scalar(struct yaml *y, const yaml_event_t *e, struct tv_error *err)
{
	struct level *at = &y->levels[y->depth - 1];
	struct tv_slice s = {(const char *)e->data.scalar.value, e->data.scalar.length};
	const yaml_char_t *tag = e->data.scalar.tag;
	tv_auto_secret name = {0};
	const char *key;
	size_t anchor;
	enum tv_status status;

	if (!is_known_tag(tag))
		return wrong(y, "a tag that is not supported", err);
	status = note_anchor(&anchor, y, e->data.scalar.anchor, err);
	if (status)
		return status;
	if (wants_key(at))
		return take_name(y, at, e, err);
	key = take_key(&name, at);
	if (!e->data.scalar.plain_implicit &&
	    (!tag || !strcmp((const char *)tag, YAML_STR_TAG) || *tag == '!'))
		status = tv_tree_put_text(at->node, key, s, y->line, err);
	else if (is_null(s))
		status = tv_tree_put_null(at->node, key, y->line, err);
	else
		status = tv_tree_put_plain(at->node, key, s, y->line, err);
	if (!status && anchor < ANCHORS_MAX)
		y->anchors[anchor].node = last_of(at->node, key);
	return status;
}

static size_t height(const struct tv_json *j)
{
	size_t most = 0;

	for (const struct tv_json *c = tv_json_first(j); c; c = tv_json_next(c)) {
		size_t h = height(c) + 1;

		most = h > most ? h : most;
	}
	return most;
}

static enum tv_status take_alias(struct yaml *y, const yaml_event_t *e, struct tv_error *err)
{
	struct level *at = &y->levels[y->depth - 1];
	const char *wanted = (const char *)e->data.alias.anchor;
	tv_auto_secret name = {0};
	size_t i = y->n_anchors;
	const char *key;

	for (; i; i--) {
		const char *anchor = tv_secret_text(&y->anchors[i - 1].name);

		if (!strcmp(anchor, wanted))
			break;
	}
	if (!i)
		return wrong(y, "an alias of nothing", err);
	if (!y->anchors[i - 1].node)
		return wrong(y, "an alias of what it stands in, or of a name", err);
	if (wants_key(at))
		return wrong(y, "an alias as a name", err);
	if (y->depth + height(y->anchors[i - 1].node) > DEPTH_MAX)
		return wrong(y, "nested too deep", err);
	key = take_key(&name, at);
	return tv_tree_put_copy(at->node, key, y->anchors[i - 1].node, y->line, err);
}

static enum tv_status begin(struct yaml *y, struct tv_json *node, const yaml_char_t *tag,
			    const yaml_char_t *anchor, struct tv_error *err)
{
	struct level *at = &y->levels[y->depth - 1], *next = &y->levels[y->depth];
	tv_auto_secret name = {0};
	size_t number = ANCHORS_MAX;
	enum tv_status status = TV_OK;

	if (y->depth == DEPTH_MAX)
		status = wrong(y, "nested too deep", err);
	else if (wants_key(at))
		status = wrong(y, "a name that is no text", err);
	else if (!is_known_tag(tag))
		status = wrong(y, "a tag that is not supported", err);
	if (!status)
		status = note_anchor(&number, y, anchor, err);
	if (status) {
		tv_json_free(node);
		return status;
	}
	status = tv_tree_put(at->node, take_key(&name, at), node, y->line, err);
	if (!status) {
		*next = (struct level){.node = node, .anchor = number};
		y->depth++;
	}
	return status;
}

static void end(struct yaml *y)
{
	struct level *at = &y->levels[--y->depth];

	if (at->anchor < ANCHORS_MAX)
		y->anchors[at->anchor].node = at->node;
}

static enum tv_status take(struct yaml *y, const yaml_event_t *e, struct tv_error *err)
{
	y->line = e->start_mark.line + 1;
	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (!y->levels[0].has_key)
			return wrong(y, "a second document", err);
		return TV_OK;
	case YAML_SCALAR_EVENT:
		return take_scalar(y, e, err);
	case YAML_ALIAS_EVENT:
		return take_alias(y, e, err);
	case YAML_MAPPING_START_EVENT:
		return begin(y, tv_json_object(), e->data.mapping_start.tag,
			     e->data.mapping_start.anchor, err);
	case YAML_SEQUENCE_START_EVENT:
		return begin(y, tv_json_array(), e->data.sequence_start.tag,
			     e->data.sequence_start.anchor, err);
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		end(y);
		return TV_OK;
	default:
		return TV_OK;
	}
}

static enum tv_status read_events(struct yaml *y, struct tv_error *err)
{
	enum tv_status status = TV_OK;
	bool is_end = false;

	while (!status && !is_end) {
		yaml_event_t event;

		if (!yaml_parser_parse(&y->parser, &event))
			return syntax(y, err);
		is_end = event.type == YAML_STREAM_END_EVENT;
		status = take(y, &event, err);
		yaml_event_delete(&event);
	}
	/* A file with nothing but comments has no document. */
	if (!status && y->levels[0].has_key)
		status = tv_tree_put_null(y->levels[0].node, TV_TREE, 1, err);
	return status;
}

static enum tv_status parse(struct tv_json *into, const char *text, struct tv_error *err)
{
	static struct yaml y;
	struct tv_slice all = slice(text);
	enum tv_status status;

	if (!yaml_parser_initialize(&y.parser))
		return tv_fail(err, TV_NO_MEMORY, "for the file's values");
	yaml_parser_set_encoding(&y.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&y.parser, (const unsigned char *)all.at, all.len);
	y.levels[y.depth++] = (struct level){.node = into, .has_key = true, .anchor = ANCHORS_MAX};
	tv_secret_puts(&y.levels[0].key, TV_TREE);
	status = read_events(&y, err);
	yaml_parser_delete(&y.parser);
	for (size_t i = 0; i < DEPTH_MAX; i++)
		tv_secret_free(&y.levels[i].key);
	for (size_t i = 0; i < y.n_anchors; i++)
		tv_secret_free(&y.anchors[i].name);
	return status;
}

const struct tv_format tv_format_yaml = {"yaml", parse};
