/* Makes a service's requests from its definition and an entry, and judges the answers. */
#include "vault/http.h"

#include <stdio.h>
#include <string.h>

#include "vault/doc.h"
#include "vault/escape.h"
#include "vault/pointer.h"
#include "vault/provider.h"
#include "vault/template.h"
#include "vault/when.h"

#define DAY    86400
#define SCHEME "https://"

void tv_http_request_free(struct tv_http_request *r)
{
	tv_secret_free(&r->url);
	tv_secret_free(&r->headers);
	tv_secret_free(&r->body);
	*r = (struct tv_http_request){0};
}

/* A value in a path. Nothing at all, or a step up, would make it another path. */
static enum tv_status append_step(struct tv_secret *out, const char *text, struct tv_error *err)
{
	if (!*text || !strcmp(text, ".") || !strcmp(text, ".."))
		return tv_fail(err, TV_BAD_VALUE, "a value that a path can hold expected");
	return tv_escape_uri.append(out, text, err);
}

static const struct tv_escape in_path = {"path", append_step};

/* What templates of requests know: the entry's, then what this request adds. */
static struct tv_json *make_data(const struct tv_provider *p, const struct tv_json *entry,
				 const struct tv_json *more)
{
	static const char *const own[] = {"label", "token", "account", "note"};
	const struct tv_json *fields = tv_json_get(entry, "fields");
	struct tv_json *data = tv_json_object();
	bool ok = data != NULL;

	for (size_t i = 0; i < sizeof own / sizeof *own && ok; i++) {
		const char *value = tv_json_get_text(entry, own[i]);

		ok = tv_json_put_text(data, own[i], value ? value : "");
	}
	for (size_t i = 0; i < p->n_fields && ok; i++) {
		const struct tv_provider_field *f = &p->fields[i];
		const char *value = tv_json_get_text(fields, f->name);

		ok = tv_json_put_text(data, f->name, value ? value : f->value ? f->value : "");
	}
	for (const struct tv_json *m = tv_json_first(more); m && ok; m = tv_json_next(m))
		ok = tv_json_put(data, tv_json_key(m), tv_json_copy(m));
	if (ok)
		return data;
	tv_json_free(data);
	return NULL;
}

/* Nothing in a base may swallow the path, or read differently to somebody else. */
static bool is_plain(const char *url)
{
	for (; *url; url++)
		if (*url <= ' ' || *url > '~' || strchr("?#\\%\"<>^`{|}", *url))
			return false;
	return true;
}

/* Whether a base is a field and nothing else, but for the scheme. */
static bool is_field(const char *base)
{
	const char *at = strncmp(base, SCHEME, strlen(SCHEME)) ? base : base + strlen(SCHEME);
	const size_t len = strlen(at);

	return len > 4 && !strncmp(at, "{{", 2) && strcspn(at + 2, "{}") == len - 4;
}

/* Of a field, people know the name and not the template. */
static enum tv_status wrong_field(const char *base, struct tv_error *err)
{
	const char *at = strstr(base, "{{") + 2;
	const int len = (int)strcspn(at, "}");

	if (at - 2 == base)
		return tv_fail(err, TV_BAD_VALUE, "field %.*s: https://HOST[:PORT] expected", len,
			       at);
	return tv_fail(err, TV_BAD_VALUE, "field %.*s: a host's name, without https://, expected",
		       len, at);
}

/* Base addresses come from users too, so that the error names what they are made of. */
static enum tv_status append_base(struct tv_secret *url, char host[static TV_HOST_MAX],
				  const struct tv_http *http, const struct tv_json *data,
				  struct tv_error *err)
{
	struct tv_error why = {0};
	enum tv_status status =
		tv_template_render(url, http->base, data, tv_escape_by_name("none"), &why);
	const char *text = tv_secret_text(url);

	if (!status)
		status = tv_http_host(host, text, &why);
	if (status == TV_BAD_VALUE && is_field(http->base))
		return wrong_field(http->base, err);
	if (status)
		return tv_fail(err, status, "%.100s: %.200s", http->base, why.detail);
	if (!is_plain(text))
		return tv_fail(err, TV_BAD_VALUE,
			       "%.100s: an address of a host and a plain path expected, without "
			       "? # and %%",
			       http->base);
	if (text[url->len - 1] == '/')
		url->data[--url->len] = '\0';
	return TV_OK;
}

