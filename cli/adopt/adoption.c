/* Adoption: tokens move from plaintext files into the vault, without a moment in which they are lost. */
#include "cli/adopt/adoption.h"

#include <stdlib.h>
#include <string.h>

#include "cli/adopt/check.h"
#include "cli/mounting.h"
#include "cli/occupant.h"

void tv_adoption_free(struct tv_adoption *a)
{
	tv_intakes_free(&a->intakes);
	tv_findings_free(&a->findings);
	tv_places_free(&a->places);
	tv_scratch_free(a->vault);
	a->vault = NULL;
}

/* Whether no finding before this one is of the same service and of what is asked for. */
static bool is_first(const struct tv_adoption *a, size_t i,
		     bool (*fits)(const struct tv_finding *f))
{
	if (!fits(&a->findings.at[i]))
		return false;
	for (size_t n = 0; n < i; n++) {
		if (a->findings.at[n].place->provider == a->findings.at[i].place->provider &&
		    fits(&a->findings.at[n]))
			return false;
	}
	return true;
}

static bool is_ready(const struct tv_finding *f)
{
	return f->fate == TV_FATE_READY;
}

/* Without asking anybody. */
static bool may_open(const struct tv_adoption *a)
{
	return tv_ask_is_automatic(&a->cli->ask) || tv_session_opens_alone(a->cli->session);
}

/* The vault's entries of the services found. A dry run only has them when nobody need be asked. */
static enum tv_status copy_vault(struct tv_adoption *a, struct tv_error *err)
{
	enum tv_status status = tv_scratch_new(&a->vault, err);

	if (!status && a->is_dry && !may_open(a))
		return TV_OK;
	for (size_t i = 0; i < a->findings.count && !status; i++) {
		if (is_first(a, i, is_ready))
			status = tv_scratch_copy(a->vault, a->cli,
						 a->findings.at[i].place->provider->name, err);
	}
	return status;
}

/* The user's own paths are in the vault: they are looked at where nobody has to be asked for a key. */
static enum tv_status list_places(struct tv_adoption *a, struct tv_error *err)
{
	const struct tv_args *args = a->cli->args;
	tv_auto_json *views = NULL;
	enum tv_status status = tv_places_list(&a->places, a->cli, args->words, args->n_words, err);

	if (!status)
		status = tv_cli_open(a->cli, err);
	if (status || !tv_session_has_server(a->cli->session))
		return status;
	status = tv_cli_call(&views, a->cli, TV_AGENT_views, NULL, err);
	return status ? status
		      : tv_places_add_own(&a->places, a->cli, tv_json_get(views, "paths"), err);
}

enum tv_status tv_adoption_plan(struct tv_adoption *a, struct tv_error *err)
{
	enum tv_status status = list_places(a, err);

	for (size_t i = 0; i < a->places.count && !status && !a->is_dry; i++)
		tv_source_sweep(a->places.at[i].path);
	if (!status)
		status = tv_findings_read(&a->findings, &a->places, err);
	if (!status)
		status = copy_vault(a, err);
	if (!status)
		status = tv_intakes_plan(&a->intakes, &a->findings, a->vault, err);
	if (!status)
		status = tv_intakes_compare(&a->intakes, &a->findings, a->vault, err);
	return status ? status : tv_intakes_add(&a->intakes, a->vault, err);
}

static void mark_wanted(struct tv_adoption *a)
{
	for (size_t i = 0; i < a->findings.count; i++) {
		struct tv_finding *f = &a->findings.at[i];

		for (size_t n = 0; n < f->count; n++)
			f->at[n].intake->is_wanted |= is_ready(f) || f->fate == TV_FATE_KEPT;
	}
}

/* What the vault says of a file, for this entry and for whichever; else the definition. */
static bool is_on(const struct tv_json *views, const struct tv_finding *f, const char *label)
{
	bool on = f->place->file->on, has_own = false;

	for (const struct tv_json *j = tv_json_first(views); j; j = tv_json_next(j)) {
		const char *own = tv_json_get_text(j, "label");

		if (strcmp(tv_json_get_text(j, "provider"), f->place->provider->name) != 0 ||
		    strcmp(tv_json_get_text(j, "file"), f->place->file->name) != 0 || has_own ||
		    (own && (!label || strcmp(own, label) != 0)))
			continue;
		on = tv_json_get_true(j, "on");
		has_own = own;
	}
	return on;
}

