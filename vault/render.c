/* Renders one view: the data that its template sees, and the template over it. */
#include <stdlib.h>
#include <string.h>

#include "vault/entries.h"
#include "vault/json.h"
#include "vault/template.h"
#include "vault/view.h"

/* The members that a template knows of an entry. */
static bool put_entry(struct tv_json *to, const struct tv_provider *p, const struct tv_entry *e)
{
	bool ok = tv_json_put_text(to, "label", e->now.label) &&
		  tv_json_put_text(to, "token", tv_secret_text(&e->now.token)) &&
		  tv_json_put_text(to, "account", e->account ? e->account : "") &&
		  tv_json_put_text(to, "note", e->now.note ? e->now.note : "");

	for (size_t i = 0; i < p->n_fields && ok; i++) {
		const struct tv_provider_field *f = &p->fields[i];
		const char *value = tv_version_field(&e->now, f->name);

		ok = tv_json_put_text(to, f->name, value ? value : f->value ? f->value : "");
	}
	return ok;
}

static bool put_one(struct tv_json *array, const struct tv_provider *p, const struct tv_entry *e)
{
	struct tv_json *one = tv_json_object();
	const bool ok = one && put_entry(one, p, e) && tv_json_put_bool(one, "in_use", e->in_use);

	return tv_json_put(array, NULL, one) && ok;
}

/* The section {{#entries}}: every one, or in the directory view just the file's own. */
static bool put_entries(struct tv_json *to, const struct tv_provider *p, const struct tv_doc *doc,
			const struct tv_entry *only)
{
	size_t n = 0;
	const struct tv_entry **entries = only ? NULL : tv_entries_of(&n, doc, p->name);
	struct tv_json *array = tv_json_array();
	bool ok = array && (only ? put_one(array, p, only) : entries != NULL);

	for (size_t i = 0; i < n && ok; i++)
		ok = put_one(array, p, entries[i]);
	free(entries);
	return tv_json_put(to, "entries", array) && ok;
}

static const struct tv_file *find_file(const struct tv_provider *p, const char *name)
{
	for (size_t i = 0; p && i < p->n_files; i++)
		if (!strcmp(p->files[i].name, name))
			return &p->files[i];
	return NULL;
}

/* In place, a file that is not each entry's own shows the one in use now. */
static const struct tv_entry *find_entry(const struct tv_view *view, const struct tv_file *f,
					 const struct tv_doc *doc)
{
	if (view->in_place && f->shows != TV_SHOWS_EACH)
		return tv_doc_in_use(doc, view->provider);
	for (size_t i = 0; i < doc->n_entries; i++)
		if (!doc->entries[i].removed && !strcmp(doc->entries[i].id, view->entry))
			return &doc->entries[i];
	return NULL;
}

enum tv_status tv_view_render(struct tv_secret *out, const struct tv_view *view,
			      const struct tv_doc *doc, const struct tv_providers *providers,
			      struct tv_error *err)
{
	const struct tv_provider *p = tv_providers_find(providers, view->provider);
	const struct tv_file *f = find_file(p, view->file);
	const struct tv_entry *e = f ? find_entry(view, f, doc) : NULL;
	tv_auto_json *data = tv_json_object();
	bool ok;

	if (!f)
		return tv_fail(err, TV_NO_PROVIDER, "%s has no file %s", view->provider,
			       view->file);
	if (!e)
		return tv_fail(err, TV_NO_ENTRY, "%s/%s", view->provider, view->label);
	ok = data && put_entry(data, p, e);
	if (ok && f->shows == TV_SHOWS_ALL)
		ok = put_entries(data, p, doc, view->in_place ? NULL : e);
	if (!ok)
		return tv_fail(err, TV_NO_MEMORY, "%s", view->path);
	return tv_template_render(out, f->text, data, f->escape, err);
}
