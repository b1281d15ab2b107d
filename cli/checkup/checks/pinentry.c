/* Whether there is a program that can ask for the passphrase when a file is opened. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/checkup/look.h"
#include "cli/prompt/question.h"

#define HARM "so that nobody can be asked for the passphrase when a file is opened, nor by rule ask"

static void say(struct tv_checkup *c, const char *name)
{
	const bool is_wanted = tv_json_get_true(tv_json_get(c->server, "prompt"), "on");
	void (*remark)(struct tv_checkup *, const char *, ...) =
		is_wanted ? tv_remark_wrong : tv_remark_note;

	if (strchr(name, '/'))
		remark(c,
		       "gpg-agent.conf names %s, which can't be run, " HARM "; correct its line "
		       "pinentry-program",
		       name);
	else
		remark(c,
		       "there is no %s, " HARM "; install pinentry-gnome3, -qt or -curses, or "
		       "tokenvault mount --askpass PROGRAM",
		       name);
}

static bool can_run(const char *name)
{
	struct tv_program found;
	struct tv_error ignored;

	return strchr(name, '/') ? !access(name, X_OK)
				 : !tv_program_find_out(&found, name, NULL, &ignored);
}

static void look(struct tv_checkup *c)
{
	const char *askpass = getenv("TOKENVAULT_ASKPASS");
	char name[PATH_MAX];

	if (askpass && *askpass)
		snprintf(name, sizeof(name), "%s", askpass);
	else
		tv_pinentry_find(name, c->cli->paths.home);
	if (!can_run(name))
		say(c, name);
}

const struct tv_check tv_check_pinentry = {
	.name = "pinentry",
	.fine = "there is a program to ask for the passphrase with",
	.look = look,
};
