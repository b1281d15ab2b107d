/* The system calls that the server may make, each with its reason. */
#ifndef TV_CALLS_H
#define TV_CALLS_H

#include "vault/sandbox.h"

/* Ended by a NULL name. Whatever else is tried kills the server. */
extern const struct tv_syscall tv_server_calls[];

#endif
