/* What a program does before it may hold a secret. */
#ifndef TV_INIT_H
#define TV_INIT_H

#include "vault/status.h"

/* Starts libsodium, sends cJSON into the arena, forbids core files and ptrace by the same user
 * (PR_SET_DUMPABLE 0, RLIMIT_CORE 0). Call it first; calling it again does no harm. */
enum tv_status tv_init(struct tv_error *err) TV_MUST_CHECK;

/* The same in two steps, for who may do without the second: all but libsodium, which takes a virtual machine longer to
 * start than a token to print; and libsodium, before anything is encrypted, hashed or made up. A session sees to that
 * itself. */
enum tv_status tv_init_process(struct tv_error *err) TV_MUST_CHECK;
enum tv_status tv_init_crypto(struct tv_error *err) TV_MUST_CHECK;

/* Raises a soft limit (RLIMIT_…) as far as the hard one lets it. */
void tv_limit_raise(int resource);

#endif
