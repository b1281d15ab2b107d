/* Tokens for commands that read no file: in the environment, or on standard input. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/run/run.h"

/* What its file would not show is not handed out in another way. */
static enum tv_status check_expiry(const struct tv_json *entry, struct tv_error *err)
{
	const char *provider = tv_json_get_text(entry, "provider");
	const char *label = tv_json_get_text(entry, "label");
	int64_t expires;

	if (!tv_json_get_true(entry, "deny") || !tv_json_get_int(entry, "expires", &expires) ||
	    expires > (int64_t)time(NULL))
		return TV_OK;
	return tv_fail(err, TV_EXPIRED,
		       "%s/%s; to use it all the same: tokenvault set %s/%s --when-expired serve",
		       provider, label, provider, label);
}

static enum tv_status set_variables(const struct tv_provider *p, const struct tv_json *entry,
				    const struct tv_json *entries, struct tv_error *err)
{
	const char *token = tv_json_get_text(entry, "token");

	if (!p->n_environment)
		return tv_fail(err, TV_BAD_VALUE,
			       "the definition of %s has no variable; without --env the command "
			       "gets its files",
			       p->name);
	for (const struct tv_json *e = tv_json_first(entries); e != entry; e = tv_json_next(e)) {
		if (!strcmp(tv_json_get_text(e, "provider"), p->name))
			return tv_fail(err, TV_USAGE,
				       "the variables of %s have room for one entry, not two",
				       p->name);
	}
	for (size_t i = 0; i < p->n_environment; i++) {
		if (setenv(p->environment[i], token, 1))
			return tv_fail(err, TV_NO_MEMORY, "the environment");
	}
	return TV_OK;
}

enum tv_status tv_run_variables(struct tv_cli *cli, const struct tv_json *entries,
				struct tv_error *err)
{
	enum tv_status status = tv_cli_load_providers(cli, err);

	for (const struct tv_json *e = tv_json_first(entries); e && !status; e = tv_json_next(e)) {
		const struct tv_provider *p;

		status = tv_providers_require(&p, cli->providers, tv_json_get_text(e, "provider"),
					      err);
		if (!status)
			status = check_expiry(e, err);
		if (!status)
			status = set_variables(p, e, entries, err);
	}
	return status;
}

/* All at once: the pipe has room for it, so that nobody has to stay to feed it. */
static enum tv_status fill(int pipe, const char *token, struct tv_error *err)
{
	tv_auto_secret line = {0};

	tv_secret_puts(&line, token);
	tv_secret_putc(&line, '\n');
	if (line.failed)
		return tv_fail(err, TV_NO_MEMORY, "the token");
	fcntl(pipe, F_SETPIPE_SZ, 2 * TV_TOKEN_MAX);
	if (fcntl(pipe, F_SETFL, O_WRONLY | O_NONBLOCK) ||
	    write(pipe, line.data, line.len) != (ssize_t)line.len)
		return tv_fail(err, TV_FAILED, "the pipe has no room for the token");
	return TV_OK;
}

enum tv_status tv_run_stdin(const struct tv_json *entries, struct tv_error *err)
{
	const struct tv_json *entry = tv_json_first(entries);
	enum tv_status status;
	int ends[2];

	if (tv_json_count(entries) != 1)
		return tv_fail(err, TV_USAGE, "--stdin takes one entry");
	status = check_expiry(entry, err);
	if (status)
		return status;
	if (pipe2(ends, O_CLOEXEC))
		return tv_fail(err, TV_FAILED, "no pipe: %s", strerror(errno));
	status = fill(ends[1], tv_json_get_text(entry, "token"), err);
	if (!status && dup2(ends[0], STDIN_FILENO) < 0)
		status = tv_fail(err, TV_FAILED, "standard input: %s", strerror(errno));
	close(ends[0]);
	close(ends[1]);
	return status;
}
