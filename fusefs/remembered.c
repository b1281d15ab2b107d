/* Reads what was shown last from its file. */
#include "fusefs/remembered.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fusefs/ownfile.h"

#define LINE_MAX_BYTES ((size_t)64 << 10)
#define SIZE_MAX_BYTES ((int64_t)256 << 20) /* of a view's file */
#define TIME_MAX       ((int64_t)1 << 40)

struct reading {
	struct tv_remembered *r;
	size_t room; /* for views */
	size_t line;
	const char *path;
	struct tv_error *err;
};

static enum tv_status wrong(const struct reading *f, const char *what)
{
	return tv_fail(f->err, TV_LOCKED,
		       "%s, line %zu: %s; tokenvault mount, once, writes it anew", f->path, f->line,
		       what);
}

static bool get_bool(bool *out, const struct tv_json *j, const char *key)
{
	const struct tv_json *member = tv_json_get(j, key);

	*out = tv_json_is_true(member);
	return tv_json_is_bool(member);
}

static bool get_names(struct tv_view *v, const struct tv_json *j)
{
	const char *path = tv_json_get_text(j, "path"), *file = tv_json_get_text(j, "file");
	const char *provider = tv_json_get_text(j, "provider"),
		   *label = tv_json_get_text(j, "label");

	return path && provider && label && file &&
	       tv_view_set_names(v, path, provider, label, file);
}

static bool get_time(int64_t *out, const struct tv_json *j, const char *key)
{
	return tv_json_get_int(j, key, out) && *out >= 0 && *out <= TIME_MAX;
}

static bool get_expiring(struct tv_view *v, const struct tv_json *j)
{
	const char *text = tv_json_get_text(j, "expiring");

	if (!text || (*text && !tv_label_is_valid(text)))
		return false;
	return !*text || tv_view_set_expiring(v, text);
}

static bool get_entry(char out[static TV_ID_CHARS + 1], const struct tv_json *j)
{
	unsigned char id[TV_ID_CHARS / 2];

	if (!tv_json_get_hex(j, "entry", id, sizeof id))
		return false;
	memcpy(out, tv_json_get_text(j, "entry"), TV_ID_CHARS + 1);
	return true;
}

/* The directory view's paths are made of names that no path can be made of. */
static bool has_path(const struct tv_view *v)
{
	char path[2 * TV_LABEL_MAX + 512];

	if (v->in_place)
		return tv_view_path_is_own(v->path);
	snprintf(path, sizeof path, "%s/%s/%s", v->provider, v->label, v->file);
	return !strcmp(path, v->path);
}

/* What is wrong with it, or NULL. What was made stays in *v in any case. */
static const char *take_view(struct tv_view *v, uint64_t *size, const struct tv_json *j)
{
	int64_t mode = 0, bytes = 0;

	if (!get_names(v, j) || !get_bool(&v->in_place, j, "in_place") ||
	    !get_bool(&v->is_own, j, "is_own") || !get_bool(&v->is_alone, j, "is_alone") ||
	    !get_bool(&v->clashes, j, "clashes") || !get_bool(&v->denies, j, "denies"))
		return "a member is missing, or of another kind";
	if (!tv_provider_name_is_valid(v->provider) || !tv_label_is_valid(v->label) ||
	    !tv_file_name_is_valid(v->file) || !get_entry(v->entry, j) || !get_expiring(v, j))
		return "a name can't be one";
	if (!has_path(v))
		return "the path can't be a file's";
	if (!tv_json_get_int(j, "mode", &mode) || (mode != 0400 && mode != 0600))
		return "the mode can't be a file's";
	if (!get_time(&v->mtime, j, "mtime") || !get_time(&v->expires, j, "expires"))
		return "a time can't be one";
	if (!tv_json_get_int(j, "size", &bytes) || bytes < 0 || bytes > SIZE_MAX_BYTES)
		return "the size can't be a file's";
	v->mode = (unsigned)mode;
	*size = (uint64_t)bytes;
	return NULL;
}

static bool make_room(struct reading *f)
{
	const size_t room = f->room ? f->room * 2 : 64;
	struct tv_view *views;
	uint64_t *sizes;

	if (f->r->views.count < f->room)
		return true;
	views = reallocarray(f->r->views.at, room, sizeof *views);
	if (views)
		f->r->views.at = views;
	sizes = reallocarray(f->r->sizes, room, sizeof *sizes);
	if (sizes)
		f->r->sizes = sizes;
	if (views && sizes)
		f->room = room;
	return views && sizes;
}

static enum tv_status read_view(struct reading *f, const struct tv_json *j)
{
	struct tv_views *views = &f->r->views;
	struct tv_view *v;
	const char *fault;

	if (!make_room(f))
		return tv_fail(f->err, TV_NO_MEMORY, "%s", f->path);
	v = &views->at[views->count];
	*v = (struct tv_view){0};
	views->count++;
	fault = take_view(v, &f->r->sizes[views->count - 1], j);
	if (!fault && views->count > 1 && tv_view_order(v - 1, v) >= 0)
		fault = "the order is not that of views";
	return fault ? wrong(f, fault) : TV_OK;
}

