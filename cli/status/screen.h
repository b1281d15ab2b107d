/* The status screen: the vault, the files and what is wrong, for people, in lines of 80 columns. */
#ifndef TV_SCREEN_H
#define TV_SCREEN_H

#include "cli/cli.h"

/* Prints what `status --json` has; home is what ~ stands for. */
void tv_screen_print(const struct tv_json *status, const char *home, int64_t now);

/* Its parts: a line with a name in front, the table of the files, and what is wrong. */
void tv_screen_line(const char *name, const char *text);
void tv_screen_files(const struct tv_json *views, const char *home, int64_t now);
void tv_screen_problems(const struct tv_json *status, const char *home, int64_t now);

#endif
