/* Who does it: what /proc says of a process that asks for something. */
#ifndef TV_DOCTOR_CALLER_H
#define TV_DOCTOR_CALLER_H

#include <stdbool.h>
#include <sys/types.h>

#include "fusefs/doctor/record.h"

/* The name of the process that a thread belongs to; "" when it is gone. */
void tv_caller_name(char out[static TV_COMM_CHARS], pid_t thread);
/* Whether a process has the file of this absolute path in its memory. */
bool tv_caller_maps(pid_t thread, const char *path);

#endif
