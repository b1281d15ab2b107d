/* A process' controlling terminal, by its path. */
#ifndef TV_TTY_H
#define TV_TTY_H

#include <stdbool.h>
#include <sys/types.h>

#define TV_TTY_CHARS 64

/* false where it has none that there is a path for. */
bool tv_tty_find(char out[static TV_TTY_CHARS], pid_t pid);

#endif
