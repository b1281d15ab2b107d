/* One HTTPS exchange, made by the program tokenvault-fetch, which alone uses libcurl. */
#ifndef TV_FETCH_H
#define TV_FETCH_H

#include "cli/cli.h"

#define TV_FETCH_REPLY_MAX (64 * 1024)

struct tv_fetch_reply {
	int status; /* HTTP's */
	struct tv_secret body;
};

void tv_fetch_reply_free(struct tv_fetch_reply *r);
#define tv_auto_fetch_reply __attribute__((cleanup(tv_fetch_reply_free))) struct tv_fetch_reply

/* Sends a request and takes the answer, whatever its status. Asks the vault for its settings once
 * (proxy, ca_file, private_hosts). TV_UNREACHABLE: no connection, no name, too slow, or an address of a
 * private range that the settings do not allow for this host; TV_CERTIFICATE; TV_ODD_REPLY: too long,
 * or not HTTP. The detail names the host and what to do. */
enum tv_status tv_fetch(struct tv_fetch_reply *out, struct tv_cli *cli,
			const struct tv_http_request *request, struct tv_error *err) TV_MUST_CHECK;

/* Reads a PEM file of certificates as the setting ca_file names one: TV_BAD_VALUE for another. */
enum tv_status tv_fetch_roots(struct tv_secret *out, const char *path,
			      struct tv_error *err) TV_MUST_CHECK;

#endif