/* Whether a path, up to its query, has a step that a client would take away or up. */
static bool has_odd_step(const char *path)
{
	const char *end = path + strcspn(path, "?");

	for (const char *at = path; at < end;) {
		const size_t len = strcspn(at + 1, "/?");

		if ((!len && at + 1 < end) || (len == 1 && at[1] == '.') ||
		    (len == 2 && at[1] == '.' && at[2] == '.'))
			return true;
		at += 1 + len;
	}
	return false;
}

static enum tv_status render_url(struct tv_http_request *out, const struct tv_http *http,
				 const struct tv_json *data, struct tv_error *err)
{
	enum tv_status status = append_base(&out->url, out->host, http, data, err);
	const char *text;

	if (!status)
		status = tv_template_render(&out->url, http->path, data, &in_path, err);
	if (status)
		return status;
	text = tv_secret_text(&out->url);
	if (has_odd_step(strchr(text + strlen("https://"), '/')))
		return tv_fail(err, TV_BAD_VALUE, "a path without empty steps, . and .. expected");
	return TV_OK;
}

static enum tv_status render_rest(struct tv_http_request *out, const struct tv_http *http,
				  const struct tv_json *data, struct tv_error *err)
{
	enum tv_status status = TV_OK;

	for (size_t i = 0; i < http->n_headers && !status; i++) {
		status = tv_template_render(&out->headers, http->headers[i], data,
					    tv_escape_by_name("none"), err);
		tv_secret_putc(&out->headers, '\n');
	}
	if (!status && http->body)
		status = tv_template_render(&out->body, http->body, data, tv_escape_by_name("json"),
					    err);
	return status ? status : tv_secret_check(&out->headers, err);
}

enum tv_status tv_http_render(struct tv_http_request *out, const struct tv_http *http,
			      const struct tv_provider *provider, const struct tv_json *entry,
			      const struct tv_json *more, struct tv_error *err)
{
	tv_auto_http_request made = {.method = http->method};
	tv_auto_json *data = make_data(provider, entry, more);
	enum tv_status status;

	if (!data)
		return tv_fail(err, TV_NO_MEMORY, "a request");
	status = render_url(&made, http, data, err);
	if (!status)
		status = render_rest(&made, http, data, err);
	if (status)
		return status;
	*out = made;
	made = (struct tv_http_request){0};
	return TV_OK;
}

static bool has_text(const struct tv_json *array, const char *text)
{
	for (const struct tv_json *c = tv_json_first(array); c; c = tv_json_next(c))
		if (!strcmp(tv_json_text(c), text))
			return true;
	return false;
}

static enum tv_status add_hosts(struct tv_json *hosts, const struct tv_http *http, size_t n,
				const struct tv_json *data, struct tv_error *err)
{
	for (size_t i = 0; i < n; i++) {
		const char *need = http[i].needs ? tv_json_get_text(data, http[i].needs) : NULL;
		tv_auto_secret base = {0};
		char host[TV_HOST_MAX];
		enum tv_status status = append_base(&base, host, &http[i], data, err);

		/* What is not sent for want of its host has none. */
		if (status == TV_BAD_VALUE && need && !*need)
			continue;
		if (status)
			return status;
		if (!has_text(hosts, host) && !tv_json_put_text(hosts, NULL, host))
			return tv_fail(err, TV_NO_MEMORY, "hosts");
	}
	return TV_OK;
}

enum tv_status tv_http_hosts(struct tv_json **out, const struct tv_provider *provider,
			     const struct tv_json *fields, struct tv_error *err)
{
	const struct tv_http *const single[] = {provider->mint, provider->tokens, provider->revoke};
	tv_auto_json *entry = tv_json_object();
	tv_auto_json *hosts = tv_json_array();
	tv_auto_json *data = NULL;
	enum tv_status status;

	if (fields && !tv_json_put(entry, "fields", tv_json_copy(fields)))
		return tv_fail(err, TV_NO_MEMORY, "hosts");
	data = make_data(provider, entry, NULL);
	if (!data || !hosts)
		return tv_fail(err, TV_NO_MEMORY, "hosts");
	status = add_hosts(hosts, provider->verify, provider->n_verify, data, err);
	for (size_t i = 0; i < sizeof single / sizeof *single && !status; i++)
		if (single[i])
			status = add_hosts(hosts, single[i], 1, data, err);
	if (status)
		return status;
	*out = hosts;
	hosts = NULL;
	return TV_OK;
}

