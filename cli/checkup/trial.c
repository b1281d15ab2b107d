/* Runs tokenvault-doctor for trials. */
#include "cli/checkup/trial.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/helper.h"

#define SECONDS 30

static bool make_place(char out[static PATH_MAX], const struct tv_checkup *c)
{
	const char *const bases[] = {c->cli->paths.runtime_base, getenv("TMPDIR"), "/tmp"};

	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		if (!bases[i] || *bases[i] != '/')
			continue;
		snprintf(out, PATH_MAX, "%.3000s/tokenvault-trial.XXXXXX", bases[i]);
		if (mkdtemp(out))
			return true;
	}
	return false;
}

enum tv_status tv_trial_make(struct tv_secret *said, const struct tv_checkup *c, const char *what,
			     struct tv_error *err)
{
	char place[PATH_MAX], argument[PATH_MAX + 32], path[PATH_MAX + 8];
	const char *own = getenv("PATH");
	const char *const environment[] = {own && *own ? path : NULL, NULL};
	const struct tv_helper trial = {
		.name = "tokenvault-doctor",
		.build_dir = "../fusefs",
		.argument = argument,
		.environment = environment,
		.seconds = SECONDS,
		.answer_max = sizeof(struct tv_error),
	};
	tv_auto_secret nothing = {0};
	enum tv_status status;

	if (!make_place(place, c))
		return tv_fail(err, TV_IO, "no directory for a trial: %s", strerror(errno));
	snprintf(argument, sizeof(argument), "--try-%s=%s", what, place);
	snprintf(path, sizeof(path), "PATH=%.*s", PATH_MAX, own ? own : "");
	status = tv_helper_run(said, &trial, &nothing, err);
	rmdir(place);
	return status;
}
