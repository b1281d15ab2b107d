/* Words for files that others read as commands. They must be UTF-8 without control characters. */
#ifndef TV_QUOTE_H
#define TV_QUOTE_H

#include <stdio.h>

/* One word of a line in a unit of systemd's, as Environment= and, with a colon in front, ExecStart= have it. */
void tv_quote_unit(FILE *to, const char *word);
/* One word of Exec= in a desktop entry. */
void tv_quote_desktop(FILE *to, const char *word);
/* One word for a shell. */
void tv_quote_shell(FILE *to, const char *word);

#endif
