/* How tokenvault and tokenvault-fetch speak: one message each way, through pipes. */
#ifndef TV_WIRE_H
#define TV_WIRE_H

#include "vault/vault.h"

/* The fields of a request and of an answer, in this order; one that says nothing is empty. */
enum tv_wire_request {
	TV_WIRE_METHOD,
	TV_WIRE_URL,
	TV_WIRE_HEADERS, /* each ended by LF */
	TV_WIRE_BODY,
	TV_WIRE_PROXY,
	TV_WIRE_ROOTS,	 /* PEM: certificates that are trusted besides the system's */
	TV_WIRE_PRIVATE, /* "yes": the host may have an address of a private range */
	TV_WIRE_REQUEST_FIELDS,
};

enum tv_wire_answer {
	TV_WIRE_STATUS, /* a status' name */
	TV_WIRE_DETAIL,
	TV_WIRE_HTTP, /* HTTP's status, three digits */
	TV_WIRE_REPLY,
	TV_WIRE_ANSWER_FIELDS,
};

#define TV_WIRE_ROOTS_MAX ((size_t)1 << 20)
#define TV_WIRE_MAX	  (4 * TV_WIRE_ROOTS_MAX) /* of a whole request */

/* A field: its bytes, and a NUL behind them. */
struct tv_wire_field {
	const char *text;
	size_t len;
};

/* Appends the next field; the first one brings the beginning of the message. */
void tv_wire_put(struct tv_secret *message, const void *data, size_t len);
void tv_wire_put_text(struct tv_secret *message, const char *text);
/* The fields of a message, pointing into it; false unless it is these and nothing more. */
bool tv_wire_split(struct tv_wire_field *fields, size_t count, const struct tv_secret *message);

#endif
