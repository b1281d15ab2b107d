/* git's credential store: one URL a line, its parts percent-encoded. */
#include <string.h>

#include "cli/read/format.h"
#include "cli/read/tree.h"

static int digit(char c)
{
	const char *digits = "0123456789abcdef0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) % 16 : -1;
}

static enum tv_status put_part(struct tv_json *to, const char *name, struct tv_slice part,
			       size_t line, struct tv_error *err)
{
	tv_auto_secret text = {0};
	enum tv_status status;

	for (size_t i = 0; i < part.len; i++) {
		int c = (unsigned char)part.at[i];

		if (c == '%') {
			int high = part.len - i > 2 ? digit(part.at[i + 1]) : -1;
			int low = high < 0 ? -1 : digit(part.at[i + 2]);

			c = low < 0 ? '\n' : high * 16 + low;
			i += 2;
		}
		if (c < ' ' || c == 127)
			return tv_tree_wrong(err, line, "a wrong % in a URL");
		tv_secret_putc(&text, (char)c);
	}
	status = tv_secret_check(&text, err);
	if (status)
		return status;
	if (!tv_text_is_valid(tv_secret_text(&text), TV_TOKEN_MAX))
		return tv_tree_wrong(err, line, "not UTF-8 behind a %, or too long");
	return tv_tree_put_text(to, name, tv_slice_of(&text), line, err);
}

static struct tv_slice until(struct tv_slice *rest, const char *stops)
{
	struct tv_slice head = {rest->at, 0};

	while (head.len < rest->len && !strchr(stops, rest->at[head.len]))
		head.len++;
	rest->at += head.len;
	rest->len -= head.len;
	return head;
}

static bool take(struct tv_slice *rest, const char *text)
{
	size_t len = strlen(text);

	if (rest->len < len || strncmp(rest->at, text, len))
		return false;
	rest->at += len;
	rest->len -= len;
	return true;
}

/* PROTOCOL://USERNAME:PASSWORD@HOST[/PATH] */
static enum tv_status read_url(struct tv_json *to, struct tv_slice url, size_t line,
			       struct tv_error *err)
{
	static const char *const names[] = {"protocol", "username", "password", "host", "path"};
	struct tv_slice parts[5];
	size_t n = 4;

	parts[0] = until(&url, ":/");
	if (!parts[0].len || !take(&url, "://"))
		return tv_tree_wrong(err, line, "not a URL");
	parts[1] = until(&url, ":@/");
	if (!take(&url, ":"))
		return tv_tree_wrong(err, line, "a URL without a password");
	parts[2] = until(&url, "@/");
	if (!take(&url, "@"))
		return tv_tree_wrong(err, line, "a URL without a password");
	parts[3] = until(&url, "/?#");
	if (!parts[3].len)
		return tv_tree_wrong(err, line, "a URL without a host");
	take(&url, "/");
	parts[4] = url;
	n += url.len > 0;
	for (size_t i = 0; i < n; i++) {
		enum tv_status status = put_part(to, names[i], parts[i], line, err);

		if (status)
			return status;
	}
	return TV_OK;
}

static enum tv_status parse(struct tv_json *into, const char *text, struct tv_error *err)
{
	struct tv_json *tree = tv_json_array();
	struct tv_text t = {text, 0};
	struct tv_slice line;
	enum tv_status status = tv_tree_put(into, TV_TREE, tree, 1, err);

	while (!status && tv_text_line(&line, &t)) {
		struct tv_json *one;

		if (tv_slice_is_idle(line, "#"))
			continue;
		one = tv_json_object();
		status = tv_tree_put(tree, NULL, one, t.line, err);
		if (!status)
			status = read_url(one, line, t.line, err);
	}
	return status;
}

const struct tv_format tv_format_git_credentials = {"git-credentials", parse};
