/* Mounting the vault's files, starting the server where none runs. */
#include "cli/mounting.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/foreground.h"
#include "cli/keeper.h"
#include "cli/report.h"

/* The services named, checked; none: an empty request, which means all. */
static enum tv_status make_request(struct tv_json **out, struct tv_cli *cli,
				   const struct tv_mounting *m, struct tv_error *err)
{
	tv_auto_json *request = tv_json_object();
	struct tv_json *names = m->n_providers ? tv_json_array() : NULL;
	enum tv_status status = tv_cli_load_providers(cli, err);
	const struct tv_provider *found;
	bool is_put = true;

	for (size_t i = 0; i < m->n_providers && !status; i++) {
		status = tv_providers_require(&found, cli->providers, m->providers[i], err);
		is_put &= tv_json_put_text(names, NULL, m->providers[i]);
	}
	if (m->n_providers)
		is_put &= tv_json_put(request, "providers", names);
	if (m->is_locked)
		is_put &= tv_json_put_bool(request, "remembered", true);
	if (!status && (!is_put || !request))
		status = tv_fail(err, TV_NO_MEMORY, "a request");
	if (!status) {
		*out = request;
		request = NULL;
	}
	return status;
}

static void print_mounted(const struct tv_json *views)
{
	for (const struct tv_json *v = tv_json_first(views); v; v = tv_json_next(v)) {
		if (tv_json_get_true(v, "mounted"))
			printf("%s\t%s/%s\n", tv_json_get_text(v, "path"),
			       tv_json_get_text(v, "provider"), tv_json_get_text(v, "label"));
	}
	fflush(stdout);
}

/* The kernel knows a file's size when it has been asked for: before that, sendfile(2) would send nothing. The
 * keeper asks as well, but waits for nothing. */
static void ask_sizes(const struct tv_json *views)
{
	struct stat st;

	for (const struct tv_json *v = tv_json_first(views); v; v = tv_json_next(v)) {
		if (tv_json_get_true(v, "mounted") && stat(tv_json_get_text(v, "path"), &st))
			continue;
	}
}

/* The first failure is the command's own; the others are printed here. When many views fail for one
 * reason it is told once. */
static enum tv_status complain(const struct tv_mounting *m, const struct tv_json *views,
			       struct tv_error *err)
{
	enum tv_status first = TV_OK;

	for (const struct tv_json *v = tv_json_first(views); v; v = tv_json_next(v)) {
		const char *detail = tv_json_get_text(v, "detail");
		const char *name = tv_json_get_text(v, "status");
		enum tv_status status = name ? tv_status_by_name(name) : TV_OK;
		struct tv_error own = {""};

		if (!status || (m->is_wanted && !m->is_wanted(m->arg, v)))
			continue;
		tv_fail(&own, status, "%s", detail ? detail : tv_json_get_text(v, "path"));
		if (!first) {
			first = status;
			*err = own;
		} else if (strcmp(own.detail, err->detail)) {
			tv_complain(status, &own);
		}
	}
	return first;
}

static bool is_anything_mounted(struct tv_cli *cli)
{
	tv_auto_json *reply = NULL;
	struct tv_error ignored;

	if (tv_cli_call(&reply, cli, TV_AGENT_status, NULL, &ignored))
		return false;
	if (tv_json_get_text(reply, "tree"))
		return true;
	for (const struct tv_json *v = tv_json_first(tv_json_get(reply, "views")); v;
	     v = tv_json_next(v)) {
		if (tv_json_get_true(v, "mounted"))
			return true;
	}
	return false;
}

/* That the files are in the way was to be expected; the directory view tells whether any can be mounted. */
static enum tv_status check_prepared(struct tv_cli *cli, struct tv_error *err)
{
	return is_anything_mounted(cli)
		       ? TV_OK
		       : tv_fail(err, TV_NO_FUSE,
				 "tokenvault mount says why; until then --keep takes tokens in and "
				 "leaves the files, --no-mount removes them all the same");
}

static bool is_asked_for(const struct tv_mounting *m, const char *provider)
{
	for (size_t i = 0; i < m->n_providers; i++) {
		if (!strcmp(m->providers[i], provider))
			return true;
	}
	return !m->n_providers;
}

/* Why no file is there: nothing in the vault, nothing that a definition knows, or nothing that is on. */
static enum tv_status explain_none(struct tv_cli *cli, const struct tv_mounting *m,
				   struct tv_error *err)
{
	tv_auto_json *reply = NULL;
	char unknown[200] = "";
	size_t n_known = 0, len = 0;
	enum tv_status status;

