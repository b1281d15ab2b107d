/* Variables that tools take a token from instead of the mounted file. */
#include <stdlib.h>

#include "cli/checkup/look.h"

static void look_at(struct tv_checkup *c, const char *provider, const char *name)
{
	const char *value = getenv(name);

	if (!value || !*value)
		return;
	if (tv_checkup_has_entry(c, provider) == TV_KNOWN_SO)
		tv_remark_wrong(c,
				"%s is set, and tools of %s take it instead of the mounted file; "
				"unset %s",
				name, provider, name);
	else
		tv_remark_note(c,
			       "%s is set, which every program that you start can read; tokenvault "
			       "add %s keeps that token, then unset %s",
			       name, provider, name);
}

static void look(struct tv_checkup *c)
{
	for (size_t i = 0; i < tv_providers_count(c->cli->providers); i++) {
		const struct tv_provider *p = tv_providers_at(c->cli->providers, i);

		for (size_t k = 0; k < p->n_environment; k++)
			look_at(c, p->name, p->environment[k]);
	}
}

const struct tv_check tv_check_environment = {
	.name = "environment",
	.fine = "no variable is set that tools would take instead of a mounted file",
	.look = look,
};
