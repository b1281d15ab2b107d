/* Questions on the terminal whose answer is not shown. */
#ifndef TV_TERMINAL_H
#define TV_TERMINAL_H

#include "vault/vault.h"

/* Asks on /dev/tty and reads a line of at most limit bytes without echo. The terminal is as it was when
 * this returns, and also when a signal ends or stops the program meanwhile. Without a terminal:
 * TV_LOCKED, and `otherwise` says what to do instead. */
enum tv_status tv_terminal_ask(struct tv_secret *out, const char *prompt, size_t limit,
			       const char *otherwise, struct tv_error *err) TV_MUST_CHECK;

/* Asks on /dev/tty whether to go on; only y and yes mean so. TV_LOCKED as above. */
enum tv_status tv_terminal_confirm(bool *yes, const char *question, const char *otherwise,
				   struct tv_error *err) TV_MUST_CHECK;

#endif
