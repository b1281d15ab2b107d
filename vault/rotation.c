/* A token's change at its service, step by step: what the document keeps of it. */
#include <string.h>

#include "vault/arena.h"
#include "vault/entry.h"

static bool is_handle(const char *text)
{
	return *text && tv_text_is_valid(text, TV_HANDLE_MAX);
}

static enum tv_status copy_handle(char **out, const char *text, const char *what,
				  struct tv_error *err)
{
	if (!is_handle(text))
		return tv_fail(err, TV_BAD_VALUE,
			       "%s: 1 to %d bytes of UTF-8 without control characters", what,
			       TV_HANDLE_MAX);
	*out = tv_arena_strdup(text);
	return *out ? TV_OK : tv_fail(err, TV_NO_MEMORY, "for a token's %s", what);
}

void tv_rotation_free(struct tv_rotation *r)
{
	tv_arena_free(r->name);
	tv_arena_free(r->id);
	tv_secret_free(&r->token);
	*r = (struct tv_rotation){0};
}

enum tv_status tv_rotation_begin(struct tv_rotation *r, const char *name, int64_t now,
				 struct tv_error *err)
{
	enum tv_status status = copy_handle(&r->name, name, "name", err);

	if (!status)
		r->started = now;
	return status;
}

enum tv_status tv_rotation_put(struct tv_rotation *r, const char *token, const char *id,
			       int64_t expires, struct tv_error *err)
{
	tv_auto_secret made = {0};
	char *copy = NULL;
	enum tv_status status;

	tv_secret_puts(&made, token);
	status = tv_secret_check(&made, err);
	if (!status)
		status = tv_token_clean(&made, err);
	if (!status && id)
		status = copy_handle(&copy, id, "id", err);
	if (status)
		return status;
	tv_arena_free(r->id);
	r->id = copy;
	r->expires = expires;
	tv_secret_move(&r->token, &made);
	return TV_OK;
}

enum tv_status tv_entry_add_revoking(struct tv_entry *e, const char *id, int64_t at,
				     struct tv_error *err)
{
	struct tv_revoking *list;
	enum tv_status status;
	char *copy = NULL;

	for (size_t i = 0; i < e->n_revoking; i++)
		if (!strcmp(e->revoking[i].id, id)) {
			e->revoking[i].at = at;
			return TV_OK;
		}
	if (e->n_revoking >= TV_REVOKING_MAX)
		return tv_fail(err, TV_REFUSED,
			       "%s/%s has %d tokens that are still to be revoked; first: "
			       "tokenvault revoke %s/%s",
			       e->provider, e->now.label, TV_REVOKING_MAX, e->provider,
			       e->now.label);
	status = copy_handle(&copy, id, "id", err);
	list = status ? NULL : tv_grow(e->revoking, e->n_revoking, sizeof *list);
	if (!list) {
		tv_arena_free(copy);
		return status ? status : tv_fail(err, TV_NO_MEMORY, "for a token's id");
	}
	e->revoking = list;
	list[e->n_revoking++] = (struct tv_revoking){copy, at};
	return TV_OK;
}

bool tv_entry_drop_revoking(struct tv_entry *e, const char *id)
{
	for (size_t i = 0; i < e->n_revoking; i++) {
		struct tv_revoking *r = &e->revoking[i];

		if (strcmp(r->id, id))
			continue;
		tv_arena_free(r->id);
		memmove(r, r + 1, (e->n_revoking - i - 1) * sizeof *r);
		e->n_revoking--;
		return true;
	}
	return false;
}
