/* Picks the entries of one service out of the document. */
#include "vault/entries.h"

#include <stdlib.h>
#include <string.h>

static int by_label(const void *a, const void *b)
{
	return strcmp((*(const struct tv_entry *const *)a)->now.label,
		      (*(const struct tv_entry *const *)b)->now.label);
}

bool tv_entry_is_on(const struct tv_doc *doc, const struct tv_provider *p, const struct tv_file *f,
		    const struct tv_entry *e)
{
	const struct tv_switch *chosen = tv_doc_switch(doc, p->name, f->name, e->id);

	if (!chosen)
		chosen = tv_doc_switch(doc, p->name, f->name, NULL);
	return chosen ? chosen->on : f->on;
}

const char *tv_entry_field(const struct tv_provider *p, const struct tv_entry *e, const char *name)
{
	const char *value = tv_version_field(&e->now, name);

	for (size_t i = 0; i < p->n_fields && !value; i++)
		if (!strcmp(p->fields[i].name, name))
			value = p->fields[i].value;
	return value ? value : "";
}

bool tv_entry_is_complete(const struct tv_provider *p, const struct tv_entry *e)
{
	for (size_t i = 0; i < p->n_fields; i++)
		if (p->fields[i].required && !*tv_entry_field(p, e, p->fields[i].name))
			return false;
	return true;
}

/* At an own path the file is wanted, whatever was chosen for its usual place. */
static bool is_shown(const struct tv_doc *doc, const struct tv_provider *p, const struct tv_file *f,
		     const struct tv_entry *e, bool is_own)
{
	const struct tv_switch *chosen = tv_doc_switch(doc, p->name, f->name, e->id);

	return is_own ? !chosen || chosen->on : tv_entry_is_on(doc, p, f, e);
}

struct unique {
	const struct tv_provider *provider;
	const char *field;
};

static int by_value(const void *a, const void *b, void *unique)
{
	const struct tv_entry *const *x = a;
	const struct tv_entry *const *y = b;
	const struct unique *u = unique;
	const int order = strcmp(tv_entry_field(u->provider, *x, u->field),
				 tv_entry_field(u->provider, *y, u->field));

	if (order || (*x)->in_use != (*y)->in_use)
		return order ? order : (*y)->in_use - (*x)->in_use;
	return by_label(a, b);
}

/* Of those that share a value the one in use has it, else the first. */
static size_t keep_unique(const struct tv_entry **at, size_t n, const struct tv_provider *p,
			  const char *field)
{
	struct unique unique = {p, field};
	size_t kept = 0;

	qsort_r(at, n, sizeof *at, by_value, &unique);
	for (size_t i = 0; i < n; i++)
		if (!kept || strcmp(tv_entry_field(p, at[i], field),
				    tv_entry_field(p, at[kept - 1], field)) != 0)
			at[kept++] = at[i];
	qsort(at, kept, sizeof *at, by_label);
	return kept;
}

const struct tv_entry **tv_entries_shown(size_t *n, const struct tv_doc *doc,
					 const struct tv_provider *p, const struct tv_file *f,
					 bool is_own)
{
	struct tv_entry *const *of = tv_doc_of(n, doc, p->name);
	const struct tv_entry **at = calloc(*n + 1, sizeof *at);
	size_t kept = 0;

	for (size_t i = 0; at && i < *n; i++)
		if (tv_entry_is_complete(p, of[i]) && is_shown(doc, p, f, of[i], is_own))
			at[kept++] = of[i];
	if (at)
		*n = f->unique ? keep_unique(at, kept, p, f->unique) : kept;
	return at;
}
