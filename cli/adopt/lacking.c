/* Fields of entries that the vault has already: those that only the files have, and those that differ. */
#include <string.h>

#include "cli/adopt/intake.h"

static enum tv_status no_memory(struct tv_error *err)
{
	return tv_fail(err, TV_NO_MEMORY, "the fields found");
}

/* What the entry has for a field: its own value, else the definition's. */
static const char *value_of(const struct tv_intake *intake, const struct tv_json *entry,
			    const char *name)
{
	const struct tv_provider *p = intake->provider;
	const char *own = tv_json_get_text(tv_json_get(entry, "fields"), name);

	for (size_t i = 0; i < p->n_fields && !own; i++) {
		if (!strcmp(p->fields[i].name, name))
			own = p->fields[i].value;
	}
	return own && *own ? own : NULL;
}

/* A file that says something else of a field would not be what it was. */
static void leave_other(struct tv_finding *f, const struct tv_found *t, const struct tv_json *entry)
{
	for (const struct tv_json *j = tv_json_first(t->fields); j; j = tv_json_next(j)) {
		const char *name = tv_json_key(j), *have = value_of(t->intake, entry, name);

		if (!have || !strcmp(have, tv_json_text(j)))
			continue;
		tv_finding_leave(
			f, TV_IN_THE_WAY,
			"%s has another %s than %s/%s in the vault; left alone: one of them "
			"is to be changed, in the vault by tokenvault set --field %s",
			f->source.path, name, t->intake->provider->name, t->intake->label, name);
		return;
	}
}

static enum tv_status note_lacking(const struct tv_found *t, const struct tv_json *entry,
				   struct tv_error *err)
{
	struct tv_intake *intake = t->intake;

	for (const struct tv_json *j = tv_json_first(t->fields); j; j = tv_json_next(j)) {
		const char *name = tv_json_key(j);

		if (value_of(intake, entry, name) || tv_json_get(intake->lacking, name))
			continue;
		if (!intake->lacking)
			intake->lacking = tv_json_object();
		if (!tv_json_put(intake->lacking, name, tv_json_copy(j)))
			return no_memory(err);
	}
	return TV_OK;
}

/* All files of one entry: first those that differ are left, then the others give what it lacks. */
static enum tv_status compare(const struct tv_intake *intake, struct tv_findings *findings,
			      const struct tv_json *entry, struct tv_error *err)
{
	enum tv_status status = TV_OK;

	for (int notes = 0; notes < 2; notes++) {
		for (size_t i = 0; i < findings->count; i++) {
			struct tv_finding *f = &findings->at[i];

			for (size_t n = 0; n < f->count && f->fate == TV_FATE_READY; n++) {
				if (f->at[n].intake != intake || status)
					continue;
				if (notes)
					status = note_lacking(&f->at[n], entry, err);
				else
					leave_other(f, &f->at[n], entry);
			}
		}
	}
	return status;
}

enum tv_status tv_intake_lacking_request(struct tv_json **out, const struct tv_intake *intake,
					 struct tv_error *err)
{
	tv_auto_json *request = tv_json_object();

	if (!tv_json_put_text(request, "provider", intake->provider->name) ||
	    !tv_json_put_text(request, "label", intake->label) ||
	    !tv_json_put(request, "fields", tv_json_copy(intake->lacking)))
		return no_memory(err);
	*out = request;
	request = NULL;
	return TV_OK;
}

enum tv_status tv_intakes_compare(const struct tv_intakes *i, struct tv_findings *findings,
				  struct tv_scratch *vault, struct tv_error *err)
{
	enum tv_status status = TV_OK;

	for (size_t n = 0; n < i->count && !status; n++) {
		const struct tv_intake *intake = i->at[n];
		tv_auto_json *entry = NULL, *request = NULL;

		if (!intake->exists)
			continue;
		status = tv_scratch_show(&entry, vault, intake->provider->name, intake->label, err);
		if (!status)
			status = compare(intake, findings, entry, err);
		if (status || !intake->lacking)
			continue;
		status = tv_intake_lacking_request(&request, intake, err);
		if (!status)
			status = tv_scratch_call(NULL, vault, TV_AGENT_set, request, err);
	}
	return status;
}
