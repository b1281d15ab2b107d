/* Copies of whole entries: one that can be changed, and one that is a single block of memory. */
#include <stddef.h>
#include <string.h>

#include "vault/arena.h"
#include "vault/entry.h"

static enum tv_status no_memory(struct tv_error *err)
{
	return tv_fail(err, TV_NO_MEMORY, "for an entry");
}

static bool copy_text(char **out, const char *text)
{
	*out = text ? tv_arena_strdup(text) : NULL;
	return *out || !text;
}

static bool copy_rotation(struct tv_rotation *out, const struct tv_rotation *r)
{
	out->started = r->started;
	out->expires = r->expires;
	tv_secret_append(&out->token, r->token.data, r->token.len);
	return !out->token.failed && copy_text(&out->name, r->name) && copy_text(&out->id, r->id);
}

static bool copy_revoking(struct tv_entry *out, const struct tv_entry *e)
{
	if (!e->n_revoking)
		return true;
	out->revoking = tv_arena_alloc(e->n_revoking * sizeof *out->revoking);
	for (size_t i = 0; out->revoking && i < e->n_revoking; i++) {
		out->revoking[i].at = e->revoking[i].at;
		if (!copy_text(&out->revoking[i].id, e->revoking[i].id))
			return false;
		out->n_revoking++;
	}
	return out->revoking;
}

static bool copy_history(struct tv_entry *out, const struct tv_entry *e)
{
	if (!e->n_history)
		return true;
	out->history = tv_arena_alloc(e->n_history * sizeof *out->history);
	for (size_t i = 0; out->history && i < e->n_history; i++) {
		if (tv_version_copy(&out->history[i], &e->history[i], NULL))
			return false;
		out->n_history++;
	}
	return out->history;
}

enum tv_status tv_entry_copy(struct tv_entry **out, const struct tv_entry *e, struct tv_error *err)
{
	struct tv_entry *copy = tv_arena_alloc(sizeof *copy);

	if (!copy)
		return no_memory(err);
	*copy = (struct tv_entry){
		.created = e->created,
		.updated = e->updated,
		.removed = e->removed,
		.verified = e->verified,
		.tried = e->tried,
		.answer = e->answer,
		.in_use = e->in_use,
		.deny = e->deny,
		.holders = 1,
	};
	memcpy(copy->id, e->id, sizeof copy->id);
	if (!copy_text(&copy->provider, e->provider) ||
	    tv_version_copy(&copy->now, &e->now, NULL) || !copy_history(copy, e) ||
	    !copy_rotation(&copy->rotation, &e->rotation) || !copy_revoking(copy, e)) {
		tv_entry_release(copy);
		return no_memory(err);
	}
	*out = copy;
	return TV_OK;
}

/* A block that is filled from its start; while at is NULL it is only measured. */
struct block {
	unsigned char *at;
	size_t used;
};

/* Where these bytes are in the block, or NULL. */
static void *put(struct block *b, const void *data, size_t len, size_t align)
{
	size_t start = (b->used + align - 1) / align * align;

	b->used = start + len;
	if (!b->at)
		return NULL;
	if (len)
		memcpy(b->at + start, data, len);
	return b->at + start;
}

static char *put_text(struct block *b, const char *text)
{
	return text ? put(b, text, strlen(text) + 1, 1) : NULL;
}

static void *put_array(struct block *b, const void *at, size_t count, size_t size)
{
	return count ? put(b, at, count * size, _Alignof(max_align_t)) : NULL;
}

static struct tv_secret put_secret(struct block *b, const struct tv_secret *s)
{
	struct tv_secret packed = {.len = s->len, .size = s->len + 1};

	if (!s->data)
		return (struct tv_secret){0};
	packed.data = put(b, s->data, s->len + 1, 1);
	return packed;
}

static struct tv_version put_version(struct block *b, const struct tv_version *v)
{
	struct tv_version packed = *v;

	packed.token = put_secret(b, &v->token);
	packed.label = put_text(b, v->label);
	packed.note = put_text(b, v->note);
	packed.account = put_text(b, v->account);
	packed.fields = put_array(b, v->fields, v->n_fields, sizeof *v->fields);
	packed.hosts.at = put_array(b, v->hosts.at, v->hosts.count, sizeof *v->hosts.at);
	for (size_t i = 0; i < v->n_fields; i++) {
		const struct tv_field f = {put_text(b, v->fields[i].name),
					   put_text(b, v->fields[i].value)};

		if (packed.fields)
			packed.fields[i] = f;
	}
	for (size_t i = 0; i < v->hosts.count; i++) {
		char *host = put_text(b, v->hosts.at[i]);

		if (packed.hosts.at)
			packed.hosts.at[i] = host;
	}
	return packed;
}

/* All that the entry points at, and the entry as it then is. */
static struct tv_entry put_entry(struct block *b, const struct tv_entry *e)
{
	struct tv_entry packed = *e;

	packed.history = put_array(b, e->history, e->n_history, sizeof *e->history);
	packed.revoking = put_array(b, e->revoking, e->n_revoking, sizeof *e->revoking);
	packed.provider = put_text(b, e->provider);
	packed.now = put_version(b, &e->now);
	for (size_t i = 0; i < e->n_history; i++) {
		const struct tv_version v = put_version(b, &e->history[i]);

		if (packed.history)
			packed.history[i] = v;
	}
	for (size_t i = 0; i < e->n_revoking; i++) {
		char *id = put_text(b, e->revoking[i].id);

		if (packed.revoking)
			packed.revoking[i].id = id;
	}
	packed.rotation.name = put_text(b, e->rotation.name);
	packed.rotation.id = put_text(b, e->rotation.id);
	packed.rotation.token = put_secret(b, &e->rotation.token);
	return packed;
}

enum tv_status tv_entry_pack(struct tv_entry **out, const struct tv_entry *e, struct tv_error *err)
{
	struct block measured = {.used = sizeof *e};
	struct block filled = {.used = sizeof *e};
	struct tv_entry *packed;

	put_entry(&measured, e);
	filled.at = tv_arena_alloc(measured.used);
	if (!filled.at)
		return no_memory(err);
	packed = (struct tv_entry *)(void *)filled.at;
	*packed = put_entry(&filled, e);
	packed->holders = 1;
	packed->is_packed = true;
	*out = packed;
	return TV_OK;
}

void tv_entry_release(struct tv_entry *e)
{
	if (!e || (e->holders && --e->holders))
		return;
	if (!e->is_packed) {
		tv_entry_forget_history(e);
		tv_version_free(&e->now);
		tv_arena_free(e->provider);
		tv_rotation_free(&e->rotation);
		for (size_t i = 0; i < e->n_revoking; i++)
			tv_arena_free(e->revoking[i].id);
		tv_arena_free(e->revoking);
	}
	tv_arena_free(e);
}
