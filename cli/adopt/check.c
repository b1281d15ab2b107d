/* That nothing is lost: what a plaintext file says and the mounted one would not. */
#include "cli/adopt/check.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/adopt/compare.h"
#include "cli/adopt/sight.h"
#include "cli/readfile.h"

#define NAMED_MAX 160

struct allowances {
	struct tv_allowed *at;
	size_t count;
	bool failed;
};

static void allow(struct allowances *a, const struct tv_json *at, const char *text, bool is_name)
{
	struct tv_allowed *grown;

	if (!at || a->failed)
		return;
	grown = tv_arena_realloc(a->at, (a->count + 1) * sizeof(*grown));
	a->failed = !grown;
	if (!grown)
		return;
	a->at = grown;
	grown[a->count++] = (struct tv_allowed){at, text, is_name};
}

/* A field's second and later pointers are other spellings of it; what is written has the first. */
static bool is_other_spelling(const struct tv_rule *rule, size_t i)
{
	for (size_t n = 0; n < i; n++) {
		if (!strcmp(rule->fields[n].field, rule->fields[i].field))
			return true;
	}
	return false;
}

static bool is_text(const struct tv_json *at, const char *text)
{
	tv_auto_secret own = {0}, wanted = {0};

	tv_secret_puts(&wanted, text);
	return at && tv_pointer_text(&own, at, "") && tv_secret_equals(&own, &wanted);
}

/* What is taken out of the file comes back in the way in which the template writes it; when it is not the
 * mounted file that is looked at, but what the vault can say, an entry may be called as in the vault. */
static void allow_found(struct allowances *a, const struct tv_found *t, bool as_mounted)
{
	const struct tv_rule *rule = t->rule;
	const char *label = as_mounted ? t->label : t->intake->label;

	allow(a, tv_pointer_get(t->element, rule->token), tv_secret_text(&t->token), false);
	if (as_mounted && t->is_label_cleaned)
		label = NULL;
	if (rule->label && label && !strcmp(rule->label, "#"))
		allow(a, t->element, label, true);
	else if (rule->label && label)
		allow(a, tv_pointer_get(t->element, rule->label), label, false);
	for (size_t i = 0; i < rule->n_fields; i++) {
		const struct tv_json *at = tv_pointer_get(t->element, rule->fields[i].pointer);
		const char *text = tv_json_get_text(t->fields, rule->fields[i].field);
		const char *kept = tv_json_get_text(t->intake->fields, rule->fields[i].field);

		if (text && !is_other_spelling(rule, i))
			allow(a, at, text, false);
		else if (text && kept && is_text(at, kept))
			allow(a, at, NULL, false);
	}
}

static bool allow_any(struct tv_json *at, void *arg)
{
	allow(arg, at, NULL, false);
	return true;
}

static void allow_all(struct allowances *a, const struct tv_finding *f, bool as_mounted)
{
	const struct tv_adopt *adopt = &f->place->file->adopt;

	for (size_t i = 0; i < f->count; i++)
		allow_found(a, &f->at[i], as_mounted);
	for (size_t i = 0; i < adopt->n_ignored; i++)
		tv_pointer_each(f->tree, adopt->ignored[i], allow_any, a);
	if (!as_mounted)
		allow(a, f->in_use, NULL, false);
}

static enum tv_status use(struct tv_scratch *vault, const char *provider, const char *label,
			  struct tv_error *err)
{
	tv_auto_json *request = tv_json_object();

	if (!tv_json_put_text(request, "provider", provider) ||
	    !tv_json_put_text(request, "label", label))
		return tv_fail(err, TV_NO_MEMORY, "a request");
	return tv_scratch_call(NULL, vault, TV_AGENT_use, request, err);
}

static enum tv_status render(struct tv_secret *out, const struct tv_finding *f, const char *label,
			     struct tv_scratch *vault, const struct tv_cli *cli,
			     struct tv_error *err)
{
	const struct tv_provider *p = f->place->provider;
	const struct tv_doc *doc = tv_scratch_doc(vault);
	const struct tv_entry *e = tv_doc_find(doc, p->name, label);
	struct tv_view view = {
		.path = f->place->path,
		.in_place = true,
		.provider = (char *)(uintptr_t)p->name,
		.label = (char *)(uintptr_t)label,
		.file = (char *)(uintptr_t)f->place->file->name,
	};
	struct tv_error why = {""};
	enum tv_status status;

	if (!e)
		return tv_fail(err, TV_NO_ENTRY, "%s/%s", p->name, label);
	memcpy(view.entry, e->id, sizeof(view.entry));
	status = tv_view_render(out, &view, doc, cli->providers, time(NULL), &why);
	if (status && status != TV_NO_MEMORY)
		return tv_fail(err, TV_IN_THE_WAY, "%s can't be shown as it is: %s; left alone",
			       f->source.path, why.detail);
	*err = why;
	return status;
}