	if (m->is_locked) {
		tv_say(cli, "no file was in place last; tokenvault mount shows those of every "
			    "service");
		return TV_OK;
	}
	status = tv_cli_call(&reply, cli, TV_AGENT_list, NULL, err);
	for (const struct tv_json *e = tv_json_first(tv_json_get(reply, "entries")); e;
	     e = tv_json_next(e)) {
		const char *provider = tv_json_get_text(e, "provider");

		if (!is_asked_for(m, provider))
			continue;
		if (tv_providers_find(cli->providers, provider))
			n_known++;
		else if (len < sizeof(unknown))
			len += (size_t)snprintf(unknown + len, sizeof(unknown) - len, "%s%s/%s",
						len ? ", " : "", provider,
						tv_json_get_text(e, "label"));
	}
	if (len)
		tv_say(cli,
		       "no file for %s: there is no definition of the service; tokenvault "
		       "provider list shows those there are",
		       unknown);
	if (n_known)
		tv_say(cli,
		       "%zu entr%s no file to mount: all are switched off, or lack a field; "
		       "tokenvault view list shows them",
		       n_known, n_known == 1 ? "y has" : "ies have");
	if (!status && !n_known && !len)
		tv_say(cli, "the vault has no entries%s; tokenvault add PROVIDER stores a token",
		       m->n_providers ? " of that service" : "");
	return status;
}

static void warn_of_swap(struct tv_cli *cli)
{
	tv_auto_json *reply = NULL;
	struct tv_error ignored;

	if (!tv_cli_call(&reply, cli, TV_AGENT_status, NULL, &ignored) &&
	    !tv_json_get_true(reply, "memory_locked"))
		tv_say(cli, "warning: what is secret may be swapped: the limit of locked memory is "
			    "too low; tokenvault doctor says what it takes");
}

static enum tv_status mount_views(struct tv_cli *cli, const struct tv_mounting *m,
				  const struct tv_json *request, struct tv_error *err)
{
	tv_auto_json *reply = NULL;
	const struct tv_json *views;
	enum tv_status status = tv_cli_call(&reply, cli, TV_AGENT_mount, request, err);

	if (status)
		return status;
	views = tv_json_get(reply, "views");
	ask_sizes(views);
	if (m->prepares)
		return check_prepared(cli, err);
	if (m->reports && cli->is_json)
		status = tv_report_json(views, err);
	else if (m->reports)
		print_mounted(views);
	warn_of_swap(cli);
	if (!status && !tv_json_count(views))
		status = explain_none(cli, m, err);
	return status ? status : complain(m, views, err);
}

/* In the foreground. What could not be mounted is told now; the exit code is the keeper's. */
static enum tv_status stay(struct tv_cli *cli, pid_t child, enum tv_status so_far,
			   const struct tv_error *err)
{
	if (so_far)
		tv_complain(so_far, err);
	cli->exit_code = tv_foreground_stay(cli, child);
	return TV_OK;
}

/* A server that was started for nothing is ended again: one that stayed locked, or one without a single view. */
static enum tv_status start_and_mount(struct tv_cli *cli, const struct tv_mounting *m,
				      const struct tv_json *request, struct tv_error *err)
{
	struct tv_error ignored;
	pid_t child = 0;
	enum tv_status status =
		m->is_locked ? TV_OK : tv_session_authenticate(cli->session, NULL, err);

	if (!status)
		status = tv_keeper_start(&child, cli, m->stays, m->askpass, err);
	if (status)
		return status;
	status = tv_session_connect(cli->session, err);
	if (!status && !m->is_locked)
		status = tv_session_unlock(cli->session, err);
	if (!status) {
		status = mount_views(cli, m, request, err);
		if (!status || is_anything_mounted(cli))
			return m->stays ? stay(cli, child, status, err) : status;
	}
	if (tv_keeper_stop(cli, &ignored))
		return status;
	if (child)
		tv_keeper_exit_code(child);
	return status;
}

/* One that was killed just now may still take a connection. */
static bool has_ended(struct tv_cli *cli)
{
	struct tv_error ignored;

	return !tv_session_keeper(cli->session) ||
	       tv_cli_call(NULL, cli, TV_AGENT_status, NULL, &ignored) == TV_NOT_MOUNTED;
}

enum tv_status tv_mounting_run(struct tv_cli *cli, const struct tv_mounting *m,
			       struct tv_error *err)
{
	tv_auto_json *request = NULL;
	enum tv_status status = make_request(&request, cli, m, err);
	bool is_unlocked;

	if (!status)
		status = tv_cli_open(cli, err);
	if (status)
		return status;
	if (has_ended(cli))
		return start_and_mount(cli, m, request, err);
	if (m->stays || m->askpass)
		return tv_fail(err, TV_BUSY, "a server runs already; tokenvault unmount ends it");
	status = tv_session_find_server(&is_unlocked, cli->session, err);
	if (status)
		return status;
	if (m->stays_locked && !is_unlocked) {
		if (!m->prepares)
			tv_say(cli, "the server is locked, so nothing was mounted; tokenvault "
				    "mount unlocks it and shows the files");
		return TV_OK;
	}
	if (!m->is_locked && !is_unlocked)
		status = tv_session_unlock(cli->session, err);
	return status ? status : mount_views(cli, m, request, err);
}
