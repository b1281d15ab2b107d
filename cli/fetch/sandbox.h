/* What tokenvault-fetch gives up before it reads the token. */
#ifndef TV_FETCH_SANDBOX_H
#define TV_FETCH_SANDBOX_H

#include "vault/vault.h"

/* No descriptor but 0 to 2, no privileges by exec, no core, no ptrace, no life without the parent. */
enum tv_status tv_fetch_shut_in(struct tv_error *err) TV_MUST_CHECK;
/* No writing, of files only the system's and those named (ended by NULL; a NULL first: none), and
 * nothing but the system calls that an exchange takes. */
enum tv_status tv_fetch_shut_off(const char *const *readable, struct tv_error *err) TV_MUST_CHECK;

#endif
