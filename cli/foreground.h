/* A keeper in the foreground: its end is ours, and whoever manages us is told how it is. */
#ifndef TV_FOREGROUND_H
#define TV_FOREGROUND_H

#include <sys/types.h>

#include "cli/cli.h"

/* Waits for the keeper, passing on SIGTERM, SIGINT and SIGHUP; gives its exit code. The service manager, if there
 * is one, hears that the files are there, whether they can be read, and that the end has come. */
int tv_foreground_stay(struct tv_cli *cli, pid_t keeper);

#endif
