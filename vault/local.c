/* A vault's file opened by the process itself. */
#include "vault/local.h"

#include <string.h>
#include <time.h>

#include "vault/auditnote.h"
#include "vault/seal.h"

enum tv_status tv_local_explain(enum tv_status status, const char *path, struct tv_error *err)
{
	struct tv_error why = err ? *err : (struct tv_error){""};

	if (status != TV_DAMAGED)
		return status;
	return tv_fail(err, status, "%s: %s; the save before it may be %s.bak", path, why.detail,
		       path);
}

enum tv_status tv_local_read(struct tv_bytes *out, const char *path, struct tv_error *err)
{
	tv_auto_store *store = NULL;
	enum tv_status status = tv_store_open(&store, path, err);

	return status ? status : tv_store_read(out, store, err);
}

/* What was seen of the vault whose bytes these are. */
static enum tv_status load_seen(struct tv_seen *seen, bool *known, const struct tv_local *l,
				const struct tv_bytes *file, struct tv_error *err)
{
	struct tv_header_front front;
	enum tv_status status = tv_header_peek(&front, file->data, file->len, err);

	*known = false;
	if (!status && !l->accept_rollback)
		status = tv_seen_load(seen, known, l->state_dir, front.vault_id, err);
	return status;
}

enum tv_status tv_local_load(struct tv_bytes *out, struct tv_seen *seen, bool *known,
			     const struct tv_local *l, struct tv_error *err)
{
	enum tv_status status = tv_local_read(out, l->path, err);

	if (!status)
		status = load_seen(seen, known, l, out, err);
	/* The first read was for the vault's id alone. */
	return status ? status : tv_local_read(out, l->path, err);
}

void tv_local_remember(const struct tv_local *l, const struct tv_seen *seen)
{
	struct tv_error ignored;

	if (tv_seen_save(l->state_dir, seen, l->accept_rollback, &ignored))
		return;
}

void tv_local_remember_edit(const struct tv_local *l, const struct tv_json *reply)
{
	struct tv_seen seen;

	if (tv_seen_from_json(&seen, tv_json_get(reply, "seen")))
		tv_local_remember(l, &seen);
}

enum tv_status tv_local_look(struct tv_json **reply, const struct tv_local *l,
			     enum tv_agent_message message, const struct tv_json *request,
			     struct tv_error *err)
{
	tv_auto_vault *vault = NULL;
	tv_auto_bytes file = {0};
	tv_auto_note note = {0};
	struct tv_seen seen;
	bool known;
	enum tv_status status = tv_local_load(&file, &seen, &known, l, err);

	if (!status)
		status = tv_local_explain(
			tv_vault_open(&vault, &file, l->key, known ? &seen : NULL, err), l->path,
			err);
	if (status)
		return status;
	seen = tv_vault_seen(vault);
	tv_local_remember(l, &seen);
	status = tv_agent_read(reply, vault, message, request, err);
	if (!status) {
		tv_note_show(&note, vault, message, request);
		tv_note_write(&note, l);
	}
	return status;
}

/* Whether next is what may follow on a file: the same vault, one generation on. */
static enum tv_status check_next(const struct tv_bytes *next, const struct tv_bytes *front,
				 struct tv_error *err)
{
	struct tv_header_front before;
	struct tv_header after;
	enum tv_status status = tv_header_peek(&before, front->data, front->len, err);

	if (!status)
		status = tv_header_parse(&after, next->data, next->len, err);
	if (status)
		return status;
	if (memcmp(before.vault_id, after.vault_id, sizeof before.vault_id) ||
	    after.generation != before.generation + 1)
		status = tv_fail(err, TV_SERVER, "what came back does not follow on the vault");
	tv_header_free(&after);
	return status;
}

static enum tv_backup backup_of(const struct tv_json *reply)
{
	const char *backup = tv_json_get_text(reply, "backup");

	return backup && !strcmp(backup, "drop") ? TV_BACKUP_DROP : TV_BACKUP_KEEP;
}