/* A file that shows each entry apart is switched on for this one only. */
static enum tv_status switch_on(struct tv_adoption *a, const struct tv_finding *f,
				const struct tv_json *views, struct tv_error *err)
{
	const bool is_each = f->place->file->shows == TV_SHOWS_EACH && f->count;
	const char *label = is_each ? f->at[0].intake->label : NULL;
	tv_auto_json *request = tv_json_object();

	if (is_on(views, f, label))
		return TV_OK;
	if (!tv_json_put_text(request, "provider", f->place->provider->name) ||
	    !tv_json_put_text(request, "file", f->place->file->name) ||
	    !tv_json_put_bool(request, "on", true) ||
	    (label && !tv_json_put_text(request, "label", label)))
		return tv_fail(err, TV_NO_MEMORY, "a request");
	return tv_cli_call(NULL, a->cli, TV_AGENT_view, request, err);
}

static enum tv_status switch_all_on(struct tv_adoption *a, struct tv_error *err)
{
	tv_auto_json *reply = NULL;
	enum tv_status status = tv_cli_call(&reply, a->cli, TV_AGENT_views, NULL, err);

	for (size_t i = 0; i < a->findings.count && !status; i++) {
		if (is_ready(&a->findings.at[i]) && !a->findings.at[i].place->is_own)
			status = switch_on(a, &a->findings.at[i], tv_json_get(reply, "views"), err);
	}
	return status;
}

static bool is_ready_or_left_over(const struct tv_finding *f)
{
	return f->fate == TV_FATE_READY || f->fate == TV_FATE_LEFT_OVER;
}

/* Before anything is destroyed: a server, and that it can mount. */
static enum tv_status prepare(const struct tv_adoption *a, struct tv_error *err)
{
	struct tv_mounting m = {.prepares = true, .stays_locked = true};
	const char **names = calloc(a->findings.count + 1, sizeof(*names));
	enum tv_status status;

	if (!names)
		return tv_fail(err, TV_NO_MEMORY, "a request");
	for (size_t i = 0; i < a->findings.count; i++) {
		if (is_first(a, i, is_ready_or_left_over))
			names[m.n_providers++] = a->findings.at[i].place->provider->name;
	}
	m.providers = names;
	status = m.n_providers && a->mounts ? tv_mounting_run(a->cli, &m, err) : TV_OK;
	free(names);
	return status;
}

static bool is_replaced(const struct tv_adoption *a, const char *path)
{
	for (size_t i = 0; i < a->findings.count; i++) {
		if (a->findings.at[i].fate == TV_FATE_REPLACED &&
		    !strcmp(a->findings.at[i].place->path, path))
			return true;
	}
	return false;
}

static bool is_asked_for(const struct tv_adoption *a, const char *provider)
{
	const struct tv_args *args = a->cli->args;

	for (size_t i = 0; i < args->n_words; i++) {
		if (!strcmp(args->words[i], provider))
			return true;
	}
	return !args->n_words;
}

/* Of the server's views: one of a replaced file, or one that only lacks its mount, as a killed adoption
 * leaves it; none that is not approved. */
static bool is_to_mount(const void *arg, const struct tv_json *view)
{
	const struct tv_adoption *a = arg;
	const char *path = tv_json_get_text(view, "path");
	const char *status = tv_json_get_text(view, "status");
	enum tv_occupant there;

	if (tv_json_get_true(view, "mounted") || is_replaced(a, path))
		return is_replaced(a, path);
	if (!is_asked_for(a, tv_json_get_text(view, "provider")) ||
	    (status && tv_status_by_name(status) == TV_REFUSED))
		return false;
	there = tv_occupant_at(path);
	return there == TV_OCCUPANT_NONE || there == TV_OCCUPANT_OURS;
}

