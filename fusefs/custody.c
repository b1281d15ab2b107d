/* Keeps the vault while it is unlocked, and leaves nothing of it when it is locked. */
#include "fusefs/custody.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fusefs/autolock.h"
#include "fusefs/client.h"
#include "fusefs/errand.h"
#include "fusefs/memory.h"
#include "fusefs/record.h"
#include "fusefs/surface.h"

/* Views that have no place any more are unmounted; who has them open keeps the bytes. */
static void let_go(struct tv_server *s, struct tv_shown_list *gone)
{
	for (size_t i = 0; i < gone->count; i++) {
		struct tv_shown *shown = gone->at[i];

		if (shown->state == TV_SHOWN_MOUNTED)
			tv_record_mount(s, shown, false);
		if (shown->state == TV_SHOWN_MOUNTED || shown->state == TV_SHOWN_ASKED)
			tv_errand_unmount(s, shown->number);
		if (shown->surface)
			tv_surface_disown(shown->surface);
		tv_shown_free(shown);
	}
	free(gone->at);
}

static const struct tv_view *view_shown(const void *list, size_t i)
{
	return &((const struct tv_shown_list *)list)->at[i]->view;
}

static void forget_edit(struct tv_server *s)
{
	tv_vault_free(s->edited);
	s->edited = NULL;
}

/* Shows what this vault says from now on, and takes it over. On failure what was shown stays. */
static enum tv_status adopt(uint32_t *number, struct tv_server *s, struct tv_vault *vault,
			    struct tv_error *err)
{
	const struct tv_doc *doc = tv_vault_doc(vault);
	const bool was_locked = !s->vault;
	const struct tv_views_before before = {.doc = s->vault ? tv_vault_doc(s->vault) : NULL,
					       .at = view_shown,
					       .list = &s->shown,
					       .count = s->shown.count};
	struct tv_shown_list gone = {0};
	struct tv_views views = {0};
	enum tv_status status =
		tv_views_in_place(&views, s->vault ? &before : NULL, doc, s->providers, err);

	if (!status)
		status = tv_shown_refresh(&s->shown, &gone, &views, doc, s->providers, err);
	if (status)
		return status;
	tv_views_free(&views);
	let_go(s, &gone);
	if (was_locked)
		s->since = time(NULL);
	/* A run has none. */
	if (s->config->is_run)
		tv_vault_free(s->vault);
	else
		tv_directory_fall_behind(&s->directory, s->vault);
	s->vault = vault;
	tv_autolock_follow(s);
	forget_edit(s);
	s->trouble.detail[0] = 0;
	/* Before anything is mounted by it. */
	if (was_locked)
		tv_record_unlock(s);
	else
		tv_record_follow(s);
	*number = tv_errand_mount(s);
	/* Nobody waits for these. */
	tv_errand_changed(s);
	return TV_OK;
}

enum tv_status tv_custody_unlock(uint32_t *number, struct tv_server *s, const struct tv_bytes *file,
				 const struct tv_slot_key *key, const struct tv_seen *seen,
				 struct tv_error *err)
{
	tv_auto_vault *vault = NULL;
	enum tv_status status = tv_vault_open(&vault, file, key, seen, err);

	if (!status && s->vault &&
	    memcmp(tv_vault_header(vault)->vault_id, tv_vault_header(s->vault)->vault_id,
		   TV_ID_BYTES))
		status = tv_fail(err, TV_NOT_YOURS, "it is another vault than the one shown");
	if (!status && s->stopping)
		status = tv_fail(err, TV_NOT_MOUNTED, "the server is stopping");
	if (!status)
		status = adopt(number, s, vault, err);
	if (status)
		return status;
	vault = NULL;
	tv_autolock_unlocked(s);
	tv_prompt_unlocked(s);
	return TV_OK;
}

/* What the last edit made, which may have another key; or opens the file with the key at hand. */
static enum tv_status reopen(struct tv_vault **out, struct tv_server *s, bool is_edited,
			     const struct tv_bytes *file, const struct tv_seen *seen,
			     struct tv_error *err)
{
	enum tv_status status;

	if (!is_edited)
		return tv_vault_reopen(out, file, s->vault, seen, err);
	status = tv_vault_check_own(s->edited, file, err);
	if (status)
		return status;
	*out = s->edited;
	s->edited = NULL;
	return TV_OK;
}

