/* The messages that look into an open vault: history, keys. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vault/arena.h"
#include "vault/request.h"

static int by_name(const void *a, const void *b)
{
	const struct tv_entry *x = *(const struct tv_entry *const *)a;
	const struct tv_entry *y = *(const struct tv_entry *const *)b;
	int order = strcmp(x->provider, y->provider);

	if (!order)
		order = strcmp(x->now.label, y->now.label);
	return order ? order : (x->removed > y->removed) - (x->removed < y->removed);
}

/* All entries, the removed ones among them, sorted by name. */
static const struct tv_entry **sorted(size_t *n, const struct tv_doc *doc)
{
	const struct tv_entry **list = tv_arena_alloc((doc->n_entries + 1) * sizeof *list);

	*n = doc->n_entries;
	for (size_t i = 0; list && i < *n; i++)
		list[i] = doc->entries[i];
	if (list)
		qsort(list, *n, sizeof *list, by_name);
	return list;
}

static bool put_version(struct tv_json *list, const struct tv_entry *e, size_t i)
{
	const struct tv_version *v = i < e->n_history ? &e->history[i] : &e->now;
	struct tv_json *j = tv_json_object();

	return tv_json_put(list, NULL, j) && tv_json_put_text(j, "provider", e->provider) &&
	       tv_json_put_text(j, "label", v->label) &&
	       tv_json_put_int(j, "version", (int64_t)i + 1) &&
	       tv_reply_time(j, "since", v->since) && tv_reply_time(j, "expires", v->expires) &&
	       tv_reply_time(j, "ended", v->ended) && tv_json_put_text(j, "note", v->note) &&
	       tv_json_put_bool(j, "current", i == e->n_history) &&
	       tv_json_put_bool(j, "removed", e->removed) &&
	       tv_reply_time(j, "updated", e->updated);
}

enum tv_status tv_request_history(struct tv_json *reply, const struct tv_vault *vault,
				  const struct tv_json *request, struct tv_error *err)
{
	static const char *const known[] = {"provider", "label", NULL};
	const char *provider = tv_json_get_text(request, "provider");
	const char *label = tv_json_get_text(request, "label");
	struct tv_json *list = tv_json_array();
	bool put = tv_json_put(reply, "versions", list);
	const struct tv_entry **entries;
	enum tv_status status = tv_request_only(request, known, err);
	size_t n;

	if (status)
		return status;
	entries = sorted(&n, tv_vault_doc(vault));
	for (size_t i = 0; entries && i < n; i++) {
		const struct tv_entry *e = entries[i];

		if ((provider && strcmp(provider, e->provider)) ||
		    (label && strcmp(label, e->now.label)))
			continue;
		for (size_t v = e->n_history + 1; put && v-- > 0;)
			put = put_version(list, e, v);
	}
	put = put && entries;
	tv_arena_free(entries);
	if (put && provider && !tv_json_count(list))
		return tv_fail(err, TV_NO_ENTRY, "%s%s%s; see: tokenvault history", provider,
			       label ? "/" : "", label ? label : "");
	return tv_reply_put(put, err);
}

static bool put_key(struct tv_json *list, const struct tv_slot *slot, const struct tv_doc *doc)
{
	const struct tv_slot_type *type = tv_slot_type_by_number(slot->type);
	const struct tv_key_note *note = tv_doc_find_key(doc, slot->uuid);
	struct tv_json *j = tv_json_object();
	char number[16];

	snprintf(number, sizeof number, "%u", slot->type);
	return tv_json_put(list, NULL, j) &&
	       tv_json_put_hex(j, "uuid", slot->uuid, sizeof slot->uuid) &&
	       tv_json_put_text(j, "type", type ? type->name : number) &&
	       tv_json_put_text(j, "label", note ? note->label : NULL) &&
	       tv_reply_time(j, "created", note ? note->created : 0);
}

enum tv_status tv_request_keys(struct tv_json *reply, const struct tv_vault *vault,
			       const struct tv_json *request, struct tv_error *err)
{
	static const char *const known[] = {NULL};
	const struct tv_header *h = tv_vault_header(vault);
	struct tv_json *list = tv_json_array();
	bool put = tv_json_put(reply, "keys", list);
	enum tv_status status = tv_request_only(request, known, err);

	for (size_t i = 0; put && i < h->n_slots; i++)
		put = put_key(list, &h->slots[i], tv_vault_doc(vault));
	return status ? status : tv_reply_put(put, err);
}
