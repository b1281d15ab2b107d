/* A client's side of the Assuan protocol: lines to a server, and its answers. */
#ifndef TV_ASSUAN_H
#define TV_ASSUAN_H

#include "cli/prompt/dialog.h"

#define TV_ASSUAN_LINE 1000 /* bytes of a line, its end included */

/* How long a line of the command and its argument, encoded, would be. */
size_t tv_assuan_len(const char *command, const char *argument);
/* argument may be NULL. Without control characters but line ends, which are encoded, as the per cent sign is. */
enum tv_status tv_assuan_say(const struct tv_dialog *d, const char *command, const char *argument,
			     struct tv_error *err) TV_MUST_CHECK;
/* Reads an answer to its end: *code is 0 for OK, else that of ERR. What is said as data, decoded, is appended to
 * data, which may be NULL. TV_NO_PROMPT for what is no answer, and for a server that ended. */
enum tv_status tv_assuan_hear(struct tv_secret *data, unsigned *code, const struct tv_dialog *d,
			      size_t data_max, int wait_ms, struct tv_error *err) TV_MUST_CHECK;

#endif
