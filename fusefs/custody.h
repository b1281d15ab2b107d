/* Custody of the open vault: unlock, reload, edit and lock. */
#ifndef TV_CUSTODY_H
#define TV_CUSTODY_H

#include "fusefs/server.h"

/* Opens a vault file's bytes. On success the files follow; *number is when the
 * keeper is done with that. */
enum tv_status tv_custody_unlock(uint32_t *number, struct tv_server *server,
				 const struct tv_bytes *file, const struct tv_slot_key *key,
				 const struct tv_seen *seen, struct tv_error *err) TV_MUST_CHECK;
/* Follows a newer state of the file; an older one only with accept_rollback, the same is no change.
 * A file whose key has changed can't be followed: that locks. */
enum tv_status tv_custody_reload(uint32_t *number, struct tv_server *server,
				 const struct tv_bytes *file, bool accept_rollback,
				 struct tv_error *err) TV_MUST_CHECK;
/* Makes an edit of the file's bytes; *next has the next generation's, and before that the outlet. */
enum tv_status tv_custody_edit(struct tv_json **reply, struct tv_secret *next,
			       struct tv_server *server, const struct tv_bytes *file,
			       unsigned message, const struct tv_json *request,
			       const struct tv_outlet *outlet, struct tv_error *err) TV_MUST_CHECK;
/* Wipes every secret and has the kernel forget; `inval.finished` reaches the number when nothing can
 * be read any more. */
uint32_t tv_custody_lock(struct tv_server *server);
/* The keeper saw the file change, whose bytes are in the sealed memfd, or vanish. */
void tv_custody_file(struct tv_server *server, enum tv_status status, const char *detail, int fd);

#endif
