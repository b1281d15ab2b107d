/* Findings: plaintext files with tokens in them, read and taken apart by their definitions' rules. */
#include "cli/adopt/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/readfile.h"

void tv_finding_leave(struct tv_finding *f, enum tv_status status, const char *format, ...)
{
	va_list args;

	f->fate = TV_FATE_LEFT;
	f->status = status;
	va_start(args, format);
	vsnprintf(f->why.detail, sizeof(f->why.detail), format, args);
	va_end(args);
}

void tv_finding_keep(struct tv_finding *f, enum tv_status status, const char *format, ...)
{
	va_list args;

	f->fate = f->count ? TV_FATE_KEPT : TV_FATE_LEFT;
	f->status = status;
	va_start(args, format);
	vsnprintf(f->why.detail, sizeof(f->why.detail), format, args);
	va_end(args);
}

/* A label in the file may be anything. What can't be one of ours becomes what is nearest. */
static void clean_label(struct tv_found *t, const char *text)
{
	size_t n = 0;

	for (; text[n] && n < TV_LABEL_MAX; n++) {
		char one[2] = {text[n], '\0'};

		t->label[n] = tv_label_is_valid(one) || text[n] == '.' ? text[n] : '-';
	}
	t->label[n] = '\0';
	if (!tv_label_is_valid(t->label))
		snprintf(t->label, sizeof(t->label), "default");
	t->is_label_cleaned = strcmp(t->label, text) != 0;
}

static void take_label(struct tv_found *t, const struct tv_finding *f)
{
	tv_auto_secret text = {0};

	if (t->rule->label && tv_pointer_text(&text, t->element, t->rule->label) && text.len) {
		clean_label(t, tv_secret_text(&text));
		t->has_label = true;
	} else {
		snprintf(t->label, sizeof(t->label), "%s",
			 *f->place->label ? f->place->label : "default");
		t->has_label = *f->place->label;
	}
}

/* What the definition gives anyway is not kept, so that a later one may give something else. */
static bool is_default(const struct tv_provider *p, const char *name, const char *value)
{
	for (size_t i = 0; i < p->n_fields; i++) {
		if (!strcmp(p->fields[i].name, name))
			return p->fields[i].value && !strcmp(p->fields[i].value, value);
	}
	return false;
}

static enum tv_status take_fields(struct tv_found *t, const struct tv_finding *f,
				  struct tv_error *err)
{
	const struct tv_rule *rule = t->rule;

	t->fields = tv_json_object();
	for (size_t i = 0; i < rule->n_fields; i++) {
		tv_auto_secret text = {0};
		const char *name = rule->fields[i].field;

		if (tv_json_get(t->fields, name) ||
		    !tv_pointer_text(&text, t->element, rule->fields[i].pointer) || !text.len ||
		    is_default(f->place->provider, name, tv_secret_text(&text)))
			continue;
		if (!tv_text_is_valid(tv_secret_text(&text), TV_FIELD_MAX))
			return tv_fail(err, TV_IN_THE_WAY,
				       "%s: what stands for %s can't be kept in a vault",
				       f->source.path, name);
		if (!tv_json_put_text(t->fields, name, tv_secret_text(&text)))
			return tv_fail(err, TV_NO_MEMORY, "%s", f->source.path);
	}
	return t->fields ? TV_OK : tv_fail(err, TV_NO_MEMORY, "%s", f->source.path);
}

static enum tv_status add(struct tv_finding *f, const struct tv_rule *rule, struct tv_json *element,
			  struct tv_error *err)
{
	tv_auto_secret token = {0};
	struct tv_found *grown;
	enum tv_status status;

	if (!tv_pointer_text(&token, element, rule->token) || !token.len)
		return TV_OK;
	status = tv_token_clean(&token, err);
	if (status == TV_BAD_VALUE)
		return tv_fail(err, TV_IN_THE_WAY,
			       "%s has a token that can't be kept in a vault; left alone",
			       f->source.path);
	if (status)
		return status;
	grown = tv_arena_realloc(f->at, (f->count + 1) * sizeof(*grown));
	if (!grown)
		return tv_fail(err, TV_NO_MEMORY, "%s", f->source.path);
	f->at = grown;
	grown += f->count++;
	*grown = (struct tv_found){.rule = rule, .element = element};
	tv_secret_move(&grown->token, &token);
	take_label(grown, f);
	return take_fields(grown, f, err);
}

