/* One request by libcurl, whose every liberty is taken away. */
#include "cli/fetch/exchange.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/fetch/address.h"
#include "cli/fetch/headers.h"
#include "cli/fetch/verdict.h"

#define SECONDS	    15L
#define CONNECT_MS  10000L
#define SLOW_BYTES  16L
#define SLOW_TIME   8L
#define REPLY_MAX   (64 * 1024)
#define HEADERS_MAX (32 * 1024)

static CURL *curl;

/* What the callbacks know. */
struct progress {
	struct tv_exchange *out;
	size_t header_bytes;
	bool allow_private;
	struct tv_verdict *verdict;
};

enum tv_status tv_exchange_prepare(const char *roots[static 3], struct tv_error *err)
{
	char *file = NULL, *directory = NULL;
	size_t count = 0;

	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return tv_fail(err, TV_FAILED, "libcurl does not start");
	curl = curl_easy_init();
	if (!curl)
		return tv_fail(err, TV_NO_MEMORY, "libcurl");
	curl_easy_getinfo(curl, CURLINFO_CAINFO, &file);
	curl_easy_getinfo(curl, CURLINFO_CAPATH, &directory);
	if (file)
		roots[count++] = file;
	if (directory)
		roots[count++] = directory;
	roots[count] = NULL;
	return TV_OK;
}

/* libcurl's own limit knows only lengths that are announced. */
static size_t take_reply(char *data, size_t one, size_t count, void *arg)
{
	struct progress *p = arg;
	struct tv_secret *reply = &p->out->reply;

	if (count > REPLY_MAX - reply->len) {
		p->verdict->is_too_long = true;
		return 0;
	}
	tv_secret_append(reply, data, one * count);
	return reply->failed ? 0 : count;
}

static size_t take_header(char *data, size_t one, size_t count, void *arg)
{
	struct progress *p = arg;

	(void)data;
	p->header_bytes += one * count;
	p->verdict->is_too_long |= p->header_bytes > HEADERS_MAX;
	return p->verdict->is_too_long ? 0 : count;
}

/* Decides on the very address that is connected to, so that a name can't have another one later. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct progress *p = arg;

	(void)purpose;
	if (!p->allow_private && !tv_address_is_public(&to->addr)) {
		p->verdict->is_private = true;
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static bool set_limits(void)
{
	return !curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) &&
	       !curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L) &&
	       !curl_easy_setopt(curl, CURLOPT_TIMEOUT, SECONDS) &&
	       !curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS) &&
	       !curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES) &&
	       !curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, SLOW_TIME) &&
	       !curl_easy_setopt(curl, CURLOPT_MAXFILESIZE, (long)REPLY_MAX);
}

/* Netrc, cookies, redirects and the like are off unless they are asked for; said all the same, for
 * what a token depends on is not to depend on a default. */
static bool set_manners(void)
{
	return !curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https") &&
	       !curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "https") &&
	       !curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) &&
	       !curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) &&
	       !curl_easy_setopt(curl, CURLOPT_HTTP09_ALLOWED, 0L) &&
	       !curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) &&
	       !curl_easy_setopt(curl, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L) &&
	       !curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L) &&
	       !curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L) &&
	       !curl_easy_setopt(curl, CURLOPT_USERAGENT, "tokenvault/" TV_VERSION);
}

static bool set_tls(void)
{
	return !curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) &&
	       !curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L) &&
	       !curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L) &&
	       !curl_easy_setopt(curl, CURLOPT_SSL_SESSIONID_CACHE, 0L);
}

/* Through a proxy it is the proxy that knows addresses: ours is its own, and what the user chose. */
static bool set_way(const char *proxy, struct progress *p)
{
	if (*proxy)
		p->allow_private = true;
	return !curl_easy_setopt(curl, CURLOPT_PROXY, proxy) &&
	       !curl_easy_setopt(curl, CURLOPT_NOPROXY, *proxy ? "" : "*") &&
	       !curl_easy_setopt(curl, CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) &&
	       !curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) &&
	       !curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket) &&
	       !curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, p) &&
	       !curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_reply) &&
	       !curl_easy_setopt(curl, CURLOPT_WRITEDATA, p) &&
	       !curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header) &&
	       !curl_easy_setopt(curl, CURLOPT_HEADERDATA, p);
}