static enum tv_status list_to_mount(struct tv_json **out, const struct tv_adoption *a,
				    struct tv_error *err)
{
	tv_auto_json *names = tv_json_object(), *status_reply = NULL;
	enum tv_status status = TV_OK;
	bool put = names;

	for (size_t i = 0; i < a->findings.count && put; i++) {
		const struct tv_finding *f = &a->findings.at[i];

		if (f->fate == TV_FATE_REPLACED)
			put = tv_json_put_null(names, f->place->provider->name);
	}
	if (tv_session_has_server(a->cli->session))
		status = tv_cli_call(&status_reply, a->cli, TV_AGENT_status, NULL, err);
	for (const struct tv_json *v = tv_json_first(tv_json_get(status_reply, "views")); v && put;
	     v = tv_json_next(v)) {
		if (is_to_mount(a, v))
			put = tv_json_put_null(names, tv_json_get_text(v, "provider"));
	}
	if (!put)
		return tv_fail(err, TV_NO_MEMORY, "a request");
	if (status)
		return status;
	*out = names;
	names = NULL;
	return TV_OK;
}

enum tv_status tv_adoption_mount(const struct tv_adoption *a, struct tv_error *err)
{
	struct tv_mounting m = {.stays_locked = true, .is_wanted = is_to_mount, .arg = a};
	tv_auto_json *list = NULL;
	const char **names;
	enum tv_status status = TV_OK;

	if (a->is_dry || a->keeps || !a->mounts)
		return TV_OK;
	status = list_to_mount(&list, a, err);
	names = calloc(tv_json_count(list) + 1, sizeof(*names));
	if (!status && !names)
		status = tv_fail(err, TV_NO_MEMORY, "a request");
	for (const struct tv_json *j = status ? NULL : tv_json_first(list); j; j = tv_json_next(j))
		names[m.n_providers++] = tv_json_key(j);
	m.providers = names;
	if (m.n_providers)
		status = tv_mounting_run(a->cli, &m, err);
	free(names);
	for (size_t i = 0; i < a->findings.count; i++)
		tv_source_give_up_place(&a->findings.at[i].source);
	return status;
}

/* What could not be done to the file is no reason to say less than the truth of its tokens. */
static void leave_stored(struct tv_finding *f, enum tv_status status, const struct tv_error *why)
{
	if (f->count)
		tv_finding_keep(f, status, "%s; its token is in the vault", why->detail);
	else
		tv_finding_leave(f, status, "%s", why->detail);
}

/* A locked server mounts nothing that would take the place. */
static void replace(struct tv_adoption *a)
{
	const bool holds_place = a->mounts && tv_session_has_server(a->cli->session);

	for (size_t i = 0; i < a->findings.count; i++) {
		struct tv_finding *f = &a->findings.at[i];
		struct tv_error why = {""};
		enum tv_status status;

		if (!is_ready_or_left_over(f))
			continue;
		status = tv_source_destroy(&f->source, holds_place, &why);
		if (status)
			leave_stored(f, status, &why);
		else
			f->fate = TV_FATE_REPLACED;
	}
}

static void keep(struct tv_adoption *a)
{
	for (size_t i = 0; i < a->findings.count; i++) {
		if (is_ready(&a->findings.at[i]) && a->findings.at[i].count)
			a->findings.at[i].fate = TV_FATE_KEPT;
	}
}

enum tv_status tv_adoption_do(struct tv_adoption *a, struct tv_error *err)
{
	enum tv_status status = TV_OK;

	if (a->asks && !a->is_dry)
		status = tv_intakes_verify(&a->intakes, &a->findings, a->vault, a->cli, err);
	if (!status && !a->keeps)
		status = tv_findings_check(&a->findings, &a->intakes, a->vault, a->cli, err);
	if (status || a->is_dry)
		return status;
	mark_wanted(a);
	status = tv_intakes_store(&a->intakes, a->cli, err);
	if (!status && a->keeps) {
		keep(a);
		return TV_OK;
	}
	if (!status && a->intakes.count)
		status = switch_all_on(a, err);
	if (!status)
		status = prepare(a, err);
	if (!status)
		replace(a);
	return status;
}
