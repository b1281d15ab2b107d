/* TOML 1.0.0: tables, and which of them may be added to. No library for it is in Debian 12. */
#include "cli/read/toml.h"

#include <string.h>

#include "cli/read/format.h"

#define DEPTH_MAX  60
#define TABLES_MAX 8192

/* What has been said of a table or list besides its members. */
struct mark {
	const struct tv_json *node;
	bool is_closed;	  /* written as a value: nothing may be added */
	size_t section;	  /* made by dotted names there; may be added to in the same section only */
	bool is_declared; /* by a header */
};

struct toml {
	struct tv_text t;
	struct tv_json *root;
	struct tv_json *table; /* of the section */
	size_t section;
	size_t depth; /* of values */
	struct mark marks[TABLES_MAX];
	size_t n_marks;
};

/* A dotted name, but for its last part, has been followed to here. */
struct place {
	struct tv_json *table;
	struct tv_secret name; /* the last part */
	size_t depth;
};

static enum tv_status wrong(const struct toml *p, const char *what, struct tv_error *err)
{
	return tv_tree_wrong(err, p->t.line, what);
}

static struct mark *find_mark(struct toml *p, const struct tv_json *node)
{
	for (size_t i = p->n_marks; i; i--) {
		if (p->marks[i - 1].node == node)
			return &p->marks[i - 1];
	}
	return NULL;
}

static enum tv_status need_mark(struct mark **out, struct toml *p, const struct tv_json *node,
				struct tv_error *err)
{
	*out = find_mark(p, node);
	if (*out)
		return TV_OK;
	if (p->n_marks == TABLES_MAX)
		return wrong(p, "too many tables", err);
	*out = &p->marks[p->n_marks++];
	**out = (struct mark){.node = node};
	return TV_OK;
}

static enum tv_status read_value(struct tv_json *parent, const char *key, struct toml *p,
				 struct tv_error *err);

static struct tv_json *last_of(struct tv_json *list)
{
	struct tv_json *last = NULL;

	for (struct tv_json *c = tv_json_first(list); c; c = tv_json_next(c))
		last = c;
	return last;
}

/* Goes into a table of this name, which is made where it is missing. In a header the last table of a
 * list of tables is meant; a name in front of = must not reach what a header declared. */
static enum tv_status go_into(struct place *at, struct toml *p, bool is_header,
			      struct tv_error *err)
{
	struct tv_json *next = tv_json_get(at->table, tv_secret_text(&at->name));
	struct mark *mark = NULL;
	enum tv_status status = TV_OK;

	if (++at->depth > DEPTH_MAX)
		return wrong(p, "nested too deep", err);
	if (!next) {
		next = tv_json_object();
		status = tv_tree_put(at->table, tv_secret_text(&at->name), next, p->t.line, err);
		if (status)
			return status;
	}
	mark = find_mark(p, next);
	if (mark && mark->is_closed)
		return wrong(p, "an addition to a value that is closed", err);
	if (is_header && tv_json_is_array(next))
		next = last_of(next);
	if (!tv_json_is_object(next))
		return wrong(p, "a table under the name of a value", err);
	if (!is_header && mark && (mark->is_declared || mark->section != p->section))
		return wrong(p, "an addition to a table that was declared elsewhere", err);
	if (!is_header) {
		status = need_mark(&mark, p, next, err);
		if (!status)
			mark->section = p->section;
	}
	at->table = next;
	tv_secret_free(&at->name);
	return status;
}

/* Follows a dotted name. */
static enum tv_status read_name(struct place *at, struct toml *p, bool is_header,
				struct tv_error *err)
{
	enum tv_status status = tv_toml_name(&at->name, &p->t, err);

	tv_toml_skip_blanks(&p->t);
	while (!status && *p->t.at == '.') {
		status = go_into(at, p, is_header, err);
		p->t.at++;
		tv_toml_skip_blanks(&p->t);
		if (!status)
			status = tv_toml_name(&at->name, &p->t, err);
		tv_toml_skip_blanks(&p->t);
	}
	return status;
}

static enum tv_status read_pair(struct tv_json *table, struct toml *p, struct tv_error *err)
{
	struct place at = {.table = table, .depth = p->depth};
	enum tv_status status = read_name(&at, p, false, err);

	if (!status && *p->t.at != '=')
		status = wrong(p, "NAME = VALUE was expected", err);
	if (!status) {
		p->t.at++;
		tv_toml_skip_blanks(&p->t);
		status = read_value(at.table, tv_secret_text(&at.name), p, err);
	}
	tv_secret_free(&at.name);
	return status;
}

static enum tv_status read_array(struct tv_json *list, struct toml *p, struct tv_error *err)
{
	enum tv_status status;

	p->t.at++;
	for (;;) {
		status = tv_toml_skip_lines(&p->t, err);
		if (status || *p->t.at == ']')
			break;
		status = read_value(list, NULL, p, err);
		if (!status)
			status = tv_toml_skip_lines(&p->t, err);
		if (status || *p->t.at == ']')
			break;
		if (*p->t.at != ',')
			return wrong(p, "a comma or ] was expected", err);
		p->t.at++;
	}
	p->t.at += !status;
	return status;
}