/* libcurl takes one file of roots: the system's and the user's become one. */
static enum tv_status set_roots(const struct tv_wire_field *more, struct tv_error *err)
{
	tv_auto_secret all = {0};
	struct curl_blob blob = {.flags = CURL_BLOB_COPY};
	char *file = NULL;
	int fd;

	if (!more->len)
		return TV_OK;
	tv_secret_append(&all, more->text, more->len);
	tv_secret_putc(&all, '\n');
	curl_easy_getinfo(curl, CURLINFO_CAINFO, &file);
	fd = file ? open(file, O_RDONLY | O_CLOEXEC) : -1;
	if (fd >= 0) {
		enum tv_status status = tv_secret_read(&all, fd, TV_WIRE_MAX, file, err);

		close(fd);
		if (status)
			return status;
	}
	blob.data = all.data;
	blob.len = all.len;
	if (tv_secret_check(&all, err) || curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &blob) ||
	    curl_easy_setopt(curl, CURLOPT_PROXY_CAINFO_BLOB, &blob))
		return tv_fail(err, TV_NO_MEMORY, "certificates");
	return TV_OK;
}

static enum tv_status check_request(const struct tv_wire_field *request, struct tv_error *err)
{
	const char *method = request[TV_WIRE_METHOD].text, *url = request[TV_WIRE_URL].text;
	size_t len = strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

	if (!len || len > 16 || method[len])
		return tv_fail(err, TV_BAD_VALUE, "the request's method is none");
	if (strncmp(url, "https://", 8) != 0 || strlen(url) != request[TV_WIRE_URL].len)
		return tv_fail(err, TV_BAD_VALUE, "the request's URL is not https://…");
	for (const char *c = url; *c; c++) {
		if (*c <= ' ' || *c >= 0x7f)
			return tv_fail(err, TV_BAD_VALUE, "the request's URL has odd characters");
	}
	return TV_OK;
}

/* A POST without a body has one of length 0. */
static bool set_request(const struct tv_wire_field *request, struct curl_slist *headers)
{
	const struct tv_wire_field *body = &request[TV_WIRE_BODY];
	const char *method = request[TV_WIRE_METHOD].text;
	bool good = !curl_easy_setopt(curl, CURLOPT_URL, request[TV_WIRE_URL].text) &&
		    !curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);

	if (body->len || !strcmp(method, "POST") || !strcmp(method, "PUT"))
		good = good &&
		       !curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
					 (curl_off_t)body->len) &&
		       !curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->text);
	if (!strcmp(method, "HEAD"))
		good = good && !curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	return good && !curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
}

static enum tv_status set_all(struct progress *p, const struct tv_wire_field *request,
			      struct curl_slist *headers, struct tv_error *err)
{
	enum tv_status status = set_roots(&request[TV_WIRE_ROOTS], err);

	if (status)
		return status;
	p->allow_private = !strcmp(request[TV_WIRE_PRIVATE].text, "yes");
	/* What this libcurl does not know, it can't be trusted to keep to. */
	if (!set_limits() || !set_manners() || !set_tls() ||
	    !set_way(request[TV_WIRE_PROXY].text, p) || !set_request(request, headers) ||
	    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, p->verdict->words))
		return tv_fail(err, TV_FAILED, "libcurl does not take an option");
	return TV_OK;
}

enum tv_status tv_exchange_run(struct tv_exchange *out, const struct tv_wire_field *request,
			       struct tv_error *err)
{
	struct tv_verdict verdict = {.has_proxy = request[TV_WIRE_PROXY].len};
	struct progress progress = {.out = out, .verdict = &verdict};
	struct curl_slist *headers = NULL;
	long http = 0;
	enum tv_status status = check_request(request, err);

	if (!status)
		status = tv_fetch_headers(&headers, &request[TV_WIRE_HEADERS],
					  request[TV_WIRE_BODY].len, err);
	if (!status)
		status = set_all(&progress, request, headers, err);
	if (!status) {
		tv_verdict_host(&verdict, request[TV_WIRE_URL].text);
		verdict.code = curl_easy_perform(curl);
		status = tv_verdict_status(&verdict, err);
	}
	if (!status && !curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &http))
		out->http = (int)http;
	curl_slist_free_all(headers);
	return status;
}
