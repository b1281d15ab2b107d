/* What is left to tokenvault-fetch once it reads the token. */
#ifndef TV_FETCH_SANDBOX_H
#define TV_FETCH_SANDBOX_H

#include "vault/vault.h"

/* No writing, of files only the system's and the roots (two at most, ended by NULL), and nothing but the
 * system calls that an exchange takes. */
enum tv_status tv_fetch_confine(const char *const *roots, struct tv_error *err) TV_MUST_CHECK;

#endif
