/* docker's configuration: JSON in which `auth` is the base64 of a user's name and token. */
#include <string.h>

#include "cli/read/format.h"
#include "cli/read/tree.h"

static int digit(char c)
{
	const char *digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* RFC 4648, padded, for docker takes no other. */
static bool decode(struct tv_secret *out, const char *text)
{
	const size_t len = strlen(text), n = strcspn(text, "=");
	unsigned bits = 0;

	if (!len || len % 4 || len - n > 2 || strspn(text + n, "=") != len - n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int value = digit(text[i]);

		if (value < 0)
			return false;
		bits = bits << 6 | (unsigned)value;
		if (i % 4)
			tv_secret_putc(out, (char)(bits >> (6 - 2 * (i % 4)) & 255));
	}
	return !out->failed;
}

static bool is_text(struct tv_slice s)
{
	tv_auto_secret text = {0};

	tv_secret_append(&text, s.at, s.len);
	return s.len && !text.failed && !memchr(s.at, '\0', s.len) &&
	       tv_text_is_valid(tv_secret_text(&text), TV_TOKEN_MAX);
}

/* USER:TOKEN. What is anything else, or stands beside what the client would use instead, stays. */
static bool take_apart(struct tv_secret *decoded, struct tv_slice *user, struct tv_slice *token,
		       const struct tv_json *entry)
{
	static const char *const others[] = {"username", "password", "identitytoken",
					     "registrytoken"};
	const char *auth = tv_json_get_text(entry, "auth");
	const char *colon;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (tv_json_get(entry, others[i]))
			return false;
	}
	if (!auth || !decode(decoded, auth))
		return false;
	*user = tv_slice_of(decoded);
	colon = memchr(user->at, ':', user->len);
	if (!colon)
		return false;
	*token = (struct tv_slice){colon + 1, user->len - (size_t)(colon + 1 - user->at)};
	user->len = (size_t)(colon - user->at);
	return is_text(*user) && is_text(*token);
}

static enum tv_status put_entry(struct tv_json *auths, const struct tv_json *entry,
				struct tv_error *err)
{
	tv_auto_secret decoded = {0};
	struct tv_slice user, token;
	struct tv_json *out = tv_json_object();
	enum tv_status status;

	if (!take_apart(&decoded, &user, &token, entry)) {
		tv_json_free(out);
		return tv_tree_put_copy(auths, tv_json_key(entry), entry, 1, err);
	}
	status = tv_tree_put(auths, tv_json_key(entry), out, 1, err);
	if (!status)
		status = tv_tree_put_text(out, "username", user, 1, err);
	if (!status)
		status = tv_tree_put_text(out, "password", token, 1, err);
	for (const struct tv_json *j = tv_json_first(entry); j && !status; j = tv_json_next(j)) {
		if (strcmp(tv_json_key(j), "auth") != 0)
			status = tv_tree_put_copy(out, tv_json_key(j), j, 1, err);
	}
	return status;
}

static enum tv_status put_auths(struct tv_json *tree, const struct tv_json *auths,
				struct tv_error *err)
{
	struct tv_json *out = tv_json_object();
	enum tv_status status = tv_tree_put(tree, "auths", out, 1, err);

	for (const struct tv_json *j = tv_json_first(auths); j && !status; j = tv_json_next(j))
		status = put_entry(out, j, err);
	return status;
}

static enum tv_status parse(struct tv_json *into, const char *text, struct tv_error *err)
{
	tv_auto_json *read = tv_json_object();
	struct tv_json *tree;
	enum tv_status status = tv_format_json.parse(read, text, err);

	if (status)
		return status;
	if (!tv_json_is_object(tv_json_get(read, TV_TREE)))
		return tv_tree_put_copy(into, TV_TREE, tv_json_get(read, TV_TREE), 1, err);
	tree = tv_json_object();
	status = tv_tree_put(into, TV_TREE, tree, 1, err);
	for (const struct tv_json *j = tv_json_first(tv_json_get(read, TV_TREE)); j && !status;
	     j = tv_json_next(j)) {
		if (!strcmp(tv_json_key(j), "auths") && tv_json_is_object(j))
			status = put_auths(tree, j, err);
		else
			status = tv_tree_put_copy(tree, tv_json_key(j), j, 1, err);
	}
	return status;
}

const struct tv_format tv_format_docker_config = {"docker-config", parse};
