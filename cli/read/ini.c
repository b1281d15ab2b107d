/*
 * INI files as Python's configparser reads them without replacing %(names)s, which the aws and PyPI
 * tools use: sections, keys in lower case, = or :, whole-line comments, values that go on in deeper lines.
 */
#include <string.h>

#include "cli/read/format.h"
#include "cli/read/tree.h"

struct ini {
	struct tv_json *tree;
	struct tv_json *section;
	struct tv_secret key; /* of the value that may go on; "" for none */
	struct tv_secret value;
	size_t indent; /* of the key */
	size_t line;
	size_t blanks; /* empty lines since, which are part of the value if it does go on */
};

static size_t indent_of(struct tv_slice line)
{
	return (size_t)(tv_slice_trim(line).at - line.at);
}

static enum tv_status end_value(struct ini *p, struct tv_error *err)
{
	struct tv_slice value = tv_slice_of(&p->value), trimmed = tv_slice_trim(value);
	enum tv_status status = tv_secret_check(&p->value, err);

	/* A value that begins on the next line has a line end in front. */
	value.len = trimmed.len ? (size_t)(trimmed.at - value.at) + trimmed.len : 0;

	if (!status && p->key.len)
		status = tv_tree_put_text(p->section, tv_secret_text(&p->key), value, p->line, err);
	tv_secret_free(&p->key);
	tv_secret_free(&p->value);
	p->blanks = 0;
	return status;
}

static enum tv_status open_section(struct ini *p, struct tv_slice name, size_t line,
				   struct tv_error *err)
{
	tv_auto_secret text = {0};
	struct tv_json *section = tv_json_object();
	enum tv_status status;

	tv_secret_append(&text, name.at, name.len);
	status = tv_secret_check(&text, err);
	if (status) {
		tv_json_free(section);
		return status;
	}
	status = tv_tree_put(p->tree, tv_secret_text(&text), section, line, err);
	p->section = section;
	return status;
}

static enum tv_status begin_section(struct ini *p, struct tv_slice s, size_t line,
				    struct tv_error *err)
{
	size_t end = s.len;

	while (end > 1 && s.at[end - 1] != ']')
		end--;
	if (end < 3)
		return tv_tree_wrong(err, line, "a section without a name");
	if (end != s.len)
		return tv_tree_wrong(err, line, "text behind a section's name");
	return open_section(p, (struct tv_slice){s.at + 1, end - 2}, line, err);
}

static enum tv_status begin_value(struct ini *p, struct tv_slice s, size_t line,
				  struct tv_error *err)
{
	struct tv_slice key = {s.at, 0}, value;
	enum tv_status status = TV_OK;

	while (key.len < s.len && !strchr("=:", s.at[key.len]))
		key.len++;
	if (key.len == s.len)
		return tv_tree_wrong(err, line, "KEY = VALUE was expected");
	value = tv_slice_trim((struct tv_slice){s.at + key.len + 1, s.len - key.len - 1});
	key = tv_slice_trim(key);
	if (!key.len)
		return tv_tree_wrong(err, line, "a key without a name");
	for (size_t i = 0; i < key.len; i++) {
		char c = key.at[i];

		tv_secret_putc(&p->key, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
	}
	tv_secret_append(&p->value, value.at, value.len);
	p->line = line;
	if (!p->section)
		status = open_section(p, (struct tv_slice){"", 0}, line, err);
	return status ? status : tv_secret_check(&p->key, err);
}

static enum tv_status take_line(struct ini *p, struct tv_slice s, size_t line, struct tv_error *err)
{
	struct tv_slice text = tv_slice_trim(s);
	enum tv_status status;

	if (tv_slice_is_idle(s, "#;")) {
		p->blanks += !text.len;
		return TV_OK;
	}
	if (p->key.len && indent_of(s) > p->indent) {
		for (; p->blanks; p->blanks--)
			tv_secret_putc(&p->value, '\n');
		tv_secret_putc(&p->value, '\n');
		tv_secret_append(&p->value, text.at, text.len);
		return TV_OK;
	}
	status = end_value(p, err);
	if (status)
		return status;
	p->indent = indent_of(s);
	return *text.at == '[' ? begin_section(p, text, line, err)
			       : begin_value(p, text, line, err);
}

static enum tv_status parse(struct tv_json *into, const char *text, struct tv_error *err)
{
	struct ini p = {.tree = tv_json_object()};
	struct tv_text t = {text, 0};
	struct tv_slice line;
	enum tv_status status = tv_tree_put(into, TV_TREE, p.tree, 1, err);

	while (!status && tv_text_line(&line, &t))
		status = take_line(&p, line, t.line, err);
	if (!status)
		status = end_value(&p, err);
	tv_secret_free(&p.key);
	tv_secret_free(&p.value);
	return status;
}

const struct tv_format tv_format_ini = {"ini", parse};
