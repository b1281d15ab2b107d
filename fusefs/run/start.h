/* What a run's keeper does before there is a server, in place of a socket that anybody may come to. */
#ifndef TV_RUN_START_H
#define TV_RUN_START_H

#include "fusefs/duty.h"

/* Goes into namespaces of its own, prepares the ground there, and hands the namespaces to whoever started
 * us. TV_NO_FUSE, TV_IN_THE_WAY. */
enum tv_status tv_run_start(struct tv_duty *k, struct tv_error *err) TV_MUST_CHECK;

#endif
