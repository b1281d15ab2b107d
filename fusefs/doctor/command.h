/* The command under the doctor's eyes: started behind a gate, waited for, ended with all it left. */
#ifndef TV_DOCTOR_COMMAND_H
#define TV_DOCTOR_COMMAND_H

#include <sys/types.h>

#include "fusefs/doctor/record.h"

struct tv_patient {
	pid_t pid;
	int gate;   /* a byte lets it start */
	int failed; /* its errno, where it can't be started; else the end of file */
};

/* Blocks the signals that are waited for, in all threads that come after. */
void tv_patient_block_signals(void);
/* Forks. The command will run with HOME at home and without the XDG_* that lie in the home directory of
 * now; its output goes to standard error. It starts at tv_patient_go. */
enum tv_status tv_patient_fork(struct tv_patient *out, char *const *argv, const char *home,
			       struct tv_error *err) TV_MUST_CHECK;
/* Lets it run and waits until it ends. TV_FAILED when it can't be started, and when a signal ended the
 * waiting, which is passed on to it. */
enum tv_status tv_patient_run(struct tv_ending *out, struct tv_patient *p, const char *name,
			      struct tv_error *err) TV_MUST_CHECK;
/* Ends every process that it left behind; and itself, where it never started. */
void tv_patient_end(struct tv_patient *p);

#endif
