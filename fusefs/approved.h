/*
 * The paths of the user's own at which this machine's user wants files. The vault says them too, but the
 * server alone can read that, and it is not to choose where its bytes appear.
 */
#ifndef TV_APPROVED_H
#define TV_APPROVED_H

#include <stdbool.h>

/* Whether a path below the home directory is a line of the list: a file of the user's that nobody else
 * can write to. list may be NULL: nothing is approved. */
bool tv_approved_has(const char *list, const char *path);

#endif
