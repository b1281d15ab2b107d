/* Intakes: the entries that the tokens found become. Several files may have one token. */
#include "cli/adopt/intake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum tv_status no_memory(struct tv_error *err)
{
	return tv_fail(err, TV_NO_MEMORY, "the tokens found");
}

/* Two tokens in one file are two entries, even if they are the same: netrc has one for each machine. */
static bool is_claimed(const struct tv_intake *intake, const struct tv_finding *f)
{
	for (size_t n = 0; n < f->count; n++) {
		if (f->at[n].intake == intake)
			return true;
	}
	return false;
}

/* One that another file has had already; of several the one that has the label. */
static struct tv_intake *find(const struct tv_intakes *i, const struct tv_finding *f,
			      const struct tv_found *t)
{
	struct tv_intake *found = NULL;

	for (size_t n = 0; n < i->count; n++) {
		struct tv_intake *intake = i->at[n];

		if (intake->provider == f->place->provider && !is_claimed(intake, f) &&
		    tv_secret_equals(&intake->token, &t->token) &&
		    (!found || !strcmp(intake->label, t->label)))
			found = intake;
	}
	return found;
}

static bool has_token(struct tv_scratch *vault, const struct tv_json *listed,
		      const struct tv_secret *token)
{
	tv_auto_json *entry = NULL;
	tv_auto_secret text = {0};
	struct tv_error ignored;

	if (tv_scratch_show(&entry, vault, tv_json_get_text(listed, "provider"),
			    tv_json_get_text(listed, "label"), &ignored))
		return false;
	tv_secret_puts(&text, tv_json_get_text(entry, "token"));
	return tv_secret_equals(&text, token);
}

static enum tv_status list(struct tv_json **out, struct tv_scratch *vault,
			   const struct tv_provider *p, struct tv_error *err)
{
	tv_auto_json *query = tv_json_object();

	if (!tv_json_put_text(query, "provider", p->name))
		return no_memory(err);
	return tv_scratch_call(out, vault, TV_AGENT_list, query, err);
}

static bool is_claimed_label(const struct tv_intakes *i, const struct tv_finding *f,
			     const char *label)
{
	for (size_t n = 0; n < i->count; n++) {
		if (i->at[n]->provider == f->place->provider && !strcmp(i->at[n]->label, label) &&
		    is_claimed(i->at[n], f))
			return true;
	}
	return false;
}

/* The vault's entry of this token; of several the one that has the label. */
static void find_in_vault(struct tv_intake *intake, const struct tv_intakes *i,
			  const struct tv_finding *f, struct tv_scratch *vault,
			  const struct tv_json *entries)
{
	char wanted[TV_LABEL_MAX + 1];

	snprintf(wanted, sizeof(wanted), "%s", intake->label);
	for (const struct tv_json *e = tv_json_first(entries); e; e = tv_json_next(e)) {
		const char *label = tv_json_get_text(e, "label");

		if ((intake->exists && strcmp(label, wanted) != 0) ||
		    is_claimed_label(i, f, label) || !has_token(vault, e, &intake->token))
			continue;
		snprintf(intake->label, sizeof(intake->label), "%s", label);
		intake->exists = true;
	}
}

static bool is_taken(const struct tv_intakes *i, const struct tv_provider *p,
		     const struct tv_json *entries, const char *label)
{
	for (const struct tv_json *e = tv_json_first(entries); e; e = tv_json_next(e)) {
		if (!strcmp(tv_json_get_text(e, "label"), label))
			return true;
	}
	for (size_t n = 0; n < i->count; n++) {
		if (i->at[n]->provider == p && !strcmp(i->at[n]->label, label))
			return true;
	}
	return false;
}

/* LABEL, else LABEL-2, LABEL-3, … */
static void choose_label(struct tv_intake *intake, const struct tv_intakes *i,
			 const struct tv_json *entries)
{
	char label[TV_LABEL_MAX + 1];
	char end[16];

	snprintf(label, sizeof(label), "%s", intake->label);
	for (unsigned n = 2; is_taken(i, intake->provider, entries, intake->label); n++) {
		int len = snprintf(end, sizeof(end), "-%u", n);

		snprintf(intake->label, sizeof(intake->label), "%.*s%s", TV_LABEL_MAX - len, label,
			 end);
		intake->is_renamed = true;
	}
}

static struct tv_intake *append(struct tv_intakes *i)
{
	struct tv_intake **grown = reallocarray(i->at, i->count + 1, sizeof(*grown));

	if (!grown)
		return NULL;
	i->at = grown;
	grown[i->count] = tv_arena_alloc(sizeof(**grown));
	return grown[i->count] ? grown[i->count++] : NULL;
}

static enum tv_status make(struct tv_found *t, struct tv_intakes *i, const struct tv_finding *f,
			   struct tv_scratch *vault, struct tv_error *err)
{
	const struct tv_provider *p = f->place->provider;
	tv_auto_json *reply = NULL;
	struct tv_intake fresh = {
		.provider = p, .has_hosts = p->builtin || f->place->is_named, .answer = TV_NO_API};
	struct tv_intake *intake;
	enum tv_status status = list(&reply, vault, p, err);

