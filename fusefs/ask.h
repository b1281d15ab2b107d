/* What the server asks the keeper: who a caller is, and to have a line written into the audit log. A packet has what is asked
 * at once, one behind the other: a head each, and behind a line's its event. What is answered at once goes in as few
 * packets as it fits into: callers, each as long as its texts make it; one that brings a descriptor is alone. */
#ifndef TV_ASK_H
#define TV_ASK_H

#include "vault/vault.h"

enum {
	TV_ASK_WRITE = 1,  /* a line; the answer comes once it is written */
	TV_ASK_SILENT = 2, /* nobody waits for an answer */
	TV_ASK_BEGIN = 4,  /* an epoch begins with this line */
	TV_ASK_LOCKED = 8, /* a refusal that may come again and again: only counted then */
	TV_ASK_EDIT = 16,  /* who does it saves the vault next, and tells the server then */
};

#define TV_ASKS_AT_ONCE 8

struct tv_ask_head {
	struct tv_caller_question question;
	uint32_t flags;
	uint32_t lost; /* lines that were not even asked for since the last one */
	struct tv_audit_epoch epoch;
	uint32_t event_len;
};

/* The most that a packet has. */
struct tv_asks {
	unsigned char bytes[TV_ASKS_AT_ONCE * sizeof(struct tv_ask_head) + TV_LINE_EVENT_MAX];
};

struct tv_answers {
	unsigned char bytes[2 * sizeof(struct tv_caller)];
};

#endif