static enum tv_status follow(uint32_t *number, struct tv_server *s, const struct tv_bytes *file,
			     bool accept_rollback, struct tv_error *err)
{
	const struct tv_seen seen = tv_vault_seen(s->vault);
	const bool is_edited = s->edited && tv_vault_has_header(s->edited, file);
	tv_auto_vault *vault = NULL;
	enum tv_status status =
		reopen(&vault, s, is_edited, file, accept_rollback ? NULL : &seen, err);

	if (status == TV_WRONG_KEY || status == TV_NOT_YOURS) {
		tv_autolock_lock(s, TV_LOCK_KEY);
		tv_fail(&s->trouble, status,
			"locked: the vault's key was changed; unlock it with the new one");
		return tv_fail(err, TV_LOCKED, "the vault's key was changed; unlock it again");
	}
	if (status)
		return status;
	if (tv_vault_header(vault)->generation == seen.generation && !accept_rollback) {
		/* The keeper was faster: wait for what came of that. */
		s->trouble.detail[0] = 0;
		*number = s->settled;
		return TV_OK;
	}
	status = adopt(number, s, vault, err);
	if (status && is_edited)
		s->edited = vault;
	if (!status || is_edited)
		vault = NULL;
	return status;
}

enum tv_status tv_custody_reload(uint32_t *number, struct tv_server *s, const struct tv_bytes *file,
				 bool accept_rollback, struct tv_error *err)
{
	if (!s->vault)
		return tv_fail(err, TV_LOCKED, "%s", s->trouble.detail);
	return follow(number, s, file, accept_rollback, err);
}

/* A header alone says of the file only that nobody has put another state of the vault there. */
static bool is_enough(const struct tv_server *s, const struct tv_bytes *file)
{
	return !*s->trouble.detail || tv_header_length(file->data, file->len) < file->len;
}

/* Who made the last edit may have ended before they told that it is in its place. Who brings it now found it there; and if it
 * has another key, nothing else opens it. */
static enum tv_status catch_up(struct tv_server *s, const struct tv_bytes *file,
			       struct tv_error *err)
{
	uint32_t ignored;

	if (!s->edited || !tv_vault_has_header(s->edited, file))
		return TV_OK;
	return follow(&ignored, s, file, false, err);
}

enum tv_status tv_custody_edit(struct tv_json **reply, struct tv_secret *next, struct tv_server *s,
			       const struct tv_bytes *file, unsigned message,
			       const struct tv_json *request, const struct tv_outlet *outlet,
			       struct tv_error *err)
{
	tv_auto_vault *copy = NULL;
	struct tv_seen seen;
	enum tv_status status;

	if (!s->vault)
		return tv_fail(err, TV_LOCKED, "%s", s->trouble.detail);
	if (!is_enough(s, file))
		return tv_fail(err, TV_DAMAGED, "%s", s->trouble.detail);
	status = catch_up(s, file, err);
	if (status)
		return status;
	seen = tv_vault_seen(s->vault);
	status = tv_vault_reopen(&copy, file, s->vault, &seen, err);
	if (!status)
		status =
			tv_agent_next(reply, next, copy, message, request, time(NULL), outlet, err);
	if (status)
		return status;
	/* Until its bytes are on the disk: only the header need come back then, and a new key is nowhere else. */
	forget_edit(s);
	s->edited = copy;
	copy = NULL;
	return TV_OK;
}

uint32_t tv_custody_lock(struct tv_server *s)
{
	/* What is not told now can't be any more. */
	if (s->tell_at)
		tv_memory_tell(s);
	if (s->vault)
		s->since = time(NULL);
	tv_directory_lock(s);
	tv_vault_free(s->vault);
	s->vault = NULL;
	tv_autolock_follow(s);
	forget_edit(s);
	tv_who_lock(s);
	tv_pen_drop(&s->pen);
	tv_prompt_lock(s);
	tv_renderings_wipe();
	tv_shown_forget(&s->shown);
	tv_clients_wipe(s);
	tv_arena_trim();
	tv_stack_wipe();
	tv_stack_rest();
	return tv_inval_all(s);
}

void tv_custody_file(struct tv_server *s, enum tv_status status, const char *detail, int fd)
{
	tv_auto_bytes file = {0};
	struct tv_error err = {""};
	uint32_t number;

	/* While locked there is nothing to follow; unlocking brings the file along. */
	if (!s->vault)
		return;
	if (status)
		tv_fail(&err, status, "%s", detail);
	else
		status = tv_memfd_read(&file, fd, &err);
	if (!status)
		status = tv_custody_reload(&number, s, &file, false, &err);
	if (status && status != TV_LOCKED)
		tv_fail(&s->trouble, status, "%s%s%s; what was open before is still shown",
			tv_status_sentence(status), *err.detail ? ": " : "", err.detail);
}