/* On one line, without a comma at its end. */
static enum tv_status read_inline(struct tv_json *table, struct toml *p, struct tv_error *err)
{
	enum tv_status status = TV_OK;

	p->t.at++;
	tv_toml_skip_blanks(&p->t);
	while (*p->t.at != '}') {
		status = read_pair(table, p, err);
		if (status)
			return status;
		tv_toml_skip_blanks(&p->t);
		if (*p->t.at == '}')
			break;
		if (*p->t.at != ',')
			return wrong(p, "a comma or } was expected", err);
		p->t.at++;
		tv_toml_skip_blanks(&p->t);
		if (*p->t.at == '}')
			return wrong(p, "a comma before }", err);
	}
	p->t.at++;
	return status;
}

static enum tv_status read_nested(struct tv_json *parent, const char *key, struct toml *p,
				  struct tv_error *err)
{
	bool is_array = *p->t.at == '[';
	struct tv_json *node = is_array ? tv_json_array() : tv_json_object();
	struct mark *mark;
	enum tv_status status = tv_tree_put(parent, key, node, p->t.line, err);

	if (status)
		return status;
	if (++p->depth > DEPTH_MAX)
		return wrong(p, "nested too deep", err);
	status = is_array ? read_array(node, p, err) : read_inline(node, p, err);
	p->depth--;
	if (!status)
		status = need_mark(&mark, p, node, err);
	if (!status)
		mark->is_closed = true;
	return status;
}

static enum tv_status read_value(struct tv_json *parent, const char *key, struct toml *p,
				 struct tv_error *err)
{
	tv_auto_secret text = {0};
	size_t line = p->t.line;
	enum tv_status status;

	if (*p->t.at == '[' || *p->t.at == '{')
		return read_nested(parent, key, p, err);
	if (*p->t.at != '"' && *p->t.at != '\'')
		return tv_toml_word(parent, key, &p->t, err);
	status = tv_toml_string(&text, &p->t, false, err);
	return status ? status : tv_tree_put_text(parent, key, tv_slice_of(&text), line, err);
}

/* [NAME]: a table may have been made in passing, but not declared. */
static enum tv_status declare(struct place *at, struct toml *p, struct tv_error *err)
{
	struct tv_json *node = tv_json_get(at->table, tv_secret_text(&at->name));
	struct mark *mark;
	enum tv_status status = TV_OK;

	if (!node) {
		node = tv_json_object();
		status = tv_tree_put(at->table, tv_secret_text(&at->name), node, p->t.line, err);
	}
	if (status)
		return status;
	if (!tv_json_is_object(node) || find_mark(p, node))
		return wrong(p, "a table that is there already", err);
	status = need_mark(&mark, p, node, err);
	if (!status)
		mark->is_declared = true;
	p->table = node;
	return status;
}

/* [[NAME]]: one more table of a list that was begun so. */
static enum tv_status append(struct place *at, struct toml *p, struct tv_error *err)
{
	struct tv_json *list = tv_json_get(at->table, tv_secret_text(&at->name));
	struct mark *mark = find_mark(p, list);
	enum tv_status status = TV_OK;

	if (list && (!tv_json_is_array(list) || !mark || mark->is_closed))
		return wrong(p, "a list of tables under the name of something else", err);
	if (!list) {
		list = tv_json_array();
		status = tv_tree_put(at->table, tv_secret_text(&at->name), list, p->t.line, err);
		if (!status)
			status = need_mark(&mark, p, list, err);
		if (!status)
			mark->is_declared = true;
	}
	if (status)
		return status;
	p->table = tv_json_object();
	return tv_tree_put(list, NULL, p->table, p->t.line, err);
}

static enum tv_status read_header(struct toml *p, struct tv_error *err)
{
	bool is_list = p->t.at[1] == '[';
	const char *end = is_list ? "]]" : "]";
	struct place at = {.table = p->root};
	enum tv_status status;

	p->section++;
	p->t.at += strlen(end);
	tv_toml_skip_blanks(&p->t);
	status = read_name(&at, p, true, err);
	if (!status && strncmp(p->t.at, end, strlen(end)) != 0)
		status = wrong(p, "a ] was expected", err);
	if (!status) {
		p->t.at += strlen(end);
		status = is_list ? append(&at, p, err) : declare(&at, p, err);
	}
	tv_secret_free(&at.name);
	p->depth = at.depth + 2;
	return status;
}

static enum tv_status parse(struct tv_json *into, const char *text, struct tv_error *err)
{
	static struct toml p;
	enum tv_status status;

	p.root = p.table = tv_json_object();
	p.t = (struct tv_text){text, 1};
	p.section = 1;
	status = tv_tree_put(into, TV_TREE, p.root, 1, err);
	if (!status)
		status = tv_toml_skip_lines(&p.t, err);
	while (!status && *p.t.at) {
		status = *p.t.at == '[' ? read_header(&p, err) : read_pair(p.table, &p, err);
		if (!status)
			status = tv_toml_end_line(&p.t, err);
		if (!status)
			status = tv_toml_skip_lines(&p.t, err);
	}
	return status;
}

const struct tv_format tv_format_toml = {"toml", parse};
