/* What the server has the keeper write into the audit log: what happened, and to which file and entries. */
#ifndef TV_RECORD_H
#define TV_RECORD_H

#include "fusefs/autolock.h"
#include "fusefs/server.h"

/* Begins an open's or a read's event, "open" or "read"; err is 0, or the errno that it gets and why. rule is the one
 * that decided, or "". */
void tv_record_access(struct tv_bytes *out, const struct tv_server *server, struct tv_shown *shown,
		      const char *event, int err, const char *why, const char *rule);

/* These have a line written that nobody waits for, unless the log is switched off. */
void tv_record_unlock(struct tv_server *server);
void tv_record_lock(struct tv_server *server, const char *cause);
/* Another state of the vault is shown now: its settings count, and where it brought the log's key an epoch begins. */
void tv_record_follow(struct tv_server *server);
void tv_record_edit(struct tv_server *server, unsigned message, const struct tv_json *request,
		    const struct tv_json *reply);
/* A view, or with NULL the directory view, is mounted or unmounted. */
void tv_record_mount(struct tv_server *server, const struct tv_shown *shown, bool is_mounted);

#endif
