/* A process' program, script and control group, by its directory in /proc. */
#ifndef TV_PROGRAM_H
#define TV_PROGRAM_H

#include <stdbool.h>

#include "vault/caller.h"

/* Keeps a text in a caller; its place, 0 where there is no room for it. */
uint16_t tv_caller_keep(struct tv_caller *c, const char *text);
/* The executable, by device and inode, and its path; false when it can't be looked at. */
bool tv_caller_find_program(struct tv_caller *c, struct tv_caller_program *p, int proc);
/* Whether a program runs what its command line names first: by what it is called. To the log, what any other names first
 * is no script. */
bool tv_caller_is_interpreter(const struct tv_caller *c, const struct tv_caller_program *p);
/* What the process says that it runs, where that is there; *script is a descriptor of it, or −1. */
void tv_caller_find_script(struct tv_caller *c, struct tv_caller_program *p, int proc, int *script);
/* Its control group. */
void tv_caller_find_cgroup(struct tv_caller *c, int proc);

#endif
