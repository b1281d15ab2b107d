/* Which files an open vault has, and their bytes. */
#include "vault/view.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vault/entries.h"
#include "vault/path.h"
#include "vault/template.h"

/* A list that is being made. */
struct listing {
	struct tv_views views;
	size_t size;
	void *taken; /* tsearch tree of paths: "f…" for a file's, "d…" for a directory's */
	const struct tv_doc *doc;
	const struct tv_entry **removed;
	size_t n_removed;
	struct tv_error *err;
};

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static bool is_taken(const struct listing *l, char kind, const char *path, size_t len)
{
	char key[TV_PATH_MAX + 1] = {kind};

	memcpy(key + 1, path, len);
	key[len + 1] = '\0';
	return tfind(key, &l->taken, by_text) != NULL;
}

static bool take(struct listing *l, char kind, const char *path, size_t len)
{
	char *key;
	void *node;

	if (is_taken(l, kind, path, len))
		return true;
	key = malloc(len + 2);
	if (!key)
		return false;
	key[0] = kind;
	memcpy(key + 1, path, len);
	key[len + 1] = '\0';
	node = tsearch(key, &l->taken, by_text);
	if (!node)
		free(key);
	return node != NULL;
}

/* Whether a directory would have to be where the file is, or a file is where it needs a directory. */
static bool clashes(const struct listing *l, const char *path)
{
	if (is_taken(l, 'd', path, strlen(path)))
		return true;
	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/'))
		if (is_taken(l, 'f', path, (size_t)(slash - path)))
			return true;
	return false;
}

static bool claim(struct listing *l, const char *path)
{
	const char *slash = strchr(path, '/');

	for (; slash; slash = strchr(slash + 1, '/'))
		if (!take(l, 'd', path, (size_t)(slash - path)))
			return false;
	return take(l, 'f', path, strlen(path));
}

void tv_view_free(struct tv_view *v)
{
	free(v->path);
	free(v->sources);
	*v = (struct tv_view){0};
}

bool tv_view_set_names(struct tv_view *v, const char *path, const char *provider, const char *label,
		       const char *file)
{
	const char *const texts[] = {path, provider, label, file};
	char **const to[] = {&v->path, &v->provider, &v->label, &v->file};
	size_t size = 0;
	char *at;

	for (size_t i = 0; i < 4; i++)
		size += strlen(texts[i]) + 1;
	at = malloc(size);
	for (size_t i = 0; at && i < 4; i++) {
		const size_t len = strlen(texts[i]) + 1;

		*to[i] = memcpy(at, texts[i], len);
		at += len;
	}
	return at;
}

/* Tries what stands in the path where the definition has its first label. */
static bool is_place_of(const char *path, const struct tv_file *file)
{
	const char *mark = strstr(file->path, "{{label}}");
	size_t front = mark ? (size_t)(mark - file->path) : strlen(file->path);
	char expanded[TV_PATH_MAX];
	char label[TV_LABEL_MAX + 1];

	if (!mark || strncmp(path, file->path, front))
		return !mark && !strcmp(path, file->path);
	for (size_t len = 1; len <= TV_LABEL_MAX && path[front + len - 1]; len++) {
		memcpy(label, path + front, len);
		label[len] = '\0';
		if (tv_label_is_valid(label) && tv_path_expand(expanded, file->path, label) &&
		    !strcmp(expanded, path))
			return true;
	}
	return false;
}

bool tv_view_is_place(const char *path, const struct tv_providers *providers)
{
	for (size_t i = 0; i < tv_providers_count(providers); i++) {
		const struct tv_provider *p = tv_providers_at(providers, i);

		for (size_t f = 0; f < p->n_files; f++)
			if (is_place_of(path, &p->files[f]))
				return true;
	}
	return false;
}

bool tv_view_path_is_own(const char *path)
{
	return tv_path_is_own(path);
}

void tv_views_free(struct tv_views *v)
{
	for (size_t i = 0; i < v->count; i++)
		tv_view_free(&v->at[i]);
	free(v->at);
	*v = (struct tv_views){0};
}

/* What a file that shows all entries shows changes with each of them, removed ones included. */
static int64_t last_change(const struct listing *l, const char *provider)
{
	int64_t last = 0;
	size_t n;
	struct tv_entry *const *of = tv_doc_of(&n, l->doc, provider);

	for (size_t i = 0; i < n; i++)
		last = of[i]->updated > last ? of[i]->updated : last;
	for (size_t i = 0; i < l->n_removed; i++) {
		const struct tv_entry *e = l->removed[i];

		if (strcmp(e->provider, provider) != 0)
			continue;
		last = e->updated > last ? e->updated : last;
		last = e->removed > last ? e->removed : last;
	}
	return last;
}

