/* Quotes words for systemd, desktops and shells. */
#include "cli/login/quote.h"

#include <string.h>

/* systemd.syntax(7): escapes as in C; a percent sign begins a specifier everywhere. Dollar signs are left alone by
 * Environment=, and by ExecStart=: where the colon is. */
void tv_quote_unit(FILE *to, const char *word)
{
	fputc('"', to);
	for (; *word; word++) {
		if (strchr("\"\\", *word))
			fputc('\\', to);
		else if (*word == '%')
			fputc('%', to);
		fputc(*word, to);
	}
	fputc('"', to);
}

/* The desktop entry specification: a quoted argument escapes ", `, $ and \ with a backslash, and then every
 * backslash of a string's value is doubled; %% is a percent sign. */
void tv_quote_desktop(FILE *to, const char *word)
{
	fputc('"', to);
	for (; *word; word++) {
		if (strchr("\"`$\\", *word))
			fputs("\\\\", to);
		if (strchr("\\%", *word))
			fputc(*word, to);
		fputc(*word, to);
	}
	fputc('"', to);
}

void tv_quote_shell(FILE *to, const char *word)
{
	fputc('\'', to);
	for (; *word; word++) {
		if (*word == '\'')
			fputs("'\\'", to);
		fputc(*word, to);
	}
	fputc('\'', to);
}