	if (status)
		return status;
	snprintf(fresh.label, sizeof(fresh.label), "%s", t->label);
	tv_secret_append(&fresh.token, t->token.data, t->token.len);
	fresh.fields = tv_json_object();
	find_in_vault(&fresh, i, f, vault, tv_json_get(reply, "entries"));
	if (!fresh.exists)
		choose_label(&fresh, i, tv_json_get(reply, "entries"));
	intake = append(i);
	if (!intake || !fresh.fields || fresh.token.failed) {
		tv_secret_free(&fresh.token);
		tv_json_free(fresh.fields);
		return no_memory(err);
	}
	*intake = fresh;
	t->intake = intake;
	return TV_OK;
}

/* The first file that has a value for a field gives it. */
static bool merge_fields(struct tv_intake *intake, const struct tv_found *t)
{
	bool put = true;

	for (const struct tv_json *f = tv_json_first(t->fields); f && put; f = tv_json_next(f)) {
		if (!tv_json_get(intake->fields, tv_json_key(f)))
			put = tv_json_put(intake->fields, tv_json_key(f), tv_json_copy(f));
	}
	return put;
}

static enum tv_status take(struct tv_intakes *out, struct tv_finding *f, bool named,
			   struct tv_scratch *vault, struct tv_error *err)
{
	enum tv_status status = TV_OK;

	for (size_t n = 0; n < f->count && !status; n++) {
		struct tv_found *t = &f->at[n];

		if (t->has_label != named)
			continue;
		t->intake = find(out, f, t);
		if (!t->intake)
			status = make(t, out, f, vault, err);
		if (!status && !merge_fields(t->intake, t))
			status = no_memory(err);
	}
	return status;
}

/* What files say is in use comes first, then what is called `default`: the first entry that a service
 * gets is the one in use, without a change that a crash could come before. */
static int by_precedence(const void *a, const void *b)
{
	const struct tv_intake *x = *(const struct tv_intake *const *)a;
	const struct tv_intake *y = *(const struct tv_intake *const *)b;
	bool x_default = !strcmp(x->label, "default"), y_default = !strcmp(y->label, "default");
	int order = y->is_in_use - x->is_in_use;

	if (!order)
		order = y_default - x_default;
	if (!order)
		order = strcmp(x->provider->name, y->provider->name);
	return order ? order : strcmp(x->label, y->label);
}

/* First the tokens whose file says what they are called, so that one which has no name of its own, in an
 * older version's file say, finds its entry. */
enum tv_status tv_intakes_plan(struct tv_intakes *out, struct tv_findings *findings,
			       struct tv_scratch *vault, struct tv_error *err)
{
	enum tv_status status = TV_OK;

	for (int named = 1; named >= 0; named--) {
		for (size_t i = 0; i < findings->count && !status; i++) {
			if (findings->at[i].fate == TV_FATE_READY)
				status = take(out, &findings->at[i], named, vault, err);
		}
	}
	for (size_t i = 0; i < findings->count && !status; i++) {
		struct tv_intake *in_use = tv_intakes_in_use(findings, &findings->at[i]);

		if (in_use)
			in_use->is_in_use = true;
	}
	if (out->count)
		qsort(out->at, out->count, sizeof(struct tv_intake *), by_precedence);
	return status;
}

void tv_intakes_free(struct tv_intakes *i)
{
	for (size_t n = 0; n < i->count; n++) {
		tv_secret_free(&i->at[n]->token);
		tv_json_free(i->at[n]->fields);
		tv_json_free(i->at[n]->lacking);
		tv_json_free(i->at[n]->checked);
		tv_arena_free(i->at[n]);
	}
	free(i->at);
	*i = (struct tv_intakes){0};
}

/* What the file itself calls it, before that was made a label. */
static bool is_called(const struct tv_found *t, const char *name)
{
	const char *rule = t->rule->label;
	tv_auto_secret own = {0}, wanted = {0};

	if (!rule)
		return t->has_label && !strcmp(t->label, name);
	tv_secret_puts(&wanted, name);
	return tv_pointer_text(&own, t->element, rule) && tv_secret_equals(&own, &wanted);
}

/* Among all files of the service, for one that says which is in use need not have any token itself. */
struct tv_intake *tv_intakes_in_use(const struct tv_findings *findings, const struct tv_finding *by)
{
	const char *name = by->in_use ? tv_json_text(by->in_use) : NULL;

	for (size_t i = 0; i < findings->count && name; i++) {
		const struct tv_finding *f = &findings->at[i];

		for (size_t n = 0; n < f->count; n++) {
			if (f->place->provider == by->place->provider && f->at[n].intake &&
			    is_called(&f->at[n], name))
				return f->at[n].intake;
		}
	}
	return NULL;
}
