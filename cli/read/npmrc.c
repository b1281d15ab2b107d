/* npm's settings: KEY=VALUE lines as npm's own reader of them takes them. */
#include <string.h>

#include "cli/read/format.h"
#include "cli/read/tree.h"

/* Up to a ; or # that has no backslash in front; a backslash before one of these or another goes. */
static void put_bare(struct tv_secret *out, struct tv_slice s)
{
	tv_auto_secret text = {0};

	for (size_t i = 0; i < s.len && s.at[i] != ';' && s.at[i] != '#'; i++) {
		if (s.at[i] == '\\' && i + 1 < s.len && strchr("\\;#", s.at[i + 1]))
			i++;
		tv_secret_putc(&text, s.at[i]);
	}
	s = tv_slice_trim(tv_slice_of(&text));
	tv_secret_append(out, s.at, s.len);
	out->failed |= text.failed;
}

static enum tv_status put_quoted(struct tv_secret *out, struct tv_slice s, size_t line,
				 struct tv_error *err)
{
	tv_auto_json *j = NULL;
	struct tv_error ignored;

	if (*s.at == '\'') {
		tv_secret_append(out, s.at + 1, s.len - 2);
		return TV_OK;
	}
	if (tv_json_parse(&j, s.at, s.len, &ignored) || !tv_json_text(j))
		return tv_tree_wrong(err, line, "not a JSON text in the quotes");
	tv_secret_puts(out, tv_json_text(j));
	return TV_OK;
}

static enum tv_status take(struct tv_secret *out, struct tv_slice s, size_t line,
			   struct tv_error *err)
{
	s = tv_slice_trim(s);
	if (s.len > 1 && strchr("'\"", *s.at) && s.at[s.len - 1] == *s.at)
		return put_quoted(out, s, line, err);
	if (s.len)
		put_bare(out, s);
	return TV_OK;
}

/* A value in which npm replaces ${NAME} by a variable is no text: nobody should take it for one. */
static enum tv_status put_value(struct tv_json *to, const char *key, struct tv_slice value,
				size_t line, struct tv_error *err)
{
	struct tv_json *replaced;
	enum tv_status status;

	if (!memmem(value.at, value.len, "${", 2))
		return tv_tree_put_text(to, key, value, line, err);
	replaced = tv_json_object();
	status = tv_tree_put(to, key, replaced, line, err);
	return status ? status : tv_tree_put_text(replaced, "replaced", value, line, err);
}

/* KEY[] = VALUE adds to a list. */
static enum tv_status put(struct tv_json *tree, struct tv_secret *key, struct tv_slice value,
			  size_t line, struct tv_error *err)
{
	struct tv_json *list;
	struct tv_slice name = tv_slice_of(key);
	enum tv_status status = TV_OK;

	if (name.len < 3 || name.at[name.len - 2] != '[' || name.at[name.len - 1] != ']')
		return put_value(tree, name.at, value, line, err);
	list = tv_json_get(tree, name.at);
	if (!list) {
		list = tv_json_array();
		status = tv_tree_put(tree, name.at, list, line, err);
	}
	return status ? status : put_value(list, NULL, value, line, err);
}

static enum tv_status take_line(struct tv_json *tree, struct tv_slice s, size_t line,
				struct tv_error *err)
{
	tv_auto_secret key = {0}, value = {0};
	struct tv_slice name = {s.at, 0}, rest;
	enum tv_status status;

	if (*s.at == '[')
		return tv_tree_wrong(err, line, "a section, which npm's settings do not have");
	while (name.len < s.len && s.at[name.len] != '=')
		name.len++;
	rest = name.len == s.len ? (struct tv_slice){"true", 4}
				 : (struct tv_slice){s.at + name.len + 1, s.len - name.len - 1};
	status = take(&key, name, line, err);
	if (!status)
		status = take(&value, rest, line, err);
	if (!status)
		status = tv_secret_check(&key, err);
	if (!status)
		status = tv_secret_check(&value, err);
	if (!status && !key.len)
		status = tv_tree_wrong(err, line, "a key without a name");
	return status ? status : put(tree, &key, tv_slice_of(&value), line, err);
}

static enum tv_status parse(struct tv_json *into, const char *text, struct tv_error *err)
{
	struct tv_json *tree = tv_json_object();
	struct tv_text t = {text, 0};
	struct tv_slice line;
	enum tv_status status = tv_tree_put(into, TV_TREE, tree, 1, err);

	while (!status && tv_text_line(&line, &t)) {
		if (!tv_slice_is_idle(line, ";#"))
			status = take_line(tree, tv_slice_trim(line), t.line, err);
	}
	return status;
}

const struct tv_format tv_format_npmrc = {"npmrc", parse};
