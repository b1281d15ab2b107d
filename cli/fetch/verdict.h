/* What libcurl's ending means to tokenvault. */
#ifndef TV_VERDICT_H
#define TV_VERDICT_H

#include <curl/curl.h>

#include "vault/vault.h"

struct tv_verdict {
	CURLcode code;
	bool is_too_long; /* the answer went over a limit */
	bool is_private;  /* an address was refused */
	bool has_proxy;
	char host[264];
	char words[CURL_ERROR_SIZE]; /* libcurl's */
};

/* Notes the host of an https URL. */
void tv_verdict_host(struct tv_verdict *v, const char *url);
/* The status, and a detail that names the host and what to do. */
enum tv_status tv_verdict_status(const struct tv_verdict *v, struct tv_error *err) TV_MUST_CHECK;

#endif