static bool has_status(const struct tv_http_match *match, int status)
{
	for (size_t i = 0; i < match->n_statuses; i++)
		if (match->statuses[i] == status)
			return true;
	return false;
}

static bool has_values(const struct tv_http_match *match, const struct tv_json *json)
{
	for (size_t i = 0; i < match->n_values; i++) {
		tv_auto_secret text = {0};
		const char *found = tv_pointer_text(&text, json, match->values[i].pointer)
					    ? tv_secret_text(&text)
					    : NULL;

		if (!found || strcmp(found, match->values[i].field) != 0)
			return false;
	}
	return true;
}

static const struct {
	int status;
	const char *words;
} reasons[] = {
	{301, "Moved Permanently"},
	{302, "Found"},
	{303, "See Other"},
	{307, "Temporary Redirect"},
	{308, "Permanent Redirect"},
	{400, "Bad Request"},
	{401, "Unauthorized"},
	{403, "Forbidden"},
	{404, "Not Found"},
	{405, "Method Not Allowed"},
	{408, "Request Timeout"},
	{409, "Conflict"},
	{410, "Gone"},
	{422, "Unprocessable Content"},
	{429, "Too Many Requests"},
	{500, "Internal Server Error"},
	{502, "Bad Gateway"},
	{503, "Service Unavailable"},
	{504, "Gateway Timeout"},
};

/* The number with the words that HTTP has for it, not the service's own, which may be anything; and what helps. */
static void print_status(char out[static 80], int http_status)
{
	const char *words = "";

	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (reasons[i].status == http_status)
			words = reasons[i].words;
	snprintf(out, 80, "%d%s%s%s", http_status, *words ? " " : "", words,
		 http_status == 429 || http_status >= 500 ? ": try again later" : "");
}

static bool wants_json(const struct tv_http *http)
{
	return http->accepted.n_values || http->refused.n_values || http->account ||
	       http->expires || http->token || http->items || http->n_fields;
}

/* Without these an answer is of no use. */
static bool has_what_counts(const struct tv_http *http, const struct tv_json *json)
{
	const char *token = http->token ? tv_json_text(tv_pointer_get(json, http->token)) : "x";

	return token && *token &&
	       (!http->items || tv_json_is_array(tv_pointer_get(json, http->items)));
}

enum tv_status tv_http_judge(struct tv_json **json, const struct tv_http *http, int http_status,
			     const struct tv_secret *body, struct tv_error *err)
{
	struct tv_json *parsed = NULL;
	char words[80];

	print_status(words, http_status);
	if (!body->len || tv_json_parse(&parsed, body->data, body->len, NULL))
		parsed = NULL;
	*json = parsed;
	if (has_status(&http->refused, http_status))
		return tv_fail(err, TV_TOKEN_REFUSED, "it answered %s", words);
	if (!has_status(&http->accepted, http_status))
		return tv_fail(err, TV_ODD_REPLY, "it answered %s", words);
	if (!parsed && wants_json(http))
		return tv_fail(err, TV_ODD_REPLY, "it answered %d and no JSON", http_status);
	if (http->refused.n_values && has_values(&http->refused, parsed))
		return tv_fail(err, TV_TOKEN_REFUSED,
			       "it answered %d, and in words that it "
			       "refuses",
			       http_status);
	if (!has_values(&http->accepted, parsed) || !has_what_counts(http, parsed))
		return tv_fail(err, TV_ODD_REPLY, "it answered %d and JSON of another kind",
			       http_status);
	return TV_OK;
}

bool tv_answer_is_valid(enum tv_status answer)
{
	return answer == TV_OK || answer == TV_TOKEN_REFUSED || answer == TV_UNREACHABLE ||
	       answer == TV_CERTIFICATE || answer == TV_ODD_REPLY;
}

bool tv_http_time(int64_t *out, const struct tv_json *root, const char *pointer)
{
	const struct tv_json *at = tv_pointer_get(root, pointer);
	const char *text = tv_json_text(at);
	int64_t when;

	if (text ? !tv_when_read(&when, text) : !tv_json_int(at, &when))
		return false;
	/* A service's date is the day on which the token no longer works. */
	if (text && strlen(text) == strlen("2027-08-19"))
		when -= DAY - 1;
	if (when <= 0 || when > TV_WHEN_LAST)
		return false;
	*out = when;
	return true;
}
