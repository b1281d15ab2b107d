/* A request's lines as libcurl wants them, after a look at each. */
#ifndef TV_FETCH_HEADERS_H
#define TV_FETCH_HEADERS_H

#include <curl/curl.h>

#include "cli/fetch/wire.h"

/* Of the request's headers, and one that names the body's type where they don't; *out is the caller's to
 * free, also after a failure. TV_BAD_VALUE for what is no header, or says how the request is sent. */
enum tv_status tv_fetch_headers(struct curl_slist **out, const struct tv_wire_field *headers,
				bool has_body, struct tv_error *err) TV_MUST_CHECK;

#endif
