/* The orders in which the document's entries are found, and the entries' way in and out of it. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "vault/arena.h"
#include "vault/docjson.h"

typedef int order_of(const struct tv_entry *, const struct tv_entry *);

static int by_provider(const struct tv_entry *x, const struct tv_entry *y)
{
	return strcmp(x->provider, y->provider);
}

/* An order in which the place of a provider is behind its entries. */
static int past_provider(const struct tv_entry *x, const struct tv_entry *y)
{
	return by_provider(x, y) <= 0 ? -1 : 1;
}

static int by_name(const struct tv_entry *x, const struct tv_entry *y)
{
	const int order = strcmp(x->provider, y->provider);

	return order ? order : strcmp(x->now.label, y->now.label);
}

static int by_id(const struct tv_entry *x, const struct tv_entry *y)
{
	return strcmp(x->id, y->id);
}

static int by_date(const struct tv_entry *x, const struct tv_entry *y)
{
	const int64_t a = tv_entry_date(x), b = tv_entry_date(y);

	return (a > b) - (a < b);
}

static bool is_dated(const struct tv_entry *e)
{
	return !e->removed && tv_entry_date(e) != INT64_MAX;
}

/* The place of the first that does not come before the key. */
static size_t place_of(const struct tv_index *ix, const struct tv_entry *key, order_of *order)
{
	size_t low = 0, high = ix->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (order(ix->at[middle], key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const struct tv_entry *look_up(const struct tv_index *ix, const struct tv_entry *key,
				      order_of *order)
{
	const size_t i = place_of(ix, key, order);

	return i < ix->count && !order(ix->at[i], key) ? ix->at[i] : NULL;
}

static void put_in(struct tv_index *ix, struct tv_entry *e, order_of *order)
{
	const size_t i = place_of(ix, e, order);

	memmove(ix->at + i + 1, ix->at + i, (ix->count - i) * sizeof(struct tv_entry *));
	ix->at[i] = e;
	ix->count++;
}

/* By what it is, since its name may be another one by now. */
static void take_out(struct tv_index *ix, const struct tv_entry *e)
{
	for (size_t i = 0; i < ix->count; i++)
		if (ix->at[i] == e) {
			ix->count--;
			memmove(ix->at + i, ix->at + i + 1,
				(ix->count - i) * sizeof(struct tv_entry *));
			return;
		}
}

static void replace(struct tv_entry **at, size_t n, const struct tv_entry *old,
		    struct tv_entry *fresh)
{
	for (size_t i = 0; i < n; i++)
		if (at[i] == old) {
			at[i] = fresh;
			return;
		}
}

static void enter(struct tv_doc *doc, struct tv_entry *e)
{
	if (!e->removed)
		put_in(&doc->names, e, by_name);
	if (e->in_use)
		put_in(&doc->used, e, by_provider);
	if (is_dated(e))
		put_in(&doc->dated, e, by_date);
}

static void leave(struct tv_doc *doc, const struct tv_entry *e)
{
	take_out(&doc->names, e);
	take_out(&doc->used, e);
	take_out(&doc->dated, e);
}

const struct tv_entry *tv_doc_find(const struct tv_doc *doc, const char *provider,
				   const char *label)
{
	const struct tv_entry key = {
		.provider = (char *)(uintptr_t)provider,
		.now.label = (char *)(uintptr_t)(label ? label : "default"),
	};
	const struct tv_entry *e = look_up(&doc->names, &key, by_name);

	return e || label ? e : tv_doc_in_use(doc, provider);
}

const struct tv_entry *tv_doc_by_id(const struct tv_doc *doc, const char *id)
{
	struct tv_entry key = {.holders = 0};

	if (strlen(id) >= sizeof key.id)
		return NULL;
	memcpy(key.id, id, strlen(id) + 1);
	return look_up(&doc->ids, &key, by_id);
}

const struct tv_entry *tv_doc_in_use(const struct tv_doc *doc, const char *provider)
{
	const struct tv_entry key = {.provider = (char *)(uintptr_t)provider};

	return look_up(&doc->used, &key, by_provider);
}

struct tv_entry *const *tv_doc_of(size_t *n, const struct tv_doc *doc, const char *provider)
{
	const struct tv_entry key = {.provider = (char *)(uintptr_t)provider};
	const size_t first = place_of(&doc->names, &key, by_provider);
	const size_t end = place_of(&doc->names, &key, past_provider);

	*n = end - first;
	return end > first ? doc->names.at + first : NULL;
}

size_t tv_doc_dated(const struct tv_doc *doc, int64_t before)
{
	size_t low = 0, high = doc->dated.count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (tv_entry_date(doc->dated.at[middle]) <= before)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool grow(struct tv_entry ***array, size_t n)
{
	struct tv_entry **grown = tv_arena_realloc(*array, n * sizeof(struct tv_entry *));

	if (grown)
		*array = grown;
	return grown;
}

enum tv_status tv_doc_reserve(struct tv_doc *doc, size_t n, struct tv_error *err)
{
	if (n <= doc->room)
		return TV_OK;
	if (n < doc->room + doc->room / 2)
		n = doc->room + doc->room / 2;
	if (!grow(&doc->entries, n) || !grow(&doc->names.at, n) || !grow(&doc->ids.at, n) ||
	    !grow(&doc->used.at, n) || !grow(&doc->dated.at, n))
		return tv_fail(err, TV_NO_MEMORY, "for %zu entries", n);
	doc->room = n;
	return TV_OK;
}

void tv_doc_append(struct tv_doc *doc, struct tv_entry *e)
{
	doc->entries[doc->n_entries++] = e;
}

static int name_order(const void *a, const void *b)
{
	return by_name(*(struct tv_entry *const *)a, *(struct tv_entry *const *)b);
}

static int id_order(const void *a, const void *b)
{
	return by_id(*(struct tv_entry *const *)a, *(struct tv_entry *const *)b);
}

static int provider_order(const void *a, const void *b)
{
	return by_provider(*(struct tv_entry *const *)a, *(struct tv_entry *const *)b);
}

static int date_order(const void *a, const void *b)
{
	return by_date(*(struct tv_entry *const *)a, *(struct tv_entry *const *)b);
}

static bool has_twice(const struct tv_index *ix, order_of *order)
{
	for (size_t i = 1; i < ix->count; i++)
		if (!order(ix->at[i - 1], ix->at[i]))
			return true;
	return false;
}

/* Of each provider that has entries exactly one is in use: the index of those names each provider once. */
static bool is_each_in_use(const struct tv_doc *doc)
{
	size_t providers = 0;

	for (size_t i = 0; i < doc->names.count; i++)
		if (!i || by_provider(doc->names.at[i - 1], doc->names.at[i]) != 0) {
			if (providers == doc->used.count ||
			    by_provider(doc->used.at[providers], doc->names.at[i]) != 0)
				return false;
			providers++;
		}
	return providers == doc->used.count;
}

enum tv_status tv_doc_index(struct tv_doc *doc, struct tv_error *err)
{
	doc->names.count = doc->used.count = doc->dated.count = 0;
	doc->ids.count = doc->n_entries;
	for (size_t i = 0; i < doc->n_entries; i++) {
		struct tv_entry *e = doc->entries[i];

		if (e->removed && e->in_use)
			return tv_doc_damaged(err, "a removed entry is in use");
		doc->ids.at[i] = e;
		if (!e->removed)
			doc->names.at[doc->names.count++] = e;
		if (e->in_use)
			doc->used.at[doc->used.count++] = e;
		if (is_dated(e))
			doc->dated.at[doc->dated.count++] = e;
	}
	if (!doc->n_entries)
		return TV_OK;
	qsort(doc->ids.at, doc->ids.count, sizeof(struct tv_entry *), id_order);
	qsort(doc->names.at, doc->names.count, sizeof(struct tv_entry *), name_order);
	qsort(doc->used.at, doc->used.count, sizeof(struct tv_entry *), provider_order);
	qsort(doc->dated.at, doc->dated.count, sizeof(struct tv_entry *), date_order);
	if (has_twice(&doc->ids, by_id))
		return tv_doc_damaged(err, "two entries have one id");
	if (has_twice(&doc->names, by_name) || !is_each_in_use(doc))
		return tv_doc_damaged(err, "entries contradict each other");
	return TV_OK;
}

static enum tv_status make_loose(struct tv_doc *doc, struct tv_entry *e, struct tv_error *err)
{
	struct tv_entry **loose = tv_grow(doc->loose, doc->n_loose, sizeof(struct tv_entry *));

	if (!loose)
		return tv_fail(err, TV_NO_MEMORY, "for an entry");
	doc->loose = loose;
	loose[doc->n_loose++] = e;
	return TV_OK;
}

/* Puts another entry into the place of one that has the same name. */
static void exchange(struct tv_doc *doc, struct tv_entry *old, struct tv_entry *fresh)
{
	replace(doc->entries, doc->n_entries, old, fresh);
	replace(doc->names.at, doc->names.count, old, fresh);
	replace(doc->ids.at, doc->ids.count, old, fresh);
	replace(doc->used.at, doc->used.count, old, fresh);
	replace(doc->dated.at, doc->dated.count, old, fresh);
	tv_entry_release(old);
}

enum tv_status tv_doc_own(struct tv_entry **out, struct tv_doc *doc, const struct tv_entry *e,
			  struct tv_error *err)
{
	struct tv_entry *copy = NULL;
	enum tv_status status;

	for (size_t i = 0; i < doc->n_loose; i++)
		if (doc->loose[i] == e) {
			*out = doc->loose[i];
			return TV_OK;
		}
	status = tv_entry_copy(&copy, e, err);
	if (!status)
		status = make_loose(doc, copy, err);
	if (status) {
		tv_entry_release(copy);
		return status;
	}
	exchange(doc, (struct tv_entry *)(uintptr_t)e, copy);
	*out = copy;
	return TV_OK;
}

enum tv_status tv_doc_add(struct tv_entry **out, struct tv_doc *doc, const char *provider,
			  struct tv_version *version, int64_t now, struct tv_error *err)
{
	struct tv_entry *e = tv_arena_alloc(sizeof *e);
	unsigned char id[TV_ID_CHARS / 2];
	enum tv_status status = tv_doc_reserve(doc, doc->n_entries + 1, err);

	if (!status && e)
		e->provider = tv_arena_strdup(provider);
	if (!status && (!e || !e->provider))
		status = tv_fail(err, TV_NO_MEMORY, "for an entry");
	if (!status)
		status = make_loose(doc, e, err);
	if (status) {
		tv_entry_release(e);
		return status;
	}
	e->holders = 1;
	e->now = *version;
	*version = (struct tv_version){0};
	e->created = e->updated = e->now.since = now;
	randombytes_buf(id, sizeof id);
	sodium_bin2hex(e->id, sizeof e->id, id, sizeof id);
	e->in_use = !tv_doc_in_use(doc, provider);
	tv_doc_append(doc, e);
	put_in(&doc->ids, e, by_id);
	enter(doc, e);
	*out = e;
	return TV_OK;
}

void tv_doc_erase(struct tv_doc *doc, const struct tv_entry *e)
{
	struct tv_index all = {doc->entries, doc->n_entries};
	struct tv_index loose = {doc->loose, doc->n_loose};

	tv_doc_drop_choices(doc, e->id);
	leave(doc, e);
	take_out(&doc->ids, e);
	take_out(&all, e);
	take_out(&loose, e);
	doc->n_entries = all.count;
	doc->n_loose = loose.count;
	tv_entry_release((struct tv_entry *)(uintptr_t)e);
}

enum tv_status tv_doc_use(struct tv_doc *doc, const struct tv_entry *e, struct tv_error *err)
{
	const struct tv_entry *before = tv_doc_in_use(doc, e->provider);
	struct tv_entry *own;
	enum tv_status status = TV_OK;

	if (before == e)
		return TV_OK;
	if (before) {
		status = tv_doc_own(&own, doc, before, err);
		if (status)
			return status;
		own->in_use = false;
	}
	status = tv_doc_own(&own, doc, e, err);
	if (status)
		return status;
	own->in_use = true;
	return TV_OK;
}

/* What a changed entry is to whoever reads the document. */
static enum tv_status read_back(struct tv_entry **out, const struct tv_entry *e,
				struct tv_error *err)
{
	tv_auto_secret text = {0};
	struct tv_error why = {""};
	enum tv_status status;

	tv_entry_print(&text, e);
	status = tv_secret_check(&text, err);
	if (status)
		return status;
	status = tv_entry_read(out, tv_secret_text(&text), text.len, &why);
	return status ? tv_fail(err, status == TV_NO_MEMORY ? status : TV_FAILED,
				"the change would not open again: %s", why.detail)
		      : TV_OK;
}

/* Whether nothing in the order beside an entry has the same key. */
static bool is_alone(const struct tv_index *ix, const struct tv_entry *e, order_of *order)
{
	const size_t i = place_of(ix, e, order);

	return i + 1 >= ix->count || order(ix->at[i + 1], e) != 0;
}

/* What tv_doc_index checks of all, around one. */
static bool is_sound(const struct tv_doc *doc, const struct tv_entry *e)
{
	return !(e->removed && e->in_use) && is_alone(&doc->names, e, by_name) &&
	       is_alone(&doc->ids, e, by_id) && is_alone(&doc->used, e, by_provider) &&
	       !look_up(&doc->names, e, by_provider) == !look_up(&doc->used, e, by_provider);
}

enum tv_status tv_doc_settle(struct tv_doc *doc, struct tv_error *err)
{
	/* All before any: an order with one in a wrong place is none to put another into. */
	for (size_t i = 0; i < doc->n_loose; i++)
		leave(doc, doc->loose[i]);
	for (size_t i = 0; i < doc->n_loose; i++) {
		struct tv_entry *e = doc->loose[i], *settled;
		enum tv_status status = read_back(&settled, e, err);

		if (status)
			return status;
		exchange(doc, e, settled);
		enter(doc, settled);
		doc->loose[i] = settled;
	}
	for (; doc->n_loose; doc->n_loose--)
		if (!is_sound(doc, doc->loose[doc->n_loose - 1]))
			return tv_fail(err, TV_FAILED,
				       "the change would not open again: entries contradict each "
				       "other");
	return TV_OK;
}
