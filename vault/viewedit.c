/* The messages about which files are mounted, and where: view, path, views. */
#include <string.h>

#include "vault/path.h"
#include "vault/request.h"

/* What a request is about: a service's file, of one entry or of whichever. */
struct about {
	const char *provider;
	const char *file;
	const struct tv_entry *entry; /* NULL: none was named */
	bool on;
};

static enum tv_status get_about(struct about *out, const struct tv_doc *doc,
				const struct tv_json *request, struct tv_error *err)
{
	const struct tv_json *on = tv_json_get(request, "on");
	const struct tv_entry *e = NULL;
	const char *label;
	enum tv_status status = tv_request_name(&out->provider, &label, request, err);

	if (!status && label)
		status = tv_request_entry(&e, doc, request, err);
	if (status)
		return status;
	out->file = tv_json_get_text(request, "file");
	out->on = tv_json_is_true(on);
	out->entry = e;
	if (!out->file || !tv_file_name_is_valid(out->file) || !tv_json_is_bool(on))
		return tv_fail(err, TV_BAD_VALUE, "a view wants provider, file, and on or off");
	return TV_OK;
}

static bool put_about(struct tv_json *reply, const struct about *a)
{
	return tv_json_put_text(reply, "provider", a->provider) &&
	       (!a->entry || tv_json_put_text(reply, "label", a->entry->now.label)) &&
	       tv_json_put_text(reply, "file", a->file) && tv_json_put_bool(reply, "on", a->on);
}

enum tv_status tv_request_view(struct tv_json *reply, struct tv_vault *vault,
			       const struct tv_json *request, int64_t now, struct tv_error *err)
{
	static const char *const known[] = {"provider", "label", "file", "on", NULL};
	struct tv_doc *doc = tv_vault_doc(vault);
	struct about a = {0};
	enum tv_status status = tv_request_only(request, known, err);

	(void)now;
	if (!status)
		status = get_about(&a, doc, request, err);
	if (!status)
		status = tv_doc_set_switch(doc, a.provider, a.file, a.entry ? a.entry->id : NULL,
					   a.on, err);
	return status ? status : tv_reply_put(put_about(reply, &a), err);
}

/* Takes a path away again, which has to be the one of that file. */
static enum tv_status remove_path(struct tv_doc *doc, const struct about *a, const char *path,
				  struct tv_error *err)
{
	const struct tv_own_path *there = tv_doc_path(doc, path);

	if (!there || strcmp(there->provider, a->provider) || strcmp(there->file, a->file))
		return tv_fail(err, TV_NO_ENTRY,
			       "~/%s is no path of your own for %s/%s; see: tokenvault view list",
			       path, a->provider, a->file);
	tv_doc_remove_path(doc, there);
	return TV_OK;
}

static enum tv_status add_path(struct tv_doc *doc, const struct about *a, const char *path,
			       struct tv_error *err)
{
	struct tv_own_path own = {
		.provider = (char *)(uintptr_t)a->provider,
		.file = (char *)(uintptr_t)a->file,
		.path = (char *)(uintptr_t)path,
	};

	if (a->entry)
		memcpy(own.entry, a->entry->id, sizeof own.entry);
	return tv_doc_add_path(doc, &own, err);
}

enum tv_status tv_request_path(struct tv_json *reply, struct tv_vault *vault,
			       const struct tv_json *request, int64_t now, struct tv_error *err)
{
	static const char *const known[] = {"provider", "label", "file", "path", "on", NULL};
	const char *path = tv_json_get_text(request, "path");
	struct tv_doc *doc = tv_vault_doc(vault);
	struct about a = {0};
	enum tv_status status = tv_request_only(request, known, err);

	(void)now;
	if (!status)
		status = get_about(&a, doc, request, err);
	if (status)
		return status;
	if (!path || !tv_path_is_own(path))
		return tv_fail(err, TV_BAD_VALUE,
			       "a path of your own lies below the home directory, without empty "
			       "parts, . or .., braces or control characters");
	status = a.on ? add_path(doc, &a, path, err) : remove_path(doc, &a, path, err);
	if (status)
		return status;
	return tv_reply_put(put_about(reply, &a) && tv_json_put_text(reply, "path", path), err);
}

/* An entry's label, where one is named. */
static bool put_label(struct tv_json *j, const struct tv_doc *doc, const char *entry)
{
	const struct tv_entry *e = tv_doc_by_id(doc, entry);

	return !*entry || !e || tv_json_put_text(j, "label", e->now.label);
}

enum tv_status tv_request_views(struct tv_json *reply, const struct tv_vault *vault,
				const struct tv_json *request, struct tv_error *err)
{
	static const char *const known[] = {NULL};
	const struct tv_doc *doc = tv_vault_doc(vault);
	struct tv_json *views = tv_json_array();
	struct tv_json *paths = tv_json_array();
	bool put = tv_json_put(reply, "views", views);
	enum tv_status status = tv_request_only(request, known, err);

	put = tv_json_put(reply, "paths", paths) && put;
	for (size_t i = 0; put && i < doc->n_switches; i++) {
		const struct tv_switch *s = &doc->switches[i];
		struct tv_json *j = tv_json_object();

		put = tv_json_put(views, NULL, j) && tv_json_put_text(j, "provider", s->provider) &&
		      tv_json_put_text(j, "file", s->file) && tv_json_put_bool(j, "on", s->on) &&
		      put_label(j, doc, s->entry);
	}
	for (size_t i = 0; put && i < doc->n_paths; i++) {
		const struct tv_own_path *p = &doc->paths[i];
		struct tv_json *j = tv_json_object();

		put = tv_json_put(paths, NULL, j) && tv_json_put_text(j, "provider", p->provider) &&
		      tv_json_put_text(j, "file", p->file) &&
		      tv_json_put_text(j, "path", p->path) && put_label(j, doc, p->entry);
	}
	return status ? status : tv_reply_put(put, err);
}
