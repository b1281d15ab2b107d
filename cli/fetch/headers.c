/* A request's lines as libcurl wants them, after a look at each. */
#include "cli/fetch/headers.h"

#include <string.h>
#include <strings.h>

/* These say where a message ends, or who it is for: not a definition's business. */
static const char *const ours[] = {
	"Host",
	"Content-Length",
	"Transfer-Encoding",
	"Connection",
	"Upgrade",
	"Expect",
	"Cookie",
	"Proxy-Authorization",
	"Trailer",
	"TE",
	"Accept-Encoding",
	NULL,
};

static bool is_named(const char *line, const char *name)
{
	size_t len = strlen(name);

	return !strncasecmp(line, name, len) && line[len] == ':';
}

static bool is_header(const char *line)
{
	static const char name[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t len = strspn(line, name);

	if (!len || line[len] != ':')
		return false;
	for (const char *c = line; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return false;
	}
	return true;
}

static enum tv_status check(const char *line, struct tv_error *err)
{
	if (!is_header(line))
		return tv_fail(err, TV_BAD_VALUE, "a line of the request is no header");
	for (const char *const *name = ours; *name; name++) {
		if (is_named(line, *name))
			return tv_fail(err, TV_BAD_VALUE,
				       "the header %s is not for a request to set", *name);
	}
	return TV_OK;
}

static bool append(struct curl_slist **list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*list, line);

	if (longer)
		*list = longer;
	return longer != NULL;
}

enum tv_status tv_fetch_headers(struct curl_slist **out, const struct tv_wire_field *headers,
				bool has_body, struct tv_error *err)
{
	const char *at = headers->text, *end = headers->text + headers->len;
	bool has_type = false, good = true;

	while (at < end && good) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		tv_auto_secret line = {0};
		enum tv_status status;

		if (!stop)
			stop = end;
		tv_secret_append(&line, at, (size_t)(stop - at));
		status = tv_secret_check(&line, err);
		if (!status)
			status = check(tv_secret_text(&line), err);
		if (status)
			return status;
		has_type |= is_named(tv_secret_text(&line), "Content-Type");
		good = append(out, tv_secret_text(&line));
		at = stop + 1;
	}
	if (!has_type && good)
		good = append(out, has_body ? "Content-Type: application/json" : "Content-Type:");
	/* No wait for a server that says it would take the body. */
	good = good && append(out, "Expect:");
	return good ? TV_OK : tv_fail(err, TV_NO_MEMORY, "a request");
}
