/* Trees as they grow: bounded, without anything that occurs twice; and the lines they come from. */
#include "cli/read/tree.h"

#include <stdio.h>
#include <string.h>

/* An object takes time that grows with the square of its members, as in the library. */
#define MEMBERS_MAX 4096
#define NODES_MAX   65536
#define BYTES_MAX   (4 << 20)

static size_t nodes, bytes;

enum tv_status tv_tree_wrong(struct tv_error *err, size_t line, const char *what)
{
	return tv_fail(err, TV_BAD_VALUE, "line %zu: %s", line, what);
}

/* What a value brings with it, all of its own members included. */
static void count(const struct tv_json *j)
{
	const char *text = tv_json_text(j), *key = tv_json_key(j);

	nodes++;
	bytes += (text ? strlen(text) : 0) + (key ? strlen(key) : 0);
	for (const struct tv_json *c = tv_json_first(j); c; c = tv_json_next(c))
		count(c);
}

static enum tv_status check(const struct tv_json *parent, const char *key, size_t line,
			    struct tv_error *err)
{
	if (nodes > NODES_MAX || bytes > BYTES_MAX)
		return tv_tree_wrong(err, line, "too many values");
	if (!key)
		return TV_OK;
	if (tv_json_get(parent, key))
		return tv_tree_wrong(err, line, "a name occurs twice");
	if (tv_json_count(parent) >= MEMBERS_MAX)
		return tv_tree_wrong(err, line, "too many names");
	return TV_OK;
}

static enum tv_status no_memory(struct tv_error *err)
{
	return tv_fail(err, TV_NO_MEMORY, "for the file's values");
}

enum tv_status tv_tree_put(struct tv_json *parent, const char *key, struct tv_json *child,
			   size_t line, struct tv_error *err)
{
	enum tv_status status;

	count(child);
	bytes += key ? strlen(key) : 0;
	status = child ? check(parent, key, line, err) : no_memory(err);
	if (status) {
		tv_json_free(child);
		return status;
	}
	return tv_json_put(parent, key, child) ? TV_OK : no_memory(err);
}

enum tv_status tv_tree_put_text(struct tv_json *parent, const char *key, struct tv_slice text,
				size_t line, struct tv_error *err)
{
	tv_auto_secret copy = {0};
	enum tv_status status;

	nodes++;
	bytes += text.len + (key ? strlen(key) : 0);
	status = check(parent, key, line, err);
	if (status)
		return status;
	if (memchr(text.at, '\0', text.len))
		return tv_tree_wrong(err, line, "a NUL character");
	tv_secret_append(&copy, text.at, text.len);
	status = tv_secret_check(&copy, err);
	if (status)
		return status;
	return tv_json_put_text(parent, key, tv_secret_text(&copy)) ? TV_OK : no_memory(err);
}

enum tv_status tv_tree_put_pair(struct tv_json *parent, struct tv_slice key, struct tv_slice text,
				size_t line, struct tv_error *err)
{
	tv_auto_secret name = {0};
	enum tv_status status;

	tv_secret_append(&name, key.at, key.len);
	status = tv_secret_check(&name, err);
	return status ? status : tv_tree_put_text(parent, tv_secret_text(&name), text, line, err);
}

enum tv_status tv_tree_put_null(struct tv_json *parent, const char *key, size_t line,
				struct tv_error *err)
{
	enum tv_status status;

	nodes++;
	status = check(parent, key, line, err);
	if (status)
		return status;
	return tv_json_put_null(parent, key) ? TV_OK : no_memory(err);
}

enum tv_status tv_tree_put_copy(struct tv_json *parent, const char *key, const struct tv_json *of,
				size_t line, struct tv_error *err)
{
	enum tv_status status;

	/* Before it is made: copies of copies grow with the power of their number. */
	count(of);
	status = check(parent, key, line, err);
	return status ? status : tv_tree_put(parent, key, tv_json_copy(of), line, err);
}

/* A whole number that is written as JSON writes it, and that JSON's readers all hold exactly. */
static bool is_number(int64_t *out, struct tv_slice word)
{
	bool is_negative = word.len && *word.at == '-';
	size_t i = is_negative;

	if (i == word.len || word.len - i > 15 || (word.at[i] == '0' && word.len > 1))
		return false;
	*out = 0;
	for (; i < word.len; i++) {
		if (word.at[i] < '0' || word.at[i] > '9')
			return false;
		*out = *out * 10 + (word.at[i] - '0');
	}
	if (is_negative)
		*out = -*out;
	return true;
}

enum tv_status tv_tree_put_plain(struct tv_json *parent, const char *key, struct tv_slice word,
				 size_t line, struct tv_error *err)
{
	bool truth = tv_slice_is(word, "true");
	int64_t number;
	enum tv_status status;
	bool is_put;

	if (!truth && !tv_slice_is(word, "false") && !is_number(&number, word))
		return tv_tree_put_text(parent, key, word, line, err);
	nodes++;
	status = check(parent, key, line, err);
	if (status)
		return status;
	is_put = is_number(&number, word) ? tv_json_put_int(parent, key, number)
					  : tv_json_put_bool(parent, key, truth);
	return is_put ? TV_OK : no_memory(err);
}

bool tv_text_line(struct tv_slice *out, struct tv_text *t)
{
	size_t len = strcspn(t->at, "\n");

	if (!*t->at)
		return false;
	*out = (struct tv_slice){t->at, len};
	if (len && out->at[len - 1] == '\r')
		out->len--;
	t->at += len + (t->at[len] == '\n');
	t->line++;
	return true;
}

static bool is_space(char c)
{
	return c && strchr(" \t\r\n\v\f", c);
}

struct tv_slice tv_slice_trim(struct tv_slice s)
{
	while (s.len && is_space(*s.at)) {
		s.at++;
		s.len--;
	}
	while (s.len && is_space(s.at[s.len - 1]))
		s.len--;
	return s;
}

bool tv_slice_is(struct tv_slice s, const char *word)
{
	return s.len == strlen(word) && !strncmp(s.at, word, s.len);
}

struct tv_slice tv_slice_of(const struct tv_secret *s)
{
	return (struct tv_slice){tv_secret_text(s), s->len};
}

bool tv_slice_is_idle(struct tv_slice s, const char *marks)
{
	s = tv_slice_trim(s);
	return !s.len || strchr(marks, *s.at);
}
