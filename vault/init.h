/* What a program does before it may hold a secret. */
#ifndef TV_INIT_H
#define TV_INIT_H

#include "vault/status.h"

/* Starts libsodium, sends cJSON into the arena, forbids core files and ptrace by the same user
 * (PR_SET_DUMPABLE 0, RLIMIT_CORE 0). Call it first; calling it again does no harm. */
enum tv_status tv_init(struct tv_error *err) TV_MUST_CHECK;

#endif