/* The document has them among the others, without an index. */
static enum tv_status find_removed(struct listing *l)
{
	for (size_t i = 0; i < l->doc->n_entries; i++)
		l->n_removed += l->doc->entries[i]->removed != 0;
	l->removed = calloc(l->n_removed + 1, sizeof *l->removed);
	if (!l->removed)
		return tv_fail(l->err, TV_NO_MEMORY, "files can't be listed");
	l->n_removed = 0;
	for (size_t i = 0; i < l->doc->n_entries; i++)
		if (l->doc->entries[i]->removed)
			l->removed[l->n_removed++] = l->doc->entries[i];
	return TV_OK;
}

/* Makes room for so many more. */
static enum tv_status reserve(struct listing *l, size_t n)
{
	const size_t size = l->views.count + n;
	struct tv_view *more;

	if (size <= l->size)
		return TV_OK;
	more = reallocarray(l->views.at, size, sizeof *more);
	if (!more)
		return tv_fail(l->err, TV_NO_MEMORY, "files can't be listed");
	l->views.at = more;
	l->size = size;
	return TV_OK;
}

static enum tv_status push(struct listing *l, const struct tv_view *v)
{
	const bool is_full = l->views.count == l->size;
	enum tv_status status = is_full ? reserve(l, l->size + 32) : TV_OK;

	if (!status)
		l->views.at[l->views.count++] = *v;
	return status;
}

/* Notes when the first token of those that a view shows expires. */
static void note_expiry(struct tv_view *v, const struct tv_entry *e)
{
	if (e->now.expires == TV_NEVER || (v->expires && v->expires <= e->now.expires))
		return;
	v->expires = e->now.expires;
	v->denies = e->deny;
	strncpy(v->expiring, e->now.label, sizeof v->expiring - 1);
}

/* Where a file is to be: a view but for what follows from the definition and the entry. */
struct place {
	const char *path;
	bool in_place;
	bool is_own;
	bool is_alone;
};

static enum tv_status add(struct listing *l, const struct tv_provider *p, const struct tv_file *f,
			  const struct tv_entry *e, const struct place *place)
{
	const bool all = f->shows == TV_SHOWS_ALL && !place->is_alone;
	struct tv_view v = {
		.in_place = place->in_place,
		.is_own = place->is_own,
		.is_alone = place->is_alone,
		.mode = f->mode,
		.mtime = all ? last_change(l, p->name) : e->updated,
	};
	const bool is_named = tv_view_set_names(&v, place->path, p->name, e->now.label, f->name);
	enum tv_status status = TV_NO_MEMORY;

	memcpy(v.entry, e->id, sizeof v.entry);
	v.source = place->is_alone ? e : NULL;
	if (all)
		v.sources = tv_entries_shown(&v.n_sources, l->doc, p, f, place->is_own);
	else
		note_expiry(&v, e);
	for (size_t i = 0; v.sources && i < v.n_sources; i++)
		note_expiry(&v, v.sources[i]);
	if (is_named && (v.sources || !all))
		status = push(l, &v);
	else
		tv_fail(l->err, status, "files can't be listed");
	if (status)
		tv_view_free(&v);
	return status;
}

/* A file at a path, unless that is another's. */
static enum tv_status add_at(struct listing *l, const struct tv_provider *p,
			     const struct tv_file *f, const struct tv_entry *e,
			     const struct place *place)
{
	const char *path = place->path;
	enum tv_status status;
	bool clash;

	if (is_taken(l, 'f', path, strlen(path)) || is_taken(l, 'c', path, strlen(path)))
		return TV_OK;
	clash = clashes(l, path);
	if (clash ? !take(l, 'c', path, strlen(path)) : !claim(l, path))
		return tv_fail(l->err, TV_NO_MEMORY, "files can't be listed");
	status = add(l, p, f, e, place);
	if (!status)
		l->views.at[l->views.count - 1].clashes = clash;
	return status;
}

/* An in-place file, unless its path can't be. */
static enum tv_status add_in_place(struct listing *l, const struct tv_provider *p,
				   const struct tv_file *f, const struct tv_entry *e)
{
	char path[TV_PATH_MAX];
	const struct place place = {
		.path = path, .in_place = true, .is_alone = f->shows == TV_SHOWS_EACH};

	if (!tv_path_expand(path, f->path, e->now.label))
		return TV_OK;
	return add_at(l, p, f, e, &place);
}

/* Their names are such that nothing of them leads elsewhere, or is cut off. */
static enum tv_status add_to_directory(struct listing *l, const struct tv_provider *p,
				       const struct tv_entry *e)
{
	char path[TV_PATH_MAX];
	const size_t front = (size_t)snprintf(path, sizeof path, "%s/%s/", p->name, e->now.label);
	const struct place place = {.path = path, .is_alone = true};
	enum tv_status status = TV_OK;

	for (size_t i = 0; i < p->n_files && !status; i++) {
		memcpy(path + front, p->files[i].name, strlen(p->files[i].name) + 1);
		status = add(l, p, &p->files[i], e, &place);
	}
	return status;
}

