/* Renders one view: the data that its template sees, and the template over it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vault/entries.h"
#include "vault/json.h"
#include "vault/template.h"
#include "vault/view.h"
#include "vault/when.h"

/* The members that a template knows of an entry. */
static bool put_entry(struct tv_json *to, const struct tv_provider *p, const struct tv_entry *e)
{
	bool ok = tv_json_put_text(to, "label", e->now.label) &&
		  tv_json_put_text(to, "token", tv_secret_text(&e->now.token)) &&
		  tv_json_put_text(to, "account", e->now.account ? e->now.account : "") &&
		  tv_json_put_text(to, "note", e->now.note ? e->now.note : "");

	for (size_t i = 0; i < p->n_fields && ok; i++) {
		const char *name = p->fields[i].name;

		ok = tv_json_put_text(to, name, tv_entry_field(p, e, name));
	}
	return ok;
}

/* The section {{#entries}}. */
static bool put_entries(struct tv_json *to, const struct tv_provider *p,
			const struct tv_entry *const *entries, size_t n)
{
	struct tv_json *array = tv_json_array();
	bool ok = tv_json_put(to, "entries", array);

	for (size_t i = 0; i < n && ok; i++) {
		struct tv_json *one = tv_json_object();

		ok = tv_json_put(array, NULL, one) && put_entry(one, p, entries[i]) &&
		     tv_json_put_bool(one, "in_use", entries[i]->in_use) &&
		     tv_json_put_bool(one, "first", i == 0) &&
		     tv_json_put_bool(one, "last", i == n - 1);
	}
	return ok;
}

static bool is_denied(const struct tv_entry *e, int64_t now)
{
	return e->deny && e->now.expires != TV_NEVER && e->now.expires <= now;
}

/* Whose tokens a view shows, expired or not; in place, a file that is not an entry's own shows the one
 * in use now. To be freed; NULL when memory is out. */
static const struct tv_entry **find_entries(size_t *n, const struct tv_view *view,
					    const struct tv_doc *doc, const struct tv_provider *p,
					    const struct tv_file *f)
{
	const struct tv_entry **one;
	const struct tv_entry *e;

	if (f->shows == TV_SHOWS_ALL && !view->is_alone)
		return tv_entries_shown(n, doc, p, f, view->is_own);
	e = view->is_alone ? tv_doc_by_id(doc, view->entry) : tv_doc_in_use(doc, p->name);
	one = calloc(1, sizeof *one);
	if (one)
		*one = e;
	*n = e && !e->removed;
	return one;
}

const struct tv_entry **tv_view_entries(size_t *n, const struct tv_view *view,
					const struct tv_doc *doc,
					const struct tv_providers *providers)
{
	const struct tv_provider *p = tv_providers_find(providers, view->provider);
	const struct tv_file *f = tv_file_by_name(p, view->file);

	return f ? find_entries(n, view, doc, p, f) : NULL;
}

/* Leaves those out whose token has expired and is to be denied. */
static enum tv_status leave_out(size_t *n, const struct tv_entry **entries, int64_t now,
				const struct tv_view *view, struct tv_error *err)
{
	const struct tv_entry *denied = NULL;
	char date[TV_WHEN_CHARS];
	size_t kept = 0;

	for (size_t i = 0; i < *n; i++) {
		if (is_denied(entries[i], now))
			denied = entries[i];
		else
			entries[kept++] = entries[i];
	}
	*n = kept;
	if (kept)
		return TV_OK;
	if (!denied)
		return tv_fail(err, TV_NO_ENTRY, "%s/%s", view->provider, view->label);
	tv_when_print(date, denied->now.expires);
	return tv_fail(err, TV_EXPIRED, "%s/%s on %s; for a new one: tokenvault set %s/%s",
		       denied->provider, denied->now.label, date, denied->provider,
		       denied->now.label);
}

static bool put_all(struct tv_json *data, const struct tv_provider *p, const struct tv_file *f,
		    const struct tv_entry *const *entries, size_t n)
{
	const struct tv_entry *lead = entries[0];

	for (size_t i = 0; i < n; i++)
		if (entries[i]->in_use)
			lead = entries[i];
	return put_entry(data, p, lead) &&
	       (f->shows != TV_SHOWS_ALL || put_entries(data, p, entries, n));
}