enum tv_status tv_local_commit(struct tv_json **reply, struct tv_bytes *saved,
			       const struct tv_local *l, const struct tv_editor *editor,
			       enum tv_agent_message message, const struct tv_json *request,
			       struct tv_error *err)
{
	tv_auto_store *store = NULL;
	tv_auto_json *made = NULL;
	tv_auto_bytes front = {0};
	enum tv_status status = tv_store_open(&store, l->path, err);

	/* A missing vault is not to leave a lock file behind. */
	if (!status)
		status = tv_store_exists(store, err);
	if (!status)
		status = tv_store_lock(store, err);
	if (!status)
		status = tv_store_read_front(&front, store, err);
	if (!status)
		status = editor->edit(&made, saved, editor->arg, &(struct tv_basis){store, front},
				      message, request, err);
	if (!status)
		status = check_next(saved, &front, err);
	if (!status)
		status = tv_store_place(store, saved, false, backup_of(made), err);
	if (!status && editor->placed)
		editor->placed(editor->arg, saved);
	if (!status)
		status = tv_store_settle(store, err);
	if (status)
		return status;
	*reply = made;
	made = NULL;
	return TV_OK;
}

/* An edit by this process, and what is to be noted of it. */
struct edit_here {
	const struct tv_local *local;
	struct tv_note *note;
};

static enum tv_status edit_here(struct tv_json **reply, struct tv_bytes *next, void *arg,
				const struct tv_basis *basis, enum tv_agent_message message,
				const struct tv_json *request, struct tv_error *err)
{
	const struct edit_here *here = arg;
	const struct tv_local *l = here->local;
	tv_auto_vault *vault = NULL;
	tv_auto_bytes file = {0};
	tv_auto_secret made = {0};
	struct tv_seen seen;
	bool known;
	enum tv_status status = tv_store_read(&file, basis->store, err);

	if (!status)
		status = load_seen(&seen, &known, l, &file, err);
	if (!status)
		status = tv_local_explain(
			tv_vault_open(&vault, &file, l->key, known ? &seen : NULL, err), l->path,
			err);
	if (!status)
		status =
			tv_agent_next(reply, &made, vault, message, request, time(NULL), NULL, err);
	if (!status) {
		tv_bytes_append(next, made.data, made.len);
		status = tv_bytes_check(next, err);
	}
	if (!status)
		tv_note_edit(here->note, vault, message, request, *reply);
	return status;
}

enum tv_status tv_local_edit(struct tv_json **reply, const struct tv_local *l,
			     enum tv_agent_message message, const struct tv_json *request,
			     struct tv_error *err)
{
	tv_auto_note note = {0};
	struct edit_here here = {l, &note};
	tv_auto_bytes saved = {0};
	enum tv_status status = tv_local_commit(
		reply, &saved, l, &(struct tv_editor){.edit = edit_here, .arg = &here}, message,
		request, err);

	if (status)
		return status;
	tv_local_remember_edit(l, *reply);
	tv_note_write(&note, l);
	return TV_OK;
}

static enum tv_status make_vault(struct tv_vault **out, const struct tv_slot_new *slots, size_t n,
				 struct tv_error *err)
{
	tv_auto_vault *vault = NULL;
	enum tv_status status = TV_OK;

	for (size_t i = 0; !status && i < n; i++) {
		struct tv_slot_new slot = slots[i];

		slot.created = time(NULL);
		status = i ? tv_vault_add_slot(vault, &slot, err)
			   : tv_vault_create(&vault, &slot, err);
	}
	if (status)
		return status;
	*out = vault;
	vault = NULL;
	return TV_OK;
}

enum tv_status tv_local_create(const struct tv_local *l, const struct tv_slot_new *slots, size_t n,
			       struct tv_error *err)
{
	tv_auto_vault *vault = NULL;
	tv_auto_store *store = NULL;
	tv_auto_bytes file = {0};
	struct tv_seen seen;
	enum tv_status status = tv_store_open(&store, l->path, err);

	if (!status)
		status = make_vault(&vault, slots, n, err);
	if (!status)
		status = tv_vault_seal(&file, vault, err);
	if (!status)
		status = tv_store_lock(store, err);
	if (!status)
		status = tv_store_commit(store, &file, true, TV_BACKUP_KEEP, err);
	if (status)
		return status;
	seen = tv_vault_seen(vault);
	tv_local_remember(l, &seen);
	return TV_OK;
}