/* A file that shows the entry in use is rendered as if its own were; others as things will be. */
static enum tv_status render_own(struct tv_secret *out, const struct tv_finding *f,
				 struct tv_scratch *vault, const struct tv_cli *cli,
				 struct tv_error *err)
{
	const bool is_own = f->count && f->place->file->shows != TV_SHOWS_ALL;
	const char *provider = f->place->provider->name;
	const struct tv_entry *in_use = tv_doc_in_use(tv_scratch_doc(vault), provider);
	char before[TV_LABEL_MAX + 1];
	const char *label;
	enum tv_status status;

	if (!in_use)
		return tv_fail(err, TV_IN_THE_WAY, "%s: no token for it was found; left alone",
			       f->source.path);
	snprintf(before, sizeof(before), "%s", in_use->now.label);
	label = is_own ? f->at[0].intake->label : before;
	status = use(vault, provider, label, err);
	if (!status)
		status = render(out, f, label, vault, cli, err);
	return status ? status : use(vault, provider, before, err);
}

/* The first of them by name, the rest by number. */
static void leave_for(struct tv_finding *f, const struct tv_secret *missing)
{
	const char *text = tv_secret_text(missing);
	char named[NAMED_MAX];
	size_t len = 0, more = 0;

	while (*text) {
		size_t n = strcspn(text, "\n");

		if (!more && len + n + 3 < sizeof(named))
			len += (size_t)snprintf(named + len, sizeof(named) - len, "%s%.*s",
						len ? ", " : "", (int)n, text);
		else
			more++;
		text += n + (text[n] == '\n');
	}
	if (!len)
		snprintf(named, sizeof(named), "%zu long names", more);
	tv_finding_leave(f, TV_IN_THE_WAY,
			 "%s also has %s%s, which the mounted file would not; left alone: --keep "
			 "adopts its token and leaves it",
			 f->source.path, named, len && more ? " and more" : "");
}

/* Appends what of the finding a rendered file lacks. */
static enum tv_status compare(struct tv_secret *missing, const struct tv_finding *f,
			      const struct tv_secret *rendered, bool as_mounted,
			      struct tv_error *err)
{
	tv_auto_json *again = NULL;
	struct allowances allowed = {0};
	enum tv_status status =
		tv_readfile(&again, f->place->file->adopt.format, rendered, f->place->path, err);

	if (status)
		return status;
	allow_all(&allowed, f, as_mounted);
	if (!allowed.failed)
		tv_tree_missing(missing, f->tree, again, allowed.at, allowed.count);
	tv_arena_free(allowed.at);
	return allowed.failed || missing->failed ? tv_fail(err, TV_NO_MEMORY, "%s", f->source.path)
						 : TV_OK;
}

/* That the mounted file says it all; else that the vault could, which is another reason. */
static enum tv_status check_one(struct tv_finding *f, struct tv_scratch *vault,
				const struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_secret mounted = {0}, not_mounted = {0}, own = {0}, missing = {0};
	struct tv_sight sight = {0};
	enum tv_status status = tv_source_check_removable(&f->source, err);

	if (!status)
		status = tv_sight_render(&mounted, &sight, f, vault, cli, err);
	if (!status && sight.is_there) {
		status = compare(&not_mounted, f, &mounted, true, err);
		if (!status && !not_mounted.len)
			return TV_OK;
	}
	if (!status)
		status = render_own(&own, f, vault, cli, err);
	if (!status)
		status = compare(&missing, f, &own, false, err);
	if (status)
		return status;
	if (missing.len)
		leave_for(f, &missing);
	else if (!tv_sight_explain(f, &sight, tv_scratch_doc(vault)))
		leave_for(f, &not_mounted);
	return TV_OK;
}

/* Those that were kept may be ready now that another entry is in use. */
static bool check_all(enum tv_status *status, struct tv_findings *findings,
		      struct tv_scratch *vault, const struct tv_cli *cli, struct tv_error *err)
{
	bool any_left = false;

	for (size_t i = 0; i < findings->count && !*status; i++) {
		struct tv_finding *f = &findings->at[i];

		if (f->fate != TV_FATE_READY && f->fate != TV_FATE_KEPT)
			continue;
		f->fate = TV_FATE_READY;
		f->status = TV_OK;
		f->why.detail[0] = '\0';
		*status = check_one(f, vault, cli, err);
		if (*status && *status != TV_NO_MEMORY) {
			tv_finding_leave(f, TV_IN_THE_WAY, "%s", err->detail);
			*status = TV_OK;
		}
		any_left |= f->fate == TV_FATE_LEFT;
	}
	return any_left;
}

/* A file that is left alone leaves the copy without its tokens, and perhaps with another one in use: then all
 * is looked at once more. */
enum tv_status tv_findings_check(struct tv_findings *findings, const struct tv_intakes *intakes,
				 struct tv_scratch *vault, const struct tv_cli *cli,
				 struct tv_error *err)
{
	enum tv_status status = TV_OK;

	do {
		status = tv_intakes_settle(intakes, findings, vault, err);
		if (!status)
			status = tv_sight_switch_on(findings, vault, err);
	} while (!status && check_all(&status, findings, vault, cli, err));
	return status;
}
