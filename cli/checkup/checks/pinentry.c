/* Whether there is a program that can ask for the passphrase when a file is opened. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/checkup/look.h"

/* The one that gpg-agent.conf names, into out; false: it names none. */
static bool find_named(char out[static PATH_MAX], const struct tv_checkup *c)
{
	static const char word[] = "pinentry-program";
	const char *home = getenv("GNUPGHOME");
	tv_auto_bytes text = {0};
	char path[PATH_MAX];
	char *at, *line;

	if (home && *home == '/')
		snprintf(path, sizeof(path), "%.4000s/gpg-agent.conf", home);
	else
		snprintf(path, sizeof(path), "%.4000s/.gnupg/gpg-agent.conf", c->cli->paths.home);
	if (!tv_look_read_own(&text, path))
		return false;
	at = (char *)text.data;
	while ((line = tv_look_line(&at))) {
		line += strspn(line, " \t");
		if (strncmp(line, word, strlen(word)) != 0 || !strchr(" \t", line[strlen(word)]))
			continue;
		line += strlen(word);
		line += strspn(line, " \t");
		line[strcspn(line, " \t\r")] = '\0';
		snprintf(out, PATH_MAX, "%s", line);
		return *out;
	}
	return false;
}

static void look(struct tv_checkup *c)
{
	struct tv_program ignored;
	char named[PATH_MAX];

	if (find_named(named, c)) {
		if (access(named, X_OK))
			tv_remark_note(
				c,
				"gpg-agent.conf names %s, which can't be run, so that nothing "
				"can ask for the passphrase when a file is opened; correct "
				"pinentry-program there",
				named);
		return;
	}
	if (!tv_look_program(&ignored, "pinentry"))
		tv_remark_note(
			c, "there is no pinentry, so that nothing can ask for the passphrase "
			   "when a file is opened; install one of the packages pinentry-gnome3, "
			   "-qt and -curses");
}

const struct tv_check tv_check_pinentry = {
	.name = "pinentry",
	.fine = "there is a pinentry to ask for the passphrase with",
	.look = look,
};
