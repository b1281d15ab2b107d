/* Lists which files an open vault has. */
#include "vault/view.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vault/entries.h"
#include "vault/path.h"
#include "vault/sources.h"

/* A list that is being made. */
struct listing {
	struct tv_views views;
	size_t size;
	void *taken; /* tsearch tree of paths: "f…" for a file's, "d…" for a directory's */
	const struct tv_doc *doc;
	struct tv_sources sources;
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
		.mtime = e->updated,
	};
	bool good = tv_view_set_names(&v, place->path, p->name, e->now.label, f->name);
	enum tv_status status = TV_NO_MEMORY;

	memcpy(v.entry, e->id, sizeof v.entry);
	v.source = place->is_alone ? e : NULL;
	good = good && (all ? tv_sources_find(&v, &l->sources, p, f) &&
					tv_sources_sum_up(&v, &l->sources, p, f)
			    : tv_view_note_expiry(&v, e));
	if (good)
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

	if (!tv_entry_is_complete(p, e))
		return TV_OK;
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
	const struct tv_entry *used = tv_doc_in_use(l->doc, p->name);
	struct tv_view v = {.is_own = is_own};

	if (!tv_sources_find(&v, &l->sources, p, f))
		return tv_fail(l->err, TV_NO_MEMORY, "files can't be listed");
	*out = v.n_sources ? v.sources[0] : NULL;
	for (size_t i = 0; i < v.n_sources; i++)
		if (v.sources[i] == used)
			*out = used;
	free(v.sources);
	return TV_OK;
}

static enum tv_status list_one(struct listing *l, const struct tv_provider *p,
			       const struct tv_file *f, const struct tv_entry *e)
{
	return tv_entry_is_on(l->doc, p, f, e) && tv_entry_is_complete(p, e)
		       ? add_in_place(l, p, f, e)
		       : TV_OK;
}

static enum tv_status list_file(struct listing *l, const struct tv_provider *p,
				const struct tv_file *f)
{
	const struct tv_entry *shown = tv_doc_in_use(l->doc, p->name);
	enum tv_status status = TV_OK;
	size_t n;
	struct tv_entry *const *of = tv_doc_of(&n, l->doc, p->name);

	if (f->shows == TV_SHOWS_ALL) {
		status = lead(&shown, l, p, f, false);
		return status || !shown ? status : add_in_place(l, p, f, shown);
	}
	if (f->shows != TV_SHOWS_EACH)
		return shown ? list_one(l, p, f, shown) : TV_OK;
	for (size_t i = 0; i < n && !status; i++)
		status = list_one(l, p, f, of[i]);
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

static int by_file_name(const void *a, const void *b)
{
	return strcmp((*(const struct tv_file *const *)a)->name,
		      (*(const struct tv_file *const *)b)->name);
}

static enum tv_status list_directory(struct listing *l, const struct tv_provider *p)
{
	size_t n;
	struct tv_entry *const *of = tv_doc_of(&n, l->doc, p->name);
	const struct tv_file **files = calloc(p->n_files + 1, sizeof *files);
	enum tv_status status = files ? TV_OK : TV_NO_MEMORY;

	for (size_t i = 0; files && i < p->n_files; i++)
		files[i] = &p->files[i];
	if (files && p->n_files)
		qsort(files, p->n_files, sizeof *files, by_file_name);
	for (size_t i = 0; i < n && !status; i++)
		status = add_to_directory(l, p, files, of[i]);
	free(files);
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

/* As they are made, most are in their order. */
static void sort(struct tv_views *views)
{
	size_t i = 1;

	while (i < views->count && tv_view_order(&views->at[i - 1], &views->at[i]) <= 0)
		i++;
	if (i < views->count)
		qsort(views->at, views->count, sizeof *views->at, by_place);
}

/* Gives the list, or with a failure none. */
static enum tv_status end(struct tv_views *out, struct listing *l, enum tv_status status)
{
	sort(&l->views);
	tdestroy(l->taken, free);
	tv_sources_free(&l->sources);
	if (status)
		tv_views_free(&l->views);
	else
		*out = l->views;
	return status;
}

enum tv_status tv_views_in_place(struct tv_views *out, const struct tv_views_before *before,
				 const struct tv_doc *doc, const struct tv_providers *providers,
				 struct tv_error *err)
{
	struct listing l = {.doc = doc, .sources = tv_sources_of(doc, before), .err = err};
	enum tv_status status = TV_OK;

	for (size_t i = 0; i < tv_providers_count(providers) && !status; i++) {
		const struct tv_provider *p = tv_providers_at(providers, i);

		for (size_t f = 0; f < p->n_files && !status; f++)
			status = list_file(&l, p, &p->files[f]);
	}
	for (size_t i = 0; i < doc->n_paths && !status; i++)
		status = list_own(&l, providers, &doc->paths[i]);
	return end(out, &l, status);
}

enum tv_status tv_views_directory(struct tv_views *out, const struct tv_doc *doc,
				  const struct tv_providers *providers, struct tv_error *err)
{
	struct listing l = {.doc = doc, .err = err};
	enum tv_status status = reserve_directory(&l, providers);

	for (size_t i = 0; i < tv_providers_count(providers) && !status; i++)
		status = list_directory(&l, tv_providers_at(providers, i));
	return end(out, &l, status);
}

/* Takes over what is in more; on failure nothing of it. */
static bool append(struct tv_views *to, struct tv_views *more)
{
	const size_t count = to->count + more->count;
	struct tv_view *grown = reallocarray(to->at, count + 1, sizeof *grown);

	if (!grown)
		return false;
	if (more->count)
		memcpy(grown + to->count, more->at, more->count * sizeof *grown);
	*to = (struct tv_views){.at = grown, .count = count};
	free(more->at);
	*more = (struct tv_views){0};
	return true;
}

enum tv_status tv_views_list(struct tv_views *out, const struct tv_doc *doc,
			     const struct tv_providers *providers, struct tv_error *err)
{
	struct tv_views both = {0}, more = {0};
	enum tv_status status = tv_views_in_place(&both, NULL, doc, providers, err);

	if (!status)
		status = tv_views_directory(&more, doc, providers, err);
	if (!status && !append(&both, &more))
		status = tv_fail(err, TV_NO_MEMORY, "files can't be listed");
	if (status) {
		tv_views_free(&both);
		tv_views_free(&more);
		return status;
	}
	*out = both;
	return TV_OK;
}
