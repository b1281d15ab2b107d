/* What will be mounted at a plaintext file's path, once its tokens are in the vault. */
#include "cli/adopt/sight.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum tv_status tv_sight_switch_on(const struct tv_findings *findings, struct tv_scratch *vault,
				  struct tv_error *err)
{
	enum tv_status status = TV_OK;

	for (size_t i = 0; i < findings->count && !status; i++) {
		const struct tv_finding *f = &findings->at[i];
		tv_auto_json *request = tv_json_object();

		if (f->place->is_own || (f->fate != TV_FATE_READY && f->fate != TV_FATE_KEPT))
			continue;
		if (!tv_json_put_text(request, "provider", f->place->provider->name) ||
		    !tv_json_put_text(request, "file", f->place->file->name) ||
		    !tv_json_put_bool(request, "on", true) ||
		    (f->place->file->shows == TV_SHOWS_EACH && f->count &&
		     !tv_json_put_text(request, "label", f->at[0].intake->label)))
			return tv_fail(err, TV_NO_MEMORY, "%s", f->source.path);
		status = tv_scratch_call(NULL, vault, TV_AGENT_view, request, err);
	}
	return status;
}

static const struct tv_view *find_view(const struct tv_views *views, const struct tv_finding *f,
				       const struct tv_cli *cli)
{
	const char *path = f->place->path + strlen(cli->paths.home) + 1;

	for (size_t i = 0; i < views->count; i++) {
		const struct tv_view *v = &views->at[i];

		if (v->in_place && !v->clashes && !strcmp(v->path, path))
			return v;
	}
	return NULL;
}

enum tv_status tv_sight_render(struct tv_secret *out, struct tv_sight *sight,
			       const struct tv_finding *f, struct tv_scratch *vault,
			       const struct tv_cli *cli, struct tv_error *err)
{
	const struct tv_doc *doc = tv_scratch_doc(vault);
	struct tv_views views = {0};
	enum tv_status status = tv_views_list(&views, doc, cli->providers, err);
	const struct tv_view *v = status ? NULL : find_view(&views, f, cli);

	*sight = (struct tv_sight){0};
	if (v && !strcmp(v->provider, f->place->provider->name) &&
	    !strcmp(v->file, f->place->file->name)) {
		struct tv_error why = {""};

		snprintf(sight->label, sizeof(sight->label), "%s", v->label);
		status = tv_view_render(out, v, doc, cli->providers, time(NULL), &why);
		sight->is_there = !status;
		if (status == TV_NO_MEMORY)
			*err = why;
		else
			status = TV_OK;
	}
	tv_views_free(&views);
	return status;
}

/* What the file itself calls a token; false: its path does, or nothing. */
static bool own_name(struct tv_secret *out, const struct tv_found *t)
{
	return t->rule->label && tv_pointer_text(out, t->element, t->rule->label) && out->len;
}

/* The first token that the file calls something that the vault does not. */
static const struct tv_found *find_renamed(const struct tv_finding *f)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct tv_found *t = &f->at[i];
		tv_auto_secret own = {0};

		if (own_name(&own, t) &&
		    (t->is_label_cleaned || strcmp(t->label, t->intake->label)))
			return t;
	}
	return NULL;
}

static void explain_token(struct tv_finding *f, const struct tv_sight *sight)
{
	const char *provider = f->place->provider->name, *own = f->at[0].intake->label;
	const bool is_used = f->place->file->shows == TV_SHOWS_IN_USE && !*f->place->label;
	char advice[200] = "";

	if (is_used)
		snprintf(advice, sizeof(advice),
			 ": tokenvault use %s/%s makes it the one in use, then adopt again",
			 provider, own);
	tv_finding_keep(f, TV_IN_THE_WAY,
			"%s has the token of %s/%s, and the mounted file would show %s%s%s; left "
			"alone, only its token is taken%s",
			f->source.path, provider, own, *sight->label ? provider : "none",
			*sight->label ? "/" : "", sight->label, advice);
}

static void explain_name(struct tv_finding *f, const struct tv_found *t)
{
	const char *provider = t->intake->provider->name;
	char advice[200];

	if (t->is_label_cleaned || t->intake->is_renamed)
		snprintf(advice, sizeof(advice), "it needs another name in the file");
	else
		snprintf(advice, sizeof(advice),
			 "tokenvault set %s/%s --label %s, then adopt again", provider,
			 t->intake->label, t->label);
	tv_finding_keep(f, TV_IN_THE_WAY,
			"%s has another name for %s/%s, which the mounted file would not; left "
			"alone, only its tokens are taken: %s",
			f->source.path, provider, t->intake->label, advice);
}

/* That the file's choice is another than the vault's. */
static bool explain_choice(struct tv_finding *f, const struct tv_doc *doc)
{
	const char *name = f->in_use ? tv_json_text(f->in_use) : NULL;
	const char *provider = f->place->provider->name;
	const struct tv_entry *in_use = tv_doc_in_use(doc, provider);
	char advice[200] = "";

	if (!name || !in_use || !strcmp(name, in_use->now.label))
		return false;
	if (tv_label_is_valid(name) && tv_doc_find(doc, provider, name))
		snprintf(advice, sizeof(advice), ": tokenvault use %s/%s, then adopt again",
			 provider, name);
	tv_finding_keep(f, TV_IN_THE_WAY,
			"%s says that another one than %s/%s is in use, which the mounted file "
			"would not; left alone%s%s",
			f->source.path, provider, in_use->now.label,
			f->count ? ", only its tokens are taken" : "", advice);
	return true;
}

bool tv_sight_explain(struct tv_finding *f, const struct tv_sight *sight, const struct tv_doc *doc)
{
	const struct tv_found *renamed = find_renamed(f);

	if (f->place->file->shows != TV_SHOWS_ALL && f->count &&
	    strcmp(sight->label, f->at[0].intake->label)) {
		explain_token(f, sight);
		return true;
	}
	if (renamed) {
		explain_name(f, renamed);
		return true;
	}
	return explain_choice(f, doc);
}
