/* The system calls that one exchange may make, each with its reason. */
#ifndef TV_FETCH_CALLS_H
#define TV_FETCH_CALLS_H

#include "vault/sandbox.h"

/* Ended by a NULL name. */
extern const struct tv_syscall tv_fetch_calls[];

#endif
