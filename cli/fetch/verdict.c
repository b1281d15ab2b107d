/* What libcurl's ending means to tokenvault: a table, and the few that need a second look. */
#include "cli/fetch/verdict.h"

#include <stdio.h>
#include <string.h>

void tv_verdict_host(struct tv_verdict *v, const char *url)
{
	const char *host = url + strlen("https://");

	snprintf(v->host, sizeof(v->host), "%.*s", (int)strcspn(host, "/?#"), host);
}

static const struct ending {
	CURLcode code;
	enum tv_status status;
	const char *detail; /* follows the host */
} endings[] = {
	{CURLE_COULDNT_RESOLVE_HOST, TV_UNREACHABLE,
	 "no address for this name; check the network, or the name if it is your own"},
	{CURLE_COULDNT_RESOLVE_PROXY, TV_UNREACHABLE,
	 "no address for the proxy; tokenvault setting list shows it"},
	{CURLE_COULDNT_CONNECT, TV_UNREACHABLE, "no connection; try again later"},
	{CURLE_OPERATION_TIMEDOUT, TV_UNREACHABLE, "too slow; try again later"},
	{CURLE_SEND_ERROR, TV_UNREACHABLE, "the connection broke; try again later"},
	{CURLE_RECV_ERROR, TV_UNREACHABLE, "the connection broke; try again later"},
	{CURLE_PARTIAL_FILE, TV_UNREACHABLE, "the connection broke; try again later"},
	{CURLE_PROXY, TV_UNREACHABLE, "the proxy refuses; tokenvault setting list shows it"},
	{CURLE_SSL_CONNECT_ERROR, TV_CERTIFICATE, NULL},
	{CURLE_PEER_FAILED_VERIFICATION, TV_CERTIFICATE, NULL},
	{CURLE_SSL_CERTPROBLEM, TV_CERTIFICATE, NULL},
	{CURLE_SSL_CIPHER, TV_CERTIFICATE, NULL},
	{CURLE_SSL_ISSUER_ERROR, TV_CERTIFICATE, NULL},
	{CURLE_SSL_INVALIDCERTSTATUS, TV_CERTIFICATE, NULL},
	{CURLE_SSL_CACERT_BADFILE, TV_CERTIFICATE,
	 "the trusted certificates can't be read; tokenvault setting list names your own, and the "
	 "system's are in ca-certificates"},
	{CURLE_FILESIZE_EXCEEDED, TV_ODD_REPLY, "longer than 64 KiB"},
	{CURLE_GOT_NOTHING, TV_ODD_REPLY, "an end without an answer"},
	{CURLE_WEIRD_SERVER_REPLY, TV_ODD_REPLY, "no HTTP"},
	{CURLE_UNSUPPORTED_PROTOCOL, TV_ODD_REPLY, "no HTTP"},
	{CURLE_BAD_CONTENT_ENCODING, TV_ODD_REPLY, "an encoding that was not asked for"},
	{CURLE_URL_MALFORMAT, TV_BAD_VALUE, "no URL"},
	{CURLE_OUT_OF_MEMORY, TV_NO_MEMORY, "a reply"},
};

/* libcurl's words name hosts, dates and OpenSSL's errors, and nothing of the request. */
static enum tv_status no_trust(const struct tv_verdict *v, struct tv_error *err)
{
	const char *words = *v->words ? v->words : curl_easy_strerror(v->code);

	if (v->code != CURLE_SSL_CONNECT_ERROR)
		return tv_fail(err, TV_CERTIFICATE,
			       "%s: %.160s; nothing was sent. If your network has a root of its "
			       "own, tokenvault setting set ca_file FILE trusts it",
			       v->host, words);
	/* Without an error of OpenSSL's own the connection ended in the middle. */
	if (!strstr(words, "error:"))
		return tv_fail(err, TV_UNREACHABLE,
			       "%s: the connection broke before it was secure; try again later",
			       v->host);
	return tv_fail(err, TV_CERTIFICATE,
		       "%s: it agrees to no TLS 1.2 or later (%.160s); nothing was sent. That is "
		       "the service's to mend, or a proxy's on the way",
		       v->host, words);
}

enum tv_status tv_verdict_status(const struct tv_verdict *v, struct tv_error *err)
{
	if (v->code == CURLE_OK)
		return TV_OK;
	if (v->is_too_long)
		return tv_fail(err, TV_ODD_REPLY,
			       "%s: longer than 64 KiB, or than 32 KiB of headers", v->host);
	if (v->is_private && v->code == CURLE_COULDNT_CONNECT)
		return tv_fail(err, TV_UNREACHABLE,
			       "%s has an address of a private network; if that is right, "
			       "tokenvault setting set private_hosts allows it",
			       v->host);
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		const struct ending *e = &endings[i];

		if (e->code != v->code)
			continue;
		if (!e->detail)
			return no_trust(v, err);
		return tv_fail(err, e->status, "%s: %s%s", v->host, e->detail,
			       v->has_proxy && e->status == TV_UNREACHABLE ? " (through the proxy)"
									   : "");
	}
	return tv_fail(err, TV_FAILED, "%s: %s", v->host, curl_easy_strerror(v->code));
}
