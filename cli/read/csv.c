/* Comma-separated values (RFC 4180) under a line of heads, as password managers export them. */
#include <string.h>

#include "cli/read/format.h"
#include "cli/read/tree.h"

#define COLUMNS_MAX 256

struct csv {
	struct tv_text t; /* line: of what is read next */
	struct tv_secret heads[COLUMNS_MAX];
	size_t n_heads;
};

static enum tv_status read_quoted(struct tv_secret *out, struct tv_text *t, struct tv_error *err)
{
	size_t line = t->line;

	for (t->at++; *t->at; t->at++) {
		if (*t->at == '"' && *++t->at != '"')
			return TV_OK;
		t->line += *t->at == '\n';
		tv_secret_putc(out, *t->at);
	}
	return tv_tree_wrong(err, line, "a quote that does not end");
}

/* A field, up to the comma or line end behind it. */
static enum tv_status read_field(struct tv_secret *out, struct tv_text *t, struct tv_error *err)
{
	size_t line = t->line, len;
	enum tv_status status;

	if (*t->at == '"') {
		status = read_quoted(out, t, err);
		if (status)
			return status;
	} else {
		len = strcspn(t->at, ",\"\r\n");
		tv_secret_append(out, t->at, len);
		t->at += len;
	}
	if (*t->at == '\r' && t->at[1] == '\n')
		t->at++;
	if (*t->at && *t->at != ',' && *t->at != '\n')
		return tv_tree_wrong(err, line, "a quote or line end where a comma should be");
	return tv_secret_check(out, err);
}

/* Moves behind a field; false at the end of its row. */
static bool next_field(struct tv_text *t)
{
	bool is_comma = *t->at == ',';

	t->line += *t->at == '\n';
	t->at += *t->at != '\0';
	return is_comma;
}

static enum tv_status read_heads(struct csv *c, struct tv_error *err)
{
	do {
		enum tv_status status;

		if (c->n_heads == COLUMNS_MAX)
			return tv_tree_wrong(err, c->t.line, "too many columns");
		status = read_field(&c->heads[c->n_heads++], &c->t, err);
		if (status)
			return status;
	} while (next_field(&c->t));
	return TV_OK;
}

static enum tv_status read_row(struct tv_json *row, struct csv *c, struct tv_error *err)
{
	size_t line = c->t.line, i = 0;
	bool more;

	do {
		tv_auto_secret field = {0};
		enum tv_status status = read_field(&field, &c->t, err);

		if (!status && i == c->n_heads)
			status = tv_tree_wrong(err, line, "more fields than heads");
		if (!status)
			status = tv_tree_put_text(row, tv_secret_text(&c->heads[i++]),
						  tv_slice_of(&field), line, err);
		if (status)
			return status;
		more = next_field(&c->t);
	} while (more);
	return i == c->n_heads ? TV_OK : tv_tree_wrong(err, line, "fewer fields than heads");
}

static void skip_empty(struct tv_text *t)
{
	for (; *t->at == '\n' || (t->at[0] == '\r' && t->at[1] == '\n'); t->at++)
		t->line += *t->at == '\n';
}

static enum tv_status read_rows(struct tv_json *rows, struct csv *c, struct tv_error *err)
{
	enum tv_status status;

	skip_empty(&c->t);
	status = read_heads(c, err);
	skip_empty(&c->t);
	while (!status && *c->t.at) {
		struct tv_json *row = tv_json_object();

		status = tv_tree_put(rows, NULL, row, c->t.line, err);
		if (!status)
			status = read_row(row, c, err);
		skip_empty(&c->t);
	}
	return status;
}

static enum tv_status parse(struct tv_json *into, const char *text, struct tv_error *err)
{
	struct csv c = {.t = {text, 1}};
	struct tv_json *rows = tv_json_array();
	enum tv_status status = tv_tree_put(into, TV_TREE, rows, 1, err);

	if (!status)
		status = read_rows(rows, &c, err);
	for (size_t i = 0; i < c.n_heads; i++)
		tv_secret_free(&c.heads[i]);
	return status;
}

const struct tv_format tv_format_csv = {"csv", parse};