struct visit {
	struct tv_finding *finding;
	const struct tv_rule *rule;
	enum tv_status status;
	struct tv_error *err;
};

static bool visit(struct tv_json *element, void *arg)
{
	struct visit *v = arg;

	v->status = add(v->finding, v->rule, element, v->err);
	return !v->status;
}

static enum tv_status take(struct tv_finding *f, struct tv_error *err)
{
	const struct tv_adopt *adopt = &f->place->file->adopt;
	struct visit v = {.finding = f, .err = err};

	if (adopt->in_use)
		f->in_use = tv_pointer_get(f->tree, adopt->in_use);
	for (size_t i = 0; i < adopt->n_rules && !v.status; i++) {
		v.rule = &adopt->rules[i];
		if (v.rule->token)
			tv_pointer_each(f->tree, v.rule->each ? v.rule->each : "", visit, &v);
	}
	return v.status;
}

/* Else it only says which entry is in use. */
static bool is_for_tokens(const struct tv_adopt *adopt)
{
	return adopt->rules[adopt->n_rules - 1].token;
}

static enum tv_status read_one(struct tv_finding *f, struct tv_error *err)
{
	enum tv_status status = tv_source_read(&f->source, f->place->path, err);

	f->fate = TV_FATE_READY;
	if (status)
		return status;
	if (tv_source_is_left_over(&f->source)) {
		f->fate = TV_FATE_LEFT_OVER;
		return TV_OK;
	}
	if (!f->place->file->adopt.format) {
		tv_finding_leave(f, TV_OK,
				 "%s can't be taken apart: if it has a token, tokenvault add %s "
				 "stores it; then remove the file",
				 f->source.path, f->place->provider->name);
		return TV_OK;
	}
	status = tv_readfile(&f->tree, f->place->file->adopt.format, &f->source.text,
			     f->source.path, err);
	if (!status)
		status = take(f, err);
	if (!status && !f->count && is_for_tokens(&f->place->file->adopt))
		status =
			tv_fail(err, TV_IN_THE_WAY,
				"%s has no token in it; left alone: where it is not needed, remove "
				"it, and it can be mounted",
				f->source.path);
	return status;
}

static void clear(struct tv_finding *f)
{
	for (size_t i = 0; i < f->count; i++) {
		tv_secret_free(&f->at[i].token);
		tv_json_free(f->at[i].fields);
	}
	tv_arena_free(f->at);
	tv_json_free(f->tree);
	tv_source_free(&f->source);
	*f = (struct tv_finding){.place = f->place};
}

enum tv_status tv_finding_reread(struct tv_finding *f, struct tv_error *err)
{
	enum tv_status status;

	clear(f);
	status = read_one(f, err);
	if (!status || status == TV_NO_MEMORY || status == TV_NO_ENTRY)
		return status;
	if (status == TV_IN_THE_WAY)
		tv_finding_leave(f, status, "%s", err->detail);
	else
		tv_finding_leave(f, TV_IN_THE_WAY, "%s; left alone", err->detail);
	return TV_OK;
}

enum tv_status tv_findings_read(struct tv_findings *out, const struct tv_places *places,
				struct tv_error *err)
{
	tv_auto_findings all = {.at = calloc(places->count + 1, sizeof(*all.at))};
	enum tv_status status = all.at ? TV_OK : tv_fail(err, TV_NO_MEMORY, "the list of files");

	for (size_t i = 0; i < places->count && !status; i++) {
		struct tv_finding *f = &all.at[all.count++];

		f->place = &places->at[i];
		status = tv_finding_reread(f, err);
		if (status != TV_NO_ENTRY)
			continue;
		clear(f);
		all.count--;
		status = TV_OK;
	}
	if (status)
		return status;
	*out = all;
	all = (struct tv_findings){0};
	return TV_OK;
}

void tv_findings_free(struct tv_findings *f)
{
	for (size_t i = 0; i < f->count; i++)
		clear(&f->at[i]);
	free(f->at);
	*f = (struct tv_findings){0};
}
