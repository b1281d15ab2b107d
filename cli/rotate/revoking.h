/* Tokens that a rotation left to be ended at the service, once their time has come. */
#ifndef TV_REVOKING_H
#define TV_REVOKING_H

#include "cli/rotate/rotation.h"

/* Ends those of the entry that are due, waiting for those that are so within patience seconds. None is
 * ended that the vault still has in use, nor before a running server shows the entry's token. What fails
 * stays noted. */
enum tv_status tv_revoking_run(struct tv_rotating *r, int64_t patience,
			       struct tv_error *err) TV_MUST_CHECK;

#endif
