/* Help and usage, written from the tables of cli/command.h so that they fit a screen of 80×24. */
#ifndef TV_HELP_H
#define TV_HELP_H

#include <stdio.h>

#include "cli/options.h"

/* One line for each way to call the command at hand, or the program when there is none. */
void tv_help_usage(FILE *to, const struct tv_args *args);
/* The command's help, or the program's. */
void tv_help(FILE *to, const struct tv_args *args);

#endif
