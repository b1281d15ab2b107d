/* The exchange itself: libcurl, told to do one thing. */
#ifndef TV_EXCHANGE_H
#define TV_EXCHANGE_H

#include "cli/fetch/wire.h"

struct tv_exchange {
	int http; /* the answer's status */
	struct tv_secret reply;
};

/* Before anything is given up: libcurl's own beginnings, and the paths of the system's certificates
 * (ended by NULL), which stay libcurl's. */
enum tv_status tv_exchange_prepare(const char *roots[static 3], struct tv_error *err) TV_MUST_CHECK;
/* Sends the request and takes the answer. TV_OK whatever HTTP's status is; TV_UNREACHABLE,
 * TV_CERTIFICATE, TV_ODD_REPLY as cli/fetch.h has them; TV_BAD_VALUE for a request that is none. */
enum tv_status tv_exchange_run(struct tv_exchange *out, const struct tv_wire_field *request,
			       struct tv_error *err) TV_MUST_CHECK;

#endif
