/* What the reader gives up before it reads a byte. */
#ifndef TV_READ_SANDBOX_H
#define TV_READ_SANDBOX_H

#include "vault/vault.h"

/* No environment, no file, no descriptor but 0 to 2, no life without the parent, bounds on time and memory, and no
 * system call but what reading standard input and writing standard output takes. */
enum tv_status tv_read_confine(struct tv_error *err) TV_MUST_CHECK;

#endif
