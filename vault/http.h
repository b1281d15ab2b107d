/*
 * A service's interface as its definition describes it: requests made from templates, and what their
 * answers mean. No network here: cli/ sends them, through tokenvault-fetch.
 */
#ifndef TV_HTTP_H
#define TV_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vault/json.h"
#include "vault/secret.h"
#include "vault/status.h"

struct tv_provider;

/* A field that a document, an answer or a plaintext file, has the value of. */
struct tv_taken {
	const char *field;
	const char *pointer;
};

/* Statuses and values that an answer must have to count as such. */
struct tv_http_match {
	int *statuses;
	size_t n_statuses;
	struct tv_taken *values; /* pointer → the value it must have, as text (in `field`) */
	size_t n_values;
};

struct tv_http {
	const char *method;   /* GET, POST, DELETE … */
	const char *base;     /* template without escaping: https://HOST[:PORT][/PREFIX] */
	const char *path;     /* template, values percent-encoded */
	const char **headers; /* templates, "Name: value"; control characters are refused */
	size_t n_headers;
	const char *body;	       /* template, values as JSON; or NULL */
	const char *needs;	       /* a field without which this is left out, or NULL */
	struct tv_http_match accepted; /* default: status 200 */
	struct tv_http_match refused;  /* default: 401, 403 */
	/* pointers into an accepted answer; NULL: it does not tell */
	const char *account;
	const char *expires; /* RFC 3339, or seconds since 1970 */
	const char *token;   /* mint */
	const char *id;	     /* mint; tokens: in an item */
	const char *items;   /* tokens: the list */
	const char *name;    /* tokens: in an item */
	const char *next;    /* tokens: where the list goes on, a URL or a path; or NULL */
	struct tv_taken *fields;
	size_t n_fields;
};

#define TV_HOST_MAX 262 /* a DNS name, a colon and a port, and the end */

/* A request ready to be sent. {0} is an empty one. */
struct tv_http_request {
	char host[TV_HOST_MAX]; /* lower case; with ":PORT" unless that is 443 */
	const char *method;	/* the definition's */
	struct tv_secret url;
	struct tv_secret headers; /* each ended by LF */
	struct tv_secret body;
};

void tv_http_request_free(struct tv_http_request *r);
#define tv_auto_http_request __attribute__((cleanup(tv_http_request_free))) struct tv_http_request

/* The host of an https URL, as above. TV_BAD_VALUE for anything that is not, to the letter,
 * https://NAME-OR-ADDRESS[:PORT] followed by nothing or a slash: no user, no query, no fragment. */
enum tv_status tv_http_host(char out[static TV_HOST_MAX], const char *url,
			    struct tv_error *err) TV_MUST_CHECK;
bool tv_http_host_is_valid(const char *host);

/* Makes a request. entry is an entry as the message `show` has it (label, token, account, fields);
 * more is an object of further names (name, expires_at, description, id), or NULL. Fields that the
 * entry lacks have the definition's value. */
enum tv_status tv_http_render(struct tv_http_request *out, const struct tv_http *http,
			      const struct tv_provider *provider, const struct tv_json *entry,
			      const struct tv_json *more, struct tv_error *err) TV_MUST_CHECK;
/* The hosts that a token of this provider may be sent to when the entry has these fields (an object, or
 * NULL): an array of texts, without duplicates; empty where the definition has no requests. */
enum tv_status tv_http_hosts(struct tv_json **out, const struct tv_provider *provider,
			     const struct tv_json *fields, struct tv_error *err) TV_MUST_CHECK;
/* What an answer means: TV_OK, TV_TOKEN_REFUSED or TV_ODD_REPLY. *json is the body where it is JSON,
 * else NULL. Details never repeat the body. */
enum tv_status tv_http_judge(struct tv_json **json, const struct tv_http *http, int http_status,
			     const struct tv_secret *body, struct tv_error *err) TV_MUST_CHECK;
/* Whether asking a service about a token can end so: OK, TOKEN_REFUSED, UNREACHABLE, CERTIFICATE or
 * ODD_REPLY. Anything else means that it was not asked. */
bool tv_answer_is_valid(enum tv_status answer);
/* A time in an answer: false where it is none. */
bool tv_http_time(int64_t *out, const struct tv_json *root, const char *pointer);

#endif
