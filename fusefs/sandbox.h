/* What the server gives up before it may hold a secret. */
#ifndef TV_SANDBOX_H
#define TV_SANDBOX_H

#include <sys/types.h>

#include "vault/vault.h"

/* Keeps the descriptors listed (they may change their numbers: they come back through the pointers),
 * closes all others, and lets 0 to 2 lead nowhere. */
enum tv_status tv_sandbox_descriptors(int *const *keep, size_t count,
				      struct tv_error *err) TV_MUST_CHECK;
/* No privileges by exec, no core, no ptrace, no life without the keeper, no file system, no network.
 * Before threads are started. */
enum tv_status tv_sandbox_process(pid_t keeper, struct tv_error *err) TV_MUST_CHECK;
/* Nothing but the system calls that serving takes; for all threads. Whatever else is tried kills the
 * process. */
enum tv_status tv_sandbox_calls(struct tv_error *err) TV_MUST_CHECK;

#endif
