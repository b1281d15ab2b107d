/* Trials: what is better tried than asked, by the program tokenvault-doctor. */
#ifndef TV_CHECKUP_TRIAL_H
#define TV_CHECKUP_TRIAL_H

#include "cli/checkup/checkup.h"

/* Has the program try something in a new, empty directory, which is gone afterwards: "mount" or
 * "namespaces". What it says of a failure goes into said, nothing when all is well. */
enum tv_status tv_trial_make(struct tv_secret *said, const struct tv_checkup *c, const char *what,
			     struct tv_error *err) TV_MUST_CHECK;

#endif
