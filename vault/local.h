/* A vault's file opened by the process itself: what a session does where no server does it. Only for
 * the library itself. */
#ifndef TV_LOCAL_H
#define TV_LOCAL_H

#include <stdbool.h>

#include "vault/agent.h"
#include "vault/slot.h"
#include "vault/state.h"
#include "vault/store.h"

struct tv_local {
	const char *path;
	const char *state_dir; /* NULL: what was seen is neither read nor kept */
	const char *log_name;  /* of the audit log there; NULL: nothing is noted */
	bool accept_rollback;
	const struct tv_slot_key *key; /* NULL where the key is not needed */
};

/* What an edit is made of: the file on the disk, which is locked meanwhile. */
struct tv_basis {
	struct tv_store *store;
	struct tv_bytes front; /* tv_store_read_front's */
};

/* Who makes the bytes of the next generation. */
struct tv_editor {
	enum tv_status (*edit)(struct tv_json **reply, struct tv_bytes *next, void *arg,
			       const struct tv_basis *basis, enum tv_agent_message message,
			       const struct tv_json *request, struct tv_error *err);
	/* They are in the vault's place, but it isn't certain yet that they stay there. May be NULL. */
	void (*placed)(void *arg, const struct tv_bytes *next);
	void *arg;
};

/* Names the file and its backup where it is damaged; hands the status on. */
enum tv_status tv_local_explain(enum tv_status status, const char *path, struct tv_error *err);
/* The file's bytes. */
enum tv_status tv_local_read(struct tv_bytes *out, const char *path,
			     struct tv_error *err) TV_MUST_CHECK;
/* The file's bytes, and what was seen of the vault before they were read: so that a save between the
 * two is no rollback. *known is false where nothing was, or with accept_rollback. */
enum tv_status tv_local_load(struct tv_bytes *out, struct tv_seen *seen, bool *known,
			     const struct tv_local *l, struct tv_error *err) TV_MUST_CHECK;
/* Opens the vault and serves a READ message. */
enum tv_status tv_local_look(struct tv_json **reply, const struct tv_local *l,
			     enum tv_agent_message message, const struct tv_json *request,
			     struct tv_error *err) TV_MUST_CHECK;
/* Lock, load, edit, commit. */
enum tv_status tv_local_edit(struct tv_json **reply, const struct tv_local *l,
			     enum tv_agent_message message, const struct tv_json *request,
			     struct tv_error *err) TV_MUST_CHECK;
/* The same with another's hands: the bytes that were saved go into *saved. What was seen of the vault is still to be
 * remembered, by tv_local_remember_edit. */
enum tv_status tv_local_commit(struct tv_json **reply, struct tv_bytes *saved,
			       const struct tv_local *l, const struct tv_editor *editor,
			       enum tv_agent_message message, const struct tv_json *request,
			       struct tv_error *err) TV_MUST_CHECK;
enum tv_status tv_local_create(const struct tv_local *l, const struct tv_slot_new *slots, size_t n,
			       struct tv_error *err) TV_MUST_CHECK;
/* Notes what was seen. A state directory that can't be written does not undo what was done. */
void tv_local_remember(const struct tv_local *l, const struct tv_seen *seen);
void tv_local_remember_edit(const struct tv_local *l, const struct tv_json *reply);

#endif
