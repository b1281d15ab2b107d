/*
 * netrc files, as curl and Python read them. Where these two disagree over what a password is (a
 * backslash outside quotes, \n \r \t inside), nobody can say what was meant, and the file is refused.
 */
#include <string.h>

#include "cli/read/format.h"
#include "cli/read/tree.h"

static const char blanks[] = " \t\r\n\v\f";

static enum tv_status read_quoted(struct tv_secret *out, struct tv_text *t, struct tv_error *err)
{
	for (t->at++; *t->at && *t->at != '"' && *t->at != '\n'; t->at++) {
		if (*t->at == '\\') {
			t->at++;
			if (!*t->at || strchr("nrt\n", *t->at))
				return tv_tree_wrong(err, t->line,
						     "a backslash on which readers disagree");
		}
		tv_secret_putc(out, *t->at);
	}
	if (*t->at != '"')
		return tv_tree_wrong(err, t->line, "a quote that does not end in its line");
	t->at++;
	if (*t->at && !strchr(blanks, *t->at))
		return tv_tree_wrong(err, t->line, "text behind a quote");
	return tv_secret_check(out, err);
}

static void skip_blanks(struct tv_text *t)
{
	for (; *t->at && strchr(blanks, *t->at); t->at++)
		t->line += *t->at == '\n';
}

/* The next word; an empty one that was not quoted means the end, which *is_end tells. */
static enum tv_status next_word(struct tv_secret *out, bool *is_end, struct tv_text *t,
				struct tv_error *err)
{
	size_t len;

	tv_secret_free(out);
	skip_blanks(t);
	*is_end = !*t->at;
	if (*t->at == '"')
		return read_quoted(out, t, err);
	len = strcspn(t->at, blanks);
	tv_secret_append(out, t->at, len);
	t->at += len;
	if (memchr(t->at - len, '\\', len))
		return tv_tree_wrong(err, t->line, "a backslash on which readers disagree");
	return tv_secret_check(out, err);
}

static enum tv_status need_word(struct tv_secret *out, struct tv_text *t, struct tv_error *err)
{
	size_t line = t->line;
	bool is_end;
	enum tv_status status = next_word(out, &is_end, t, err);

	return status || !is_end ? status : tv_tree_wrong(err, line, "a word without its value");
}

/* A macro goes on to an empty line. */
static enum tv_status skip_macro(struct tv_json *root, struct tv_text *t, struct tv_error *err)
{
	struct tv_json *macros = tv_json_get(root, "macros");
	tv_auto_secret name = {0};
	enum tv_status status = need_word(&name, t, err);

	if (!status && !macros) {
		macros = tv_json_array();
		status = tv_tree_put(root, "macros", macros, t->line, err);
	}
	if (!status)
		status = tv_tree_put_text(macros, NULL, tv_slice_of(&name), t->line, err);
	if (status)
		return status;
	while (*t->at) {
		bool was_end = *t->at++ == '\n';

		t->line += was_end;
		if (was_end && (*t->at == '\n' || !strncmp(t->at, "\r\n", 2)))
			break;
	}
	return TV_OK;
}

struct netrc {
	struct tv_json *root;
	struct tv_json *machines;
	struct tv_json *machine; /* NULL before the first */
};

static enum tv_status begin_machine(struct netrc *n, bool is_default, struct tv_text *t,
				    struct tv_error *err)
{
	tv_auto_secret name = {0};
	size_t line = t->line;
	enum tv_status status = is_default ? TV_OK : need_word(&name, t, err);

	if (status)
		return status;
	n->machine = tv_json_object();
	status = tv_tree_put(n->machines, NULL, n->machine, line, err);
	if (status)
		return status;
	return is_default ? tv_tree_put_plain(n->machine, "default", (struct tv_slice){"true", 4},
					      line, err)
			  : tv_tree_put_text(n->machine, "machine", tv_slice_of(&name), line, err);
}

static enum tv_status take_word(struct netrc *n, struct tv_slice word, struct tv_text *t,
				struct tv_error *err)
{
	static const char *const names[] = {"login", "password", "account"};
	size_t line = t->line;

	if (tv_slice_is(word, "machine") || tv_slice_is(word, "default"))
		return begin_machine(n, *word.at == 'd', t, err);
	if (tv_slice_is(word, "macdef"))
		return skip_macro(n->root, t, err);
	if (tv_slice_is(word, "user"))
		word = (struct tv_slice){"login", 5};
	for (size_t i = 0; i < 3 && n->machine; i++) {
		tv_auto_secret value = {0};
		enum tv_status status;

		if (!tv_slice_is(word, names[i]))
			continue;
		status = need_word(&value, t, err);
		return status ? status
			      : tv_tree_put_text(n->machine, names[i], tv_slice_of(&value), line,
						 err);
	}
	return tv_tree_wrong(err, line,
			     "none of machine, default, login, password, account, macdef");
}

static enum tv_status parse(struct tv_json *into, const char *text, struct tv_error *err)
{
	struct netrc n = {tv_json_object(), tv_json_array(), NULL};
	struct tv_text t = {text, 1};
	bool is_end = false;
	enum tv_status status = tv_tree_put(into, TV_TREE, n.root, 1, err);

	if (status)
		tv_json_free(n.machines);
	else
		status = tv_tree_put(n.root, "machines", n.machines, 1, err);
	while (!status && !is_end) {
		tv_auto_secret word = {0};

		skip_blanks(&t);
		if (*t.at == '#') {
			t.at += strcspn(t.at, "\n");
			continue;
		}
		status = next_word(&word, &is_end, &t, err);
		if (!status && !is_end)
			status = take_word(&n, tv_slice_of(&word), &t, err);
	}
	return status;
}

const struct tv_format tv_format_netrc = {"netrc", parse};