/* What a view shows. */
struct sheet {
	const struct tv_provider *provider;
	const struct tv_file *file;
	const struct tv_entry **entries;
	size_t n;
};

static enum tv_status render_some(struct tv_secret *out, const struct sheet *s,
				  const struct tv_entry *const *entries, size_t n,
				  struct tv_error *err)
{
	tv_auto_json *data = tv_json_object();

	if (!put_all(data, s->provider, s->file, entries, n))
		return tv_fail(err, TV_NO_MEMORY, "%s", s->file->name);
	return tv_template_render(out, s->file->text, data, s->file->escape, err);
}

static enum tv_status check_one(const struct sheet *s, const struct tv_entry *e,
				struct tv_error *err)
{
	tv_auto_secret alone = {0};

	return render_some(&alone, s, &e, 1, err);
}

/* Leaves those out that can't be written even alone: one wrong value must not take the others' file away.
 * TV_BAD_VALUE where none is left. */
static enum tv_status leave_unwritable(struct sheet *s, struct tv_error *err)
{
	const struct tv_entry *first = NULL;
	struct tv_error first_why = {""};
	size_t kept = 0, left = 0;
	char others[40] = "";

	for (size_t i = 0; i < s->n; i++) {
		struct tv_error why = {""};
		enum tv_status status = check_one(s, s->entries[i], &why);

		if (status && status != TV_BAD_VALUE)
			return tv_fail(err, status, "%s", why.detail);
		if (!status) {
			s->entries[kept++] = s->entries[i];
		} else if (!left++) {
			first = s->entries[i];
			first_why = why;
		}
	}
	s->n = kept;
	if (!first)
		return TV_OK;
	if (!kept)
		return tv_fail(err, TV_BAD_VALUE, "%s/%s: %.300s", first->provider,
			       first->now.label, first_why.detail);
	if (left > 1)
		snprintf(others, sizeof others, " and %zu more", left - 1);
	return tv_fail(err, TV_OK, "%s/%s%s left out of it: %.250s", first->provider,
		       first->now.label, *others ? others : " is", first_why.detail);
}

static enum tv_status render_all(struct tv_secret *out, struct sheet *s, struct tv_error *err)
{
	tv_auto_secret made = {0};
	struct tv_error why = {""};
	enum tv_status status = render_some(&made, s, s->entries, s->n, &why);

	if (status == TV_BAD_VALUE) {
		tv_secret_free(&made);
		status = leave_unwritable(s, err);
		if (status)
			return status;
		status = render_some(&made, s, s->entries, s->n, &why);
	}
	if (status)
		return tv_fail(err, status, "%s", why.detail);
	tv_secret_append(out, made.data, made.len);
	return TV_OK;
}

enum tv_status tv_view_render(struct tv_secret *out, const struct tv_view *view,
			      const struct tv_doc *doc, const struct tv_providers *providers,
			      int64_t now, struct tv_error *err)
{
	const struct tv_provider *p = tv_providers_find(providers, view->provider);
	const struct tv_file *f = tv_file_by_name(p, view->file);
	struct sheet s = {.provider = p, .file = f};
	enum tv_status status;

	if (!f)
		return tv_fail(err, TV_NO_PROVIDER, "%s has no file %s", view->provider,
			       view->file);
	s.entries = find_entries(&s.n, view, doc, p, f);
	if (!s.entries)
		return tv_fail(err, TV_NO_MEMORY, "%s", view->path);
	status = leave_out(&s.n, s.entries, now, view, err);
	if (!status)
		status = render_all(out, &s, err);
	free(s.entries);
	return status;
}

int64_t tv_view_changes_at(const struct tv_view *view, const struct tv_doc *doc,
			   const struct tv_providers *providers, int64_t now)
{
	const struct tv_provider *p = tv_providers_find(providers, view->provider);
	const struct tv_file *f = tv_file_by_name(p, view->file);
	const struct tv_entry **entries;
	int64_t next = 0;
	size_t n = 0;

	/* Most show one entry's token, and it is known when that expires. */
	if (view->is_alone)
		return view->denies && view->expires > now ? view->expires : 0;
	entries = f ? find_entries(&n, view, doc, p, f) : NULL;
	for (size_t i = 0; entries && i < n; i++) {
		const int64_t at = entries[i]->deny ? entries[i]->now.expires : 0;

		if (at > now && (!next || at < next))
			next = at;
	}
	free(entries);
	return next;
}
