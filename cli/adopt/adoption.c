/* Adoption: tokens move from plaintext files into the vault, without a moment in which they are lost. */
#include "cli/adopt/adoption.h"

#include <stdlib.h>
#include <string.h>

#include "cli/adopt/check.h"
#include "cli/mounting.h"

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

/* The vault's entries of the services found. A dry run only has them when nobody need be asked. */
static enum tv_status copy_vault(struct tv_adoption *a, struct tv_error *err)
{
	enum tv_status status = tv_scratch_new(&a->vault, err);

	if (!status && a->is_dry && !tv_session_has_server(a->cli->session))
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

		for (size_t n = 0; n < f->count && f->fate == TV_FATE_READY; n++)
			f->at[n].intake->is_wanted = true;
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

static bool is_replaced(const struct tv_finding *f)
{
	return f->fate == TV_FATE_REPLACED;
}

enum tv_status tv_adoption_mount(const struct tv_adoption *a, bool prepares, struct tv_error *err)
{
	struct tv_mounting m = {.prepares = prepares};
	const char **names = calloc(a->findings.count + 1, sizeof(*names));
	enum tv_status status;

	if (!names)
		return tv_fail(err, TV_NO_MEMORY, "a request");
	for (size_t i = 0; i < a->findings.count; i++) {
		if (is_first(a, i, prepares ? is_ready_or_left_over : is_replaced))
			names[m.n_providers++] = a->findings.at[i].place->provider->name;
	}
	m.providers = names;
	status = m.n_providers && a->mounts ? tv_mounting_run(a->cli, &m, err) : TV_OK;
	free(names);
	return status;
}

static void replace(struct tv_adoption *a)
{
	for (size_t i = 0; i < a->findings.count; i++) {
		struct tv_finding *f = &a->findings.at[i];
		struct tv_error why = {""};
		enum tv_status status;

		if (!is_ready_or_left_over(f))
			continue;
		status = tv_source_destroy(&f->source, &why);
		if (status)
			tv_finding_leave(f, status, "%s", why.detail);
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
		status = tv_findings_check(&a->findings, a->vault, a->cli, err);
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
		status = tv_adoption_mount(a, true, err);
	if (!status)
		replace(a);
	return status;
}