/* Whom a file of all names first: the one in use where it is shown, else the first. NULL: it shows none. */
static enum tv_status lead(const struct tv_entry **out, struct listing *l,
			   const struct tv_provider *p, const struct tv_file *f, bool is_own)
{
	size_t n = 0;
	const struct tv_entry **entries = tv_entries_shown(&n, l->doc, p, f, is_own);

	if (!entries)
		return tv_fail(l->err, TV_NO_MEMORY, "files can't be listed");
	*out = n ? entries[0] : NULL;
	for (size_t i = 0; i < n; i++)
		if (entries[i]->in_use)
			*out = entries[i];
	free(entries);
	return TV_OK;
}

static enum tv_status list_file(struct listing *l, const struct tv_provider *p,
				const struct tv_file *f, const struct tv_entry **entries, size_t n)
{
	const struct tv_entry *shown = tv_doc_in_use(l->doc, p->name);
	enum tv_status status = TV_OK;

	if (f->shows == TV_SHOWS_ALL) {
		status = lead(&shown, l, p, f, false);
		return status || !shown ? status : add_in_place(l, p, f, shown);
	}
	for (size_t i = 0; i < n && !status; i++)
		if ((f->shows == TV_SHOWS_EACH || entries[i] == shown) &&
		    tv_entry_is_on(l->doc, p, f, entries[i]))
			status = add_in_place(l, p, f, entries[i]);
	return status;
}

/* Whose file an own path shows: the one that it names, or whichever is in use unless that is off. */
static enum tv_status find_own(const struct tv_entry **out, struct listing *l,
			       const struct tv_provider *p, const struct tv_file *f,
			       const struct tv_own_path *own)
{
	const struct tv_switch *chosen;

	*out = *own->entry ? tv_doc_by_id(l->doc, own->entry) : tv_doc_in_use(l->doc, p->name);
	if (*own->entry) {
		if (*out && ((*out)->removed || !tv_entry_is_complete(p, *out)))
			*out = NULL;
		return TV_OK;
	}
	if (f->shows == TV_SHOWS_ALL)
		return lead(out, l, p, f, true);
	if (*out && !tv_entry_is_complete(p, *out))
		*out = NULL;
	chosen = *out ? tv_doc_switch(l->doc, p->name, f->name, (*out)->id) : NULL;
	if (chosen && !chosen->on)
		*out = NULL;
	return TV_OK;
}

static enum tv_status list_own(struct listing *l, const struct tv_providers *providers,
			       const struct tv_own_path *own)
{
	const struct tv_provider *p = tv_providers_find(providers, own->provider);
	const struct tv_file *f = tv_file_by_name(p, own->file);
	const struct place place = {
		.path = own->path, .in_place = true, .is_own = true, .is_alone = *own->entry};
	const struct tv_entry *e = NULL;
	enum tv_status status = f ? find_own(&e, l, p, f, own) : TV_OK;

	return status || !e ? status : add_at(l, p, f, e, &place);
}

static enum tv_status list_provider(struct listing *l, const struct tv_provider *p)
{
	size_t n = 0;
	const struct tv_entry **entries = tv_entries_of(&n, l->doc, p->name);
	enum tv_status status = TV_OK;
	size_t kept = 0;

	if (!entries)
		return tv_fail(l->err, TV_NO_MEMORY, "files can't be listed");
	for (size_t i = 0; i < n; i++)
		if (tv_entry_is_complete(p, entries[i]))
			entries[kept++] = entries[i];
	for (size_t i = 0; i < p->n_files && !status; i++)
		status = list_file(l, p, &p->files[i], entries, kept);
	if (!status)
		status = reserve(l, kept * p->n_files);
	for (size_t i = 0; i < kept && !status; i++)
		status = add_to_directory(l, p, entries[i]);
	free(entries);
	return status;
}

int tv_view_order(const struct tv_view *a, const struct tv_view *b)
{
	return a->in_place != b->in_place ? b->in_place - a->in_place : strcmp(a->path, b->path);
}

static int by_place(const void *a, const void *b)
{
	return tv_view_order(a, b);
}

enum tv_status tv_views_list(struct tv_views *out, const struct tv_doc *doc,
			     const struct tv_providers *providers, struct tv_error *err)
{
	struct listing l = {.doc = doc, .err = err};
	enum tv_status status = find_removed(&l);

	for (size_t i = 0; i < tv_providers_count(providers) && !status; i++)
		status = list_provider(&l, tv_providers_at(providers, i));
	for (size_t i = 0; i < doc->n_paths && !status; i++)
		status = list_own(&l, providers, &doc->paths[i]);
	tdestroy(l.taken, free);
	free(l.removed);
	if (status) {
		tv_views_free(&l.views);
		return status;
	}
	if (l.views.count)
		qsort(l.views.at, l.views.count, sizeof *l.views.at, by_place);
	*out = l.views;
	return TV_OK;
}
