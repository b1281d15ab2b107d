/* A trial mount, for `tokenvault doctor`. */
#ifndef TV_DOCTOR_TRIAL_H
#define TV_DOCTOR_TRIAL_H

#include "vault/vault.h"

/* Mounts over a file of its own in an empty directory as the keeper does, sees the kernel have it, and takes
 * all of that away again. TV_NO_FUSE with what is wrong. */
enum tv_status tv_trial_run(const char *directory, struct tv_error *err) TV_MUST_CHECK;

#endif
