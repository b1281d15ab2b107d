/* Finds the entries of files that show all of them, and takes what it can from the list before. */
#include "vault/sources.h"

#include <stdlib.h>
#include <string.h>

#include "vault/entries.h"

/* What a file that shows all entries shows changes with each of them, removed ones included. */
static int64_t last_change(const struct tv_sources *s, const char *provider)
{
	int64_t last = 0;
	size_t n;
	struct tv_entry *const *of = tv_doc_of(&n, s->doc, provider);

	for (size_t i = 0; i < n; i++)
		last = of[i]->updated > last ? of[i]->updated : last;
	for (size_t i = 0; i < s->n_removed; i++) {
		const struct tv_entry *e = s->removed[i];

		if (strcmp(e->provider, provider) != 0)
			continue;
		last = e->updated > last ? e->updated : last;
		last = e->removed > last ? e->removed : last;
	}
	return last;
}

static size_t count_removed(const struct tv_doc *doc)
{
	return doc->n_entries - doc->names.count;
}

/* The document has them among the others, without an index. False: no memory. */
static bool find_removed(struct tv_sources *s)
{
	const size_t most = count_removed(s->doc);

	if (s->removed)
		return true;
	s->removed = calloc(most + 1, sizeof *s->removed);
	for (size_t i = 0; s->removed && i < s->doc->n_entries && s->n_removed < most; i++)
		if (s->doc->entries[i]->removed)
			s->removed[s->n_removed++] = s->doc->entries[i];
	return s->removed;
}

bool tv_view_note_expiry(struct tv_view *v, const struct tv_entry *e)
{
	if (e->now.expires == TV_NEVER || (v->expires && v->expires <= e->now.expires))
		return true;
	v->expires = e->now.expires;
	v->denies = e->deny;
	return tv_view_set_expiring(v, e->now.label);
}

/* Switches are few, and seldom there. */
static bool has_same_switches(const struct tv_doc *a, const struct tv_doc *b)
{
	if (a->n_switches != b->n_switches)
		return false;
	for (size_t i = 0; i < a->n_switches; i++) {
		const struct tv_switch *x = &a->switches[i], *y = &b->switches[i];

		if (strcmp(x->provider, y->provider) != 0 || strcmp(x->file, y->file) != 0 ||
		    strcmp(x->entry, y->entry) != 0 || x->on != y->on)
			return false;
	}
	return true;
}

/* The entries of both states are the same ones, for one that is changed is another. */
static bool has_same_entries(const struct tv_sources *s, const struct tv_provider *p)
{
	size_t n, m;
	struct tv_entry *const *now = tv_doc_of(&n, s->doc, p->name);
	struct tv_entry *const *then = tv_doc_of(&m, s->before->doc, p->name);

	return n == m && (!n || !memcmp(now, then, n * sizeof(struct tv_entry *)));
}

/* What showed all entries in this file before, where it would be the same now; else NULL. */
static const struct tv_view *same_before(const struct tv_sources *s, const struct tv_provider *p,
					 const struct tv_file *f, bool is_own)
{
	if (!s->before || !has_same_entries(s, p))
		return NULL;
	for (size_t i = 0; i < s->before->count; i++) {
		const struct tv_view *v = s->before->at(s->before->list, i);

		if (v->sources && v->is_own == is_own && !strcmp(v->provider, p->name) &&
		    !strcmp(v->file, f->name))
			return v;
	}
	return NULL;
}

struct tv_sources tv_sources_of(const struct tv_doc *doc, const struct tv_views_before *before)
{
	const bool helps = before && has_same_switches(before->doc, doc) &&
			   count_removed(before->doc) == count_removed(doc);

	return (struct tv_sources){.doc = doc, .before = helps ? before : NULL};
}

void tv_sources_free(struct tv_sources *s)
{
	free(s->removed);
	*s = (struct tv_sources){0};
}

bool tv_sources_find(struct tv_view *v, const struct tv_sources *s, const struct tv_provider *p,
		     const struct tv_file *f)
{
	const struct tv_view *same = same_before(s, p, f, v->is_own);

	if (!same) {
		v->sources = tv_entries_shown(&v->n_sources, s->doc, p, f, v->is_own);
		return v->sources;
	}
	v->sources = calloc(same->n_sources + 1, sizeof(struct tv_entry *));
	if (!v->sources)
		return false;
	if (same->n_sources)
		memcpy(v->sources, same->sources, same->n_sources * sizeof(struct tv_entry *));
	v->n_sources = same->n_sources;
	return true;
}

bool tv_sources_sum_up(struct tv_view *v, struct tv_sources *s, const struct tv_provider *p,
		       const struct tv_file *f)
{
	const struct tv_view *same = same_before(s, p, f, v->is_own);
	bool good = true;

	if (same) {
		v->mtime = same->mtime;
		v->expires = same->expires;
		v->denies = same->denies;
		return v->expires == TV_NEVER || tv_view_set_expiring(v, tv_view_expiring(same));
	}
	if (!find_removed(s))
		return false;
	v->mtime = last_change(s, p->name);
	for (size_t i = 0; good && i < v->n_sources; i++)
		good = tv_view_note_expiry(v, v->sources[i]);
	return good;
}
