/*
 * The agent's messages. A request is a frame on a Unix stream socket: header, then a JSON object, then
 * with some the bytes of a vault file. The answer is a frame whose code is a status; its object is the
 * result, or {"detail": "…"} when it failed. No descriptor is ever taken: closing one can make the
 * taker wait for whoever made it.
 */
#ifndef TV_AGENT_H
#define TV_AGENT_H

#include <stdint.h>

#include "vault/doc.h"
#include "vault/hex.h"
#include "vault/json.h"
#include "vault/seal.h"
#include "vault/secret.h"
#include "vault/status.h"

enum tv_agent_message {
#define TV_AGENT(number, name, kind) TV_AGENT_##name = number,
#include "vault/agent.def"
#undef TV_AGENT
};

enum tv_agent_kind { TV_AGENT_READ = 1, TV_AGENT_EDIT, TV_AGENT_KEYS, TV_AGENT_SERVER };

/* A row's column of agent.def; 0 for a number that is not in the list. */
enum tv_agent_kind tv_agent_kind(unsigned message);

#define TV_FRAME_BYTES 16	 /* header on the wire */
#define TV_REQUEST_MAX (1 << 20) /* bytes of a request's object */
#define TV_REPLY_MAX   (256 << 20)

/* magic "TV", protocol, code (message or status), zero, length of the object, length of the vault
 * file's bytes; little-endian. */
struct tv_frame {
	uint16_t code;
	uint32_t body_len;
	uint32_t data_len;
};

#define TV_AGENT_PROTOCOL 1

void tv_frame_print(unsigned char out[static TV_FRAME_BYTES], const struct tv_frame *f);
/* TV_SERVER for another magic, TV_NEWER for another protocol, TV_BAD_VALUE for an object over limit or
 * more bytes than a vault can have. */
enum tv_status tv_frame_parse(struct tv_frame *out, const unsigned char in[static TV_FRAME_BYTES],
			      uint32_t limit, struct tv_error *err) TV_MUST_CHECK;

/* Blocking exchange on fd, for clients: sends the request and data, waits at most timeout_ms between
 * bytes (TV_SERVER), and gives the reply. A reply whose code is not OK is returned as that status with
 * its detail in err; a server that is gone is TV_NOT_MOUNTED. data and got may be NULL: none. After half a
 * message the connection is shut. */
enum tv_status tv_agent_call(struct tv_json **reply, struct tv_bytes *got, int fd,
			     enum tv_agent_message message, const struct tv_json *request,
			     const struct tv_bytes *data, int timeout_ms,
			     struct tv_error *err) TV_MUST_CHECK;

/* Hears of the bytes behind a good reply as they come: the first `have` of `whole` are there. */
struct tv_inlet {
	void (*take)(void *arg, const unsigned char *data, size_t have, size_t whole);
	void *arg;
};

/* The two halves of a call, for what takes its time: meanwhile fd can be polled. inlet may be NULL. */
enum tv_status tv_agent_send(int fd, enum tv_agent_message message, const struct tv_json *request,
			     const struct tv_bytes *data, int timeout_ms,
			     struct tv_error *err) TV_MUST_CHECK;
enum tv_status tv_agent_receive(struct tv_json **reply, struct tv_bytes *got,
				const struct tv_inlet *inlet, int fd, int timeout_ms,
				struct tv_error *err) TV_MUST_CHECK;
/* The same for an answer of which the text is wanted, unread. */
enum tv_status tv_agent_receive_text(struct tv_secret *reply, int fd, int timeout_ms,
				     struct tv_error *err) TV_MUST_CHECK;

/* A copy of a request that has members which a server older than we are does not know and refuses (TV_BAD_VALUE), and which
 * can be done without; NULL: it has none, or there is no memory. */
struct tv_json *tv_request_without_wishes(enum tv_agent_message message,
					  const struct tv_json *request);

/* Refuses members of a request that are not among the names (ended by NULL): TV_BAD_VALUE. */
enum tv_status tv_request_only(const struct tv_json *request, const char *const *names,
			       struct tv_error *err) TV_MUST_CHECK;
/* Serves a READ message on an open vault. *reply is an object. */
enum tv_status tv_agent_read(struct tv_json **reply, const struct tv_vault *vault,
			     enum tv_agent_message message, const struct tv_json *request,
			     struct tv_error *err) TV_MUST_CHECK;
/* The same, as the text of the object, appended: of many entries no tree is made. */
enum tv_status tv_agent_print(struct tv_secret *out, const struct tv_vault *vault,
			      enum tv_agent_message message, const struct tv_json *request,
			      struct tv_error *err) TV_MUST_CHECK;
/* Serves an EDIT or KEYS message: changes the vault. KEYS wants the request's "proof", the id and key of
 * one of the vault's slots: TV_WRONG_KEY. The caller throws the vault away when this failed. The reply's
 * member "backup" is "drop" when the old file must not stay around. now: seconds since 1970. */
enum tv_status tv_agent_edit(struct tv_json **reply, struct tv_vault *vault,
			     enum tv_agent_message message, const struct tv_json *request,
			     int64_t now, struct tv_error *err) TV_MUST_CHECK;
/* The same, and the bytes of the vault's next generation; the reply has what is to be remembered of it
 * as its member "seen". An outlet, which may be NULL, gets the reply and the bytes while they are being made. */
enum tv_status tv_agent_next(struct tv_json **reply, struct tv_secret *next, struct tv_vault *vault,
			     enum tv_agent_message message, const struct tv_json *request,
			     int64_t now, const struct tv_outlet *outlet,
			     struct tv_error *err) TV_MUST_CHECK;

/* What was seen of a vault, as a message carries it. */
struct tv_json *tv_seen_to_json(const struct tv_seen *seen);
bool tv_seen_from_json(struct tv_seen *out, const struct tv_json *j);

#endif
