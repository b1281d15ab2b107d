/* Claiming an instance: its directories, and the locks that one keeper holds for life. */
#ifndef TV_CLAIM_H
#define TV_CLAIM_H

#include "fusefs/config.h"

struct tv_claim {
	int runtime_lock;
	int state_lock; /* the journal may be shared by instances that do not share the runtime's */
};

/* Makes the runtime and state directories, 0700 and ours, and takes the locks, waiting at most
 * wait_ms for a predecessor that is on its way out: TV_BUSY. */
enum tv_status tv_claim_take(struct tv_claim *claim, const struct tv_fs_config *config, int wait_ms,
			     struct tv_error *err) TV_MUST_CHECK;
/* Removes the locks, and the runtime directory when it is empty. */
void tv_claim_drop(struct tv_claim *claim, const struct tv_fs_config *config);

#endif
