/* What the user chose about files: switched on or off, paths of their own, and what goes with an entry. */
#include <string.h>

#include "vault/arena.h"
#include "vault/entry.h"
#include "vault/rules.h"

static void switch_free(struct tv_switch *s)
{
	tv_arena_free(s->provider);
	tv_arena_free(s->file);
}

static void path_free(struct tv_own_path *p)
{
	tv_arena_free(p->provider);
	tv_arena_free(p->file);
	tv_arena_free(p->path);
}

void tv_doc_free_choices(struct tv_doc *doc)
{
	for (size_t i = 0; i < doc->n_switches; i++)
		switch_free(&doc->switches[i]);
	for (size_t i = 0; i < doc->n_paths; i++)
		path_free(&doc->paths[i]);
	for (size_t i = 0; i < doc->n_rules; i++)
		tv_rule_free(&doc->rules[i]);
	tv_arena_free(doc->switches);
	tv_arena_free(doc->paths);
	tv_arena_free(doc->rules);
}

const struct tv_switch *tv_doc_switch(const struct tv_doc *doc, const char *provider,
				      const char *file, const char *entry)
{
	for (size_t i = 0; i < doc->n_switches; i++)
		if (!strcmp(doc->switches[i].provider, provider) &&
		    !strcmp(doc->switches[i].file, file) &&
		    !strcmp(doc->switches[i].entry, entry ? entry : ""))
			return &doc->switches[i];
	return NULL;
}

enum tv_status tv_doc_set_switch(struct tv_doc *doc, const char *provider, const char *file,
				 const char *entry, bool on, struct tv_error *err)
{
	const struct tv_switch *there = tv_doc_switch(doc, provider, file, entry);
	struct tv_switch fresh = {.on = on};
	struct tv_switch *switches;

	if (there) {
		doc->switches[there - doc->switches].on = on;
		return TV_OK;
	}
	if (doc->n_switches >= TV_SWITCHES_MAX)
		return tv_fail(err, TV_REFUSED, "a vault has at most %d switches", TV_SWITCHES_MAX);
	if (entry)
		memcpy(fresh.entry, entry, TV_ID_CHARS);
	fresh.provider = tv_arena_strdup(provider);
	fresh.file = tv_arena_strdup(file);
	switches = tv_grow(doc->switches, doc->n_switches, sizeof *switches);
	if (switches)
		doc->switches = switches;
	if (!fresh.provider || !fresh.file || !switches) {
		switch_free(&fresh);
		return tv_fail(err, TV_NO_MEMORY, "for a switch");
	}
	switches[doc->n_switches++] = fresh;
	return TV_OK;
}

const struct tv_own_path *tv_doc_path(const struct tv_doc *doc, const char *path)
{
	for (size_t i = 0; i < doc->n_paths; i++)
		if (!strcmp(doc->paths[i].path, path))
			return &doc->paths[i];
	return NULL;
}

static bool is_same(const struct tv_own_path *a, const struct tv_own_path *b)
{
	return !strcmp(a->provider, b->provider) && !strcmp(a->file, b->file) &&
	       !strcmp(a->entry, b->entry);
}

enum tv_status tv_doc_add_path(struct tv_doc *doc, const struct tv_own_path *path,
			       struct tv_error *err)
{
	const struct tv_own_path *there = tv_doc_path(doc, path->path);
	struct tv_own_path fresh = *path;
	struct tv_own_path *paths;

	if (there && is_same(there, path))
		return TV_OK;
	if (there)
		return tv_fail(err, TV_EXISTS,
			       "~/%s shows %s/%s; to free it: tokenvault view "
			       "remove ~/%s",
			       there->path, there->provider, there->file, there->path);
	if (doc->n_paths >= TV_PATHS_MAX)
		return tv_fail(err, TV_REFUSED, "a vault has at most %d paths", TV_PATHS_MAX);
	fresh.provider = tv_arena_strdup(path->provider);
	fresh.file = tv_arena_strdup(path->file);
	fresh.path = tv_arena_strdup(path->path);
	paths = tv_grow(doc->paths, doc->n_paths, sizeof *paths);
	if (paths)
		doc->paths = paths;
	if (!fresh.provider || !fresh.file || !fresh.path || !paths) {
		path_free(&fresh);
		return tv_fail(err, TV_NO_MEMORY, "for a path");
	}
	paths[doc->n_paths++] = fresh;
	return TV_OK;
}

void tv_doc_remove_path(struct tv_doc *doc, const struct tv_own_path *path)
{
	const size_t i = (size_t)(path - doc->paths);
	struct tv_own_path *at = &doc->paths[i];

	path_free(at);
	memmove(at, at + 1, (doc->n_paths - i - 1) * sizeof *at);
	doc->n_paths--;
}

void tv_doc_drop_choices(struct tv_doc *doc, const char *entry)
{
	size_t kept = 0;

	for (size_t i = 0; i < doc->n_switches; i++) {
		if (strcmp(doc->switches[i].entry, entry))
			doc->switches[kept++] = doc->switches[i];
		else
			switch_free(&doc->switches[i]);
	}
	doc->n_switches = kept;
	for (size_t i = doc->n_paths; i-- > 0;)
		if (!strcmp(doc->paths[i].entry, entry))
			tv_doc_remove_path(doc, &doc->paths[i]);
	for (size_t i = doc->n_rules; i-- > 0;)
		if (!strcmp(doc->rules[i].entry, entry))
			tv_doc_remove_rule(doc, &doc->rules[i]);
}
