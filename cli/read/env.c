/* Environment files: NAME=value lines as the dotenv libraries read them, without replacing $NAMES. */
#include <string.h>

#include "cli/read/format.h"
#include "cli/read/tree.h"

static void skip_blanks(struct tv_text *t)
{
	t->at += strspn(t->at, " \t");
}

/* The character that a backslash and c stand for, or 0. */
static char unescape(char c, char quote)
{
	static const char from[] = "\\'\"abfnrtv", to[] = "\\'\"\a\b\f\n\r\t\v";
	const char *known = c ? strchr(from, c) : NULL;

	if (!known || (quote == '\'' && known - from > 1))
		return 0;
	return to[known - from];
}

static enum tv_status read_quoted(struct tv_secret *out, struct tv_text *t, struct tv_error *err)
{
	char quote = *t->at;
	size_t line = t->line;

	for (t->at++; *t->at && *t->at != quote; t->at++) {
		char c = *t->at == '\\' ? unescape(t->at[1], quote) : 0;

		t->line += *t->at == '\n';
		t->at += c != 0;
		tv_secret_putc(out, c ? c : *t->at);
	}
	if (!*t->at)
		return tv_tree_wrong(err, line, "a quote that does not end");
	t->at++;
	skip_blanks(t);
	if (*t->at && !strchr("#\r\n", *t->at))
		return tv_tree_wrong(err, t->line, "text behind a quote");
	return tv_secret_check(out, err);
}

/* Up to the line's end, or to white space and a #. */
static void read_bare(struct tv_secret *out, struct tv_text *t)
{
	struct tv_slice s = {t->at, strcspn(t->at, "\r\n")};

	for (size_t i = 0; i < s.len; i++) {
		if (i && s.at[i] == '#' && (s.at[i - 1] == ' ' || s.at[i - 1] == '\t'))
			s.len = i;
	}
	t->at += s.len;
	s = tv_slice_trim(s);
	tv_secret_append(out, s.at, s.len);
}

static bool is_name(struct tv_slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789.-",
			    s.at[i]))
			return false;
	}
	return s.len;
}

static enum tv_status read_pair(struct tv_json *tree, struct tv_text *t, struct tv_error *err)
{
	tv_auto_secret value = {0};
	size_t line = t->line;
	struct tv_slice name;
	enum tv_status status = TV_OK;

	if (!strncmp(t->at, "export", 6) && (t->at[6] == ' ' || t->at[6] == '\t')) {
		t->at += 6;
		skip_blanks(t);
	}
	name = (struct tv_slice){t->at, strcspn(t->at, "= \t\r\n")};
	t->at += name.len;
	skip_blanks(t);
	if (!is_name(name) || *t->at != '=')
		return tv_tree_wrong(err, line, "NAME=value was expected");
	t->at++;
	skip_blanks(t);
	if (*t->at == '#')
		return tv_tree_wrong(err, line, "a # on which readers disagree");
	if (*t->at == '"' || *t->at == '\'')
		status = read_quoted(&value, t, err);
	else
		read_bare(&value, t);
	if (!status)
		status = tv_secret_check(&value, err);
	return status ? status : tv_tree_put_pair(tree, name, tv_slice_of(&value), line, err);
}

static enum tv_status parse(struct tv_json *into, const char *text, struct tv_error *err)
{
	struct tv_json *tree = tv_json_object();
	struct tv_text t = {text, 1};
	enum tv_status status = tv_tree_put(into, TV_TREE, tree, 1, err);

	while (!status && *t.at) {
		skip_blanks(&t);
		if (*t.at == '#')
			t.at += strcspn(t.at, "\n");
		else if (*t.at && !strchr("\r\n", *t.at))
			status = read_pair(tree, &t, err);
		t.line += *t.at == '\n';
		if (!status && *t.at && strchr("\r\n", *t.at))
			t.at++;
	}
	return status;
}

const struct tv_format tv_format_env = {"env", parse};
