/* Lists which files an open vault has. */
#include "vault/view.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vault/entries.h"
#include "vault/path.h"

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

/* Notes when the first token of those that a view shows expires; false when memory is out. */
static bool note_expiry(struct tv_view *v, const struct tv_entry *e)
{
	if (e->now.expires == TV_NEVER || (v->expires && v->expires <= e->now.expires))
		return true;
	v->expires = e->now.expires;
	v->denies = e->deny;
	return tv_view_set_expiring(v, e->now.label);
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
	bool good = tv_view_set_names(&v, place->path, p->name, e->now.label, f->name);
	enum tv_status status = TV_NO_MEMORY;

	memcpy(v.entry, e->id, sizeof v.entry);
	v.source = place->is_alone ? e : NULL;
	if (all)
		v.sources = tv_entries_shown(&v.n_sources, l->doc, p, f, place->is_own);
	else
		good = good && note_expiry(&v, e);
	for (size_t i = 0; good && v.sources && i < v.n_sources; i++)
		good = note_expiry(&v, v.sources[i]);
	if (good && (v.sources || !all))
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

/* Their names are such that nothing of them leads elsewhere, or is cut off. files: the definition's, by name. */
static enum tv_status add_to_directory(struct listing *l, const struct tv_provider *p,
				       const struct tv_file *const *files, const struct tv_entry *e)
{
	char path[TV_PATH_MAX];
	const size_t front = (size_t)snprintf(path, sizeof path, "%s/%s/", p->name, e->now.label);
	const struct place place = {.path = path, .is_alone = true};
	enum tv_status status = TV_OK;

	for (size_t i = 0; i < p->n_files && !status; i++) {
		memcpy(path + front, files[i]->name, strlen(files[i]->name) + 1);
		status = add(l, p, files[i], e, &place);
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

/* The service's entries that have all that its files want. */
static const struct tv_entry **complete(size_t *n, const struct listing *l,
					const struct tv_provider *p)
{
	const struct tv_entry **entries = tv_entries_of(n, l->doc, p->name);
	size_t kept = 0;

	for (size_t i = 0; entries && i < *n; i++)
		if (tv_entry_is_complete(p, entries[i]))
			entries[kept++] = entries[i];
	*n = kept;
	return entries;
}

static enum tv_status list_in_place(struct listing *l, const struct tv_provider *p)
{
	size_t n = 0;
	const struct tv_entry **entries = complete(&n, l, p);
	enum tv_status status = TV_OK;

	if (!entries)
		return tv_fail(l->err, TV_NO_MEMORY, "files can't be listed");
	for (size_t i = 0; i < p->n_files && !status; i++)
		status = list_file(l, p, &p->files[i], entries, n);
	free(entries);
	return status;
}

static int by_file_name(const void *a, const void *b)
{
	return strcmp((*(const struct tv_file *const *)a)->name,
		      (*(const struct tv_file *const *)b)->name);
}

static enum tv_status list_directory(struct listing *l, const struct tv_provider *p)
{
	size_t n = 0;
	const struct tv_entry **entries = complete(&n, l, p);
	const struct tv_file **files = calloc(p->n_files + 1, sizeof *files);
	enum tv_status status = entries && files ? TV_OK : TV_NO_MEMORY;

	for (size_t i = 0; files && i < p->n_files; i++)
		files[i] = &p->files[i];
	if (files && p->n_files)
		qsort(files, p->n_files, sizeof *files, by_file_name);
	for (size_t i = 0; i < n && !status; i++)
		status = add_to_directory(l, p, files, entries[i]);
	free(files);
	free(entries);
	return status ? tv_fail(l->err, status, "files can't be listed") : TV_OK;
}

static int by_place(const void *a, const void *b)
{
	return tv_view_order(a, b);
}

/* Room for the files of all entries, at once: they are many. */
static enum tv_status reserve_directory(struct listing *l, const struct tv_providers *providers)
{
	size_t files = 0, n;

	for (size_t i = 0; i < tv_providers_count(providers); i++) {
		const struct tv_provider *p = tv_providers_at(providers, i);

		tv_doc_of(&n, l->doc, p->name);
		files += n * p->n_files;
	}
	return reserve(l, files);
}

/* Those from one on. As they are made, most are in their order. */
static void sort(struct tv_views *views, size_t from)
{
	size_t i = from + 1;

	while (i < views->count && tv_view_order(&views->at[i - 1], &views->at[i]) <= 0)
		i++;
	if (i < views->count)
		qsort(views->at + from, views->count - from, sizeof *views->at, by_place);
}

enum tv_status tv_views_list(struct tv_views *out, const struct tv_doc *doc,
			     const struct tv_providers *providers, struct tv_error *err)
{
	struct listing l = {.doc = doc, .err = err};
	enum tv_status status = find_removed(&l);
	size_t in_place;

	for (size_t i = 0; i < tv_providers_count(providers) && !status; i++)
		status = list_in_place(&l, tv_providers_at(providers, i));
	for (size_t i = 0; i < doc->n_paths && !status; i++)
		status = list_own(&l, providers, &doc->paths[i]);
	in_place = l.views.count;
	sort(&l.views, 0);
	if (!status)
		status = reserve_directory(&l, providers);
	for (size_t i = 0; i < tv_providers_count(providers) && !status; i++)
		status = list_directory(&l, tv_providers_at(providers, i));
	sort(&l.views, in_place);
	tdestroy(l.taken, free);
	free(l.removed);
	if (status) {
		tv_views_free(&l.views);
		return status;
	}
	*out = l.views;
	return TV_OK;
}
