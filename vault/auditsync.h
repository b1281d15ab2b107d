/* The audit log and its key's state brought together: what a crash, a deletion or a change by somebody else left.
 * Only for the library itself. */
#ifndef TV_AUDITSYNC_H
#define TV_AUDITSYNC_H

#include "vault/auditfiles.h"
#include "vault/auditkey.h"

/* What is to be said of it in a line. */
enum tv_gap {
	TV_GAP_NONE,
	TV_GAP_MISSING, /* the key has gone further than the log */
	TV_GAP_CHANGED, /* the key does not fit the log's last lines */
	TV_GAP_KEY,	/* the key's state was missing */
};

/* With the lock held and the newest file open: *state, which is what this process knows (known false:
 * nothing), becomes what the next line is to be written with. */
enum tv_status tv_audit_sync(enum tv_gap *gap, struct tv_audit_state *state, bool known,
			     const struct tv_audit_files *files,
			     struct tv_error *err) TV_MUST_CHECK;

#endif