static enum tv_status read_providers(struct reading *f, const struct tv_json *names)
{
	struct tv_remembered *r = f->r;

	r->all_providers = tv_json_is_null(names);
	if (r->all_providers)
		return TV_OK;
	if (!tv_json_is_array(names))
		return wrong(f, "it does not say which services");
	r->providers = calloc(tv_json_count(names) + 1, sizeof *r->providers);
	for (const struct tv_json *j = tv_json_first(names); r->providers && j;
	     j = tv_json_next(j)) {
		const char *name = tv_json_text(j);

		if (!name || !tv_provider_name_is_valid(name))
			return wrong(f, "a service's name can't be one");
		r->providers[r->n_providers] = strdup(name);
		if (!r->providers[r->n_providers])
			return tv_fail(f->err, TV_NO_MEMORY, "%s", f->path);
		r->n_providers++;
	}
	return r->providers ? TV_OK : tv_fail(f->err, TV_NO_MEMORY, "%s", f->path);
}

static enum tv_status read_head(struct reading *f, int64_t *views, const struct tv_json *j)
{
	const char *what = tv_json_get_text(j, "tokenvault");
	int64_t version;

	if (!what || strcmp(what, "shown") || !tv_json_get_int(j, "version", &version) ||
	    version < 1)
		return wrong(f, "this is no list of what was shown");
	if (version > TV_REMEMBERED_VERSION)
		return wrong(f, "it is of a newer version of this program");
	if (!tv_json_get_hex(j, "vault", f->r->vault_id, sizeof f->r->vault_id) ||
	    !tv_json_get_int(j, "views", views) ||
	    !get_bool(&f->r->kept.unlock_on_open, j, "unlock_on_open") ||
	    !tv_json_get_int(j, "prompt_wait", &f->r->kept.prompt_wait) ||
	    f->r->kept.prompt_wait < 1 || f->r->kept.prompt_wait > TV_PROMPT_MAX ||
	    (tv_json_get(j, "audit") && !tv_json_is_bool(tv_json_get(j, "audit"))))
		return wrong(f, "a member is missing, or of another kind");
	/* Lists of before there was a log do not say. */
	f->r->kept.unaudited = tv_json_get(j, "audit") && !tv_json_get_true(j, "audit");
	return read_providers(f, tv_json_get(j, "providers"));
}

static enum tv_status read_line(struct reading *f, int64_t *views, const char *line, size_t len)
{
	tv_auto_json *j = NULL;
	struct tv_error why;
	enum tv_status status = TV_LOCKED;

	f->line++;
	if (len <= LINE_MAX_BYTES)
		status = tv_json_parse(&j, line, len, &why);
	if (status == TV_NO_MEMORY)
		return tv_fail(f->err, status, "%s", f->path);
	if (status || !tv_json_is_object(j))
		return wrong(f, "it is damaged");
	return f->line == 1 ? read_head(f, views, j) : read_view(f, j);
}

/* Every line ends as one, so that what was cut off is noticed anywhere. */
static enum tv_status read_lines(struct reading *f, const char *at, size_t left)
{
	enum tv_status status = TV_OK;
	int64_t views = -1;
	const char *end;

	while (!status && left && (end = memchr(at, '\n', left))) {
		status = read_line(f, &views, at, (size_t)(end - at));
		left -= (size_t)(end + 1 - at);
		at = end + 1;
	}
	if (!status && (left || views < 0 || (size_t)views != f->r->views.count))
		status = wrong(f, "it is cut short, or too long");
	return status;
}

enum tv_status tv_remembered_load(struct tv_remembered *out, const char *path, struct tv_error *err)
{
	struct tv_remembered r = {0};
	struct reading f = {.r = &r, .path = path, .err = err};
	struct tv_error why = {""};
	tv_auto_bytes text = {0};
	enum tv_status status = tv_own_file_read(&text, path, TV_REMEMBERED_MAX, false, &why);

	if (status == TV_NO_ENTRY)
		return tv_fail(err, TV_LOCKED,
			       "nothing was mounted here before, so there is nothing to show while "
			       "locked; run tokenvault mount once first");
	if (status == TV_NO_MEMORY)
		return tv_fail(err, status, "%s", path);
	if (status)
		return tv_fail(err, TV_LOCKED,
			       "%s, so it is not believed; tokenvault mount, once, writes it anew",
			       why.detail);
	status = read_lines(&f, (const char *)text.data, text.len);
	if (status) {
		tv_remembered_free(&r);
		return status;
	}
	*out = r;
	return TV_OK;
}

void tv_remembered_free(struct tv_remembered *r)
{
	for (size_t i = 0; i < r->n_providers; i++)
		free(r->providers[i]);
	free(r->providers);
	tv_views_free(&r->views);
	free(r->sizes);
	*r = (struct tv_remembered){0};
}
