/*
 * Programs that ask a person: started in a session of their own, where that person sits, without any descriptor
 * of ours but two pipes, and gone when we are.
 */
#ifndef TV_DIALOG_H
#define TV_DIALOG_H

#include <signal.h>
#include <sys/types.h>

#include "cli/prompt/seat.h"

/* {0} is one that was never started. */
struct tv_dialog {
	pid_t child; /* 0: none */
	int to;	     /* its standard input; −1: it has none */
	int from;
	int signals;	  /* those that end us, which end it first */
	sigset_t before;  /* our mask without it */
	int64_t deadline; /* of the whole, in ms of CLOCK_MONOTONIC */
	const struct tv_seat *seat;
};

int64_t tv_dialog_now(void);

/* Found by PATH where the name has no slash. With an input the program can be written to. What can't be
 * started is TV_NO_PROMPT, here or at the first read. */
enum tv_status tv_dialog_start(struct tv_dialog *d, const char *const *argv, bool has_input,
			       const struct tv_seat *seat, int64_t deadline,
			       struct tv_error *err) TV_MUST_CHECK;
enum tv_status tv_dialog_write(const struct tv_dialog *d, const struct tv_secret *text,
			       struct tv_error *err) TV_MUST_CHECK;
/* One byte; false in *more at the end. TV_CANCELLED at the deadline, after wait_ms (−1: until the
 * deadline), and when a signal wants us to end. */
enum tv_status tv_dialog_read(unsigned char *byte, bool *more, const struct tv_dialog *d,
			      int wait_ms, struct tv_error *err) TV_MUST_CHECK;
/* Waits a moment for its end, or not, then brings it about. Its exit code, or 128 and the signal. A terminal
 * that it leaves behind in the middle of a question is set right. */
int tv_dialog_end(struct tv_dialog *d, bool at_once);

#endif
