/*
 * The server's own hand at the audit log. What is allowed to whom is known already goes into the
 * log without the keeper, which lends the log's descriptors for a second at a time; whatever more
 * it would take, the keeper does.
 */
#ifndef TV_PEN_H
#define TV_PEN_H

#include <stdbool.h>
#include <stdint.h>

#include "vault/vault.h"

struct tv_server;

struct tv_pen {
	struct tv_audit *audit;	   /* NULL: nothing is lent */
	struct tv_audit_lent lent; /* what is here of it, until all of it is */
	int64_t until;		   /* ms of CLOCK_MONOTONIC: how long what is lent is good */
	bool is_asked;		   /* for it, and it has not come */
	int64_t asks_at;	   /* the soonest time to ask for it anew */
};

void tv_pen_start(struct tv_pen *pen);
/* One of what the keeper lends, which come one after the other; it is taken over. */
void tv_pen_take(struct tv_server *server, uint32_t which, int fd);
/* Writes an event of a caller whose `line` is there. false: it is not written, and the keeper is to. */
bool tv_pen_write(struct tv_server *server, const struct tv_bytes *event,
		  const struct tv_caller *caller);
/* Gives back what was lent, and forgets the key. */
void tv_pen_drop(struct tv_pen *pen);

#endif
