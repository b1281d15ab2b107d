/*
 * The agent's messages. A request is a frame on a Unix stream socket: header, then a JSON object,
 * and with some a sealed memfd that holds a vault file's ciphertext. The answer is a frame whose code
 * is a status; its object is the result, or {"detail": "…"} when it failed.
 */
#ifndef TV_AGENT_H
#define TV_AGENT_H

#include <stdint.h>
#include <sys/types.h>

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

enum tv_agent_kind { TV_AGENT_READ = 1, TV_AGENT_EDIT, TV_AGENT_SERVER };

/* The columns of agent.def; kind is 0 and name NULL for a number that is not in the list. */
enum tv_agent_kind tv_agent_kind(unsigned message);
const char *tv_agent_name(unsigned message);

#define TV_FRAME_BYTES 12	 /* header on the wire */
#define TV_REQUEST_MAX (1 << 20) /* bytes of a request's object */
#define TV_REPLY_MAX   (256 << 20)

/* magic "TV", protocol, code (message or status), flags, body length; little-endian. */
struct tv_frame {
	uint16_t code;
	uint32_t body_len;
	uint16_t has_fd; /* a descriptor comes with the header's first byte */
};

#define TV_AGENT_PROTOCOL 1

void tv_frame_print(unsigned char out[static TV_FRAME_BYTES], const struct tv_frame *f);
/* TV_SERVER for another magic, TV_NEWER for another protocol, TV_BAD_VALUE over limit. */
enum tv_status tv_frame_parse(struct tv_frame *out, const unsigned char in[static TV_FRAME_BYTES],
			      uint32_t limit, struct tv_error *err) TV_MUST_CHECK;

/* Blocking exchange on fd, for clients: sends the request (fd_out ≥ 0 goes with it), waits at most
 * timeout_ms between bytes (TV_SERVER), and gives the reply. A reply whose code is not OK is returned as that
 * status with its detail in err. *fd_in is −1 when none came, else the caller's; may be NULL. */
enum tv_status tv_agent_call(struct tv_json **reply, int *fd_in, int fd,
			     enum tv_agent_message message, const struct tv_json *request,
			     int fd_out, int timeout_ms, struct tv_error *err) TV_MUST_CHECK;

/* Serves a READ message on an open vault. *reply is an object. */
enum tv_status tv_agent_read(struct tv_json **reply, const struct tv_vault *vault,
			     enum tv_agent_message message, const struct tv_json *request,
			     struct tv_error *err) TV_MUST_CHECK;
/* Serves an EDIT: changes the vault. The caller seals it, and throws it away when this failed. The
 * reply's member "backup" is "drop" when the old file must not stay around. now: seconds since 1970. */
enum tv_status tv_agent_edit(struct tv_json **reply, struct tv_vault *vault,
			     enum tv_agent_message message, const struct tv_json *request,
			     int64_t now, struct tv_error *err) TV_MUST_CHECK;

/* What was seen of a vault, as a message carries it. */
struct tv_json *tv_seen_to_json(const struct tv_seen *seen);
bool tv_seen_from_json(struct tv_seen *out, const struct tv_json *j);

#endif
