/* Plaintext at the paths that the vault's files belong to: what came back, and what never was taken in. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/adopt/adoption.h"
#include "cli/checkup/look.h"
#include "cli/filelock.h"

/* The user's own paths are in the vault. */
static enum tv_status list_places(struct tv_places *out, struct tv_checkup *c)
{
	tv_auto_json *views = NULL;
	struct tv_error ignored;
	enum tv_status status = tv_places_list(out, c->cli, NULL, 0, &ignored);

	if (status || !c->entries)
		return status;
	if (!tv_cli_call(&views, c->cli, TV_AGENT_views, NULL, &ignored))
		status = tv_places_add_own(out, c->cli, tv_json_get(views, "paths"), &ignored);
	return status;
}

/* A definition of the user's own is not taken as a word on where a token may be sent: see adopt. */
static bool may_mend(const struct tv_finding *f)
{
	return f->place->provider->builtin;
}

static void say_token(struct tv_checkup *c, const struct tv_finding *f, const char *path)
{
	const char *provider = f->place->provider->name;

	switch (tv_checkup_has_entry(c, provider)) {
	case TV_KNOWN_SO:
		tv_remark_wrong(c,
				"%s has a token in plain text, although the vault has %s's; "
				"tokenvault adopt %s takes it in and mounts the file",
				path, provider, provider);
		if (may_mend(f))
			tv_remark_can_mend(c);
		break;
	case TV_KNOWN_NOT:
		tv_remark_note(c, "%s has a token in plain text; tokenvault adopt %s takes it in",
			       path, provider);
		break;
	case TV_UNKNOWN:
		tv_remark_note(
			c,
			"%s has a token in plain text (what the vault has of %s is not known "
			"while it is locked); tokenvault adopt %s takes it in",
			path, provider, provider);
		break;
	}
}

/* What can't be taken apart, or is a link: it may hold a token. */
static void say_odd(struct tv_checkup *c, const struct tv_finding *f)
{
	const char *provider = f->place->provider->name;

	if (tv_checkup_has_entry(c, provider) == TV_KNOWN_SO)
		tv_remark_wrong(c, "%s; nothing of %s can be mounted there until that is gone",
				f->why.detail, provider);
}

static void say(struct tv_checkup *c, const struct tv_finding *f)
{
	const struct tv_json *view = tv_checkup_view(c, f->place->path);
	char path[PATH_MAX];

	tv_look_tilde(path, c, f->place->path);
	if (f->fate == TV_FATE_LEFT_OVER) {
		tv_remark_wrong(c,
				"%s is what an adopt that was cut short has left; tokenvault adopt "
				"%s finishes it",
				path, f->place->provider->name);
		if (may_mend(f))
			tv_remark_can_mend(c);
	} else if (f->count) {
		say_token(c, f, path);
	} else if (!f->tree) {
		say_odd(c, f);
	} else if (view && !tv_json_get_true(view, "mounted")) {
		tv_remark_wrong(
			c,
			"%s has no token in it, and is in the way of the vault's file; move "
			"it away, then tokenvault mount",
			path);
	}
}

static void look(struct tv_checkup *c)
{
	struct tv_places places = {0};
	tv_auto_findings findings = {0};
	struct tv_error ignored;

	if (!list_places(&places, c) && !tv_findings_read(&findings, &places, &ignored)) {
		for (size_t i = 0; i < findings.count; i++)
			say(c, &findings.at[i]);
	}
	tv_findings_free(&findings);
	tv_places_free(&places);
	if (!c->entries)
		tv_remark_unknown(
			c,
			"%s, so that for which services the vault has entries, and when they were "
			"changed, was not looked at; tokenvault %s, then look again",
			c->answer && c->answer != TV_NOT_MOUNTED ? "the server does not answer"
								 : "the vault is locked",
			c->answer ? "mount" : "unlock");
}

/* The services of what can be mended, each once. */
static size_t name_services(const char **names, const struct tv_checkup *c,
			    const struct tv_findings *findings)
{
	size_t n = 0;

	for (size_t i = 0; i < findings->count; i++) {
		const struct tv_finding *f = &findings->at[i];
		const char *provider = f->place->provider->name;
		bool is_new = may_mend(f) &&
			      (f->fate == TV_FATE_LEFT_OVER ||
			       (f->count && tv_checkup_has_entry(c, provider) == TV_KNOWN_SO));

		for (size_t k = 0; k < n; k++)
			is_new &= strcmp(names[k], provider) != 0;
		if (is_new)
			names[n++] = provider;
	}
	return n;
}

static enum tv_status adopt(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_adoption a = {.cli = cli, .asks = true, .mounts = true};
	tv_auto_filelock lock = {.fd = -1};
	enum tv_status status = tv_filelock_take(&lock, &cli->paths, err);

	if (!status)
		status = tv_adoption_plan(&a, err);
	if (!status)
		status = tv_adoption_do(&a, err);
	if (!status)
		status = tv_adoption_mount(&a, err);
	/* What is left alone has a reason. */
	for (size_t i = 0; i < a.findings.count && !status; i++) {
		if (a.findings.at[i].status)
			tv_complain(a.findings.at[i].status, &a.findings.at[i].why);
	}
	return status;
}

/* As `adopt NAME…` does, which leaves alone whatever the mounted file would not say. */
static enum tv_status mend(struct tv_checkup *c, struct tv_error *err)
{
	const struct tv_args *before = c->cli->args;
	struct tv_places places = {0};
	struct tv_findings findings = {0};
	enum tv_status status = list_places(&places, c);
	struct tv_args args = *before;

	if (!status)
		status = tv_findings_read(&findings, &places, err);
	args.words = calloc(findings.count + 1, sizeof(*args.words));
	if (!status && !args.words)
		status = tv_fail(err, TV_NO_MEMORY, "the services");
	if (!status)
		args.n_words = name_services(args.words, c, &findings);
	tv_findings_free(&findings);
	tv_places_free(&places);
	if (!status) {
		c->cli->args = &args;
		status = adopt(c->cli, err);
		c->cli->args = before;
	}
	free(args.words);
	return status;
}

const struct tv_check tv_check_plaintext = {
	.name = "plaintext",
	.fine = "no token lies in plain text where its service's tool looks",
	.look = look,
	.mend = mend,
};
