/*
 * A client's session with one vault: through the running server when there is one and it is unlocked,
 * else by opening the file itself. The caller can't tell which, and need not.
 */
#ifndef TV_SESSION_H
#define TV_SESSION_H

#include <stdbool.h>
#include <sys/types.h>

#include "vault/agent.h"
#include "vault/json.h"
#include "vault/listing.h"
#include "vault/slot.h"
#include "vault/status.h"
#include "vault/ways.h"

struct tv_session;

struct tv_session_config {
	const char *vault_path;	 /* absolute */
	const char *socket_path; /* NULL: never ask a server */
	const char *state_dir;	 /* for what was seen of the vault; NULL: none is kept */
	const char
		*log_name; /* of the audit log there, NAME in NAME.audit; NULL: nothing is noted */
	bool accept_rollback; /* open although older or another history, and remember it */
	bool has_credential;  /* one was named: a locked server is no end */
	struct tv_ways ways;  /* how to get one */
};

/* Never asks and reads no file yet. The strings must outlive the session. */
enum tv_status tv_session_open(struct tv_session **out, const struct tv_session_config *config,
			       struct tv_error *err) TV_MUST_CHECK;
void tv_session_free(struct tv_session *s);
void tv_session_cleanup(struct tv_session **s);
#define tv_auto_session __attribute__((cleanup(tv_session_cleanup))) struct tv_session

/* Whether a server of this user serves the vault, and is unlocked. TV_NO_MEMORY is all that it fails by; the server then
 * hears no more of this session. */
enum tv_status tv_session_find_server(bool *out, const struct tv_session *s,
				      struct tv_error *err) TV_MUST_CHECK;
/* The same for who goes on without one. */
static inline bool tv_session_has_server(const struct tv_session *s)
{
	bool has_server;

	return !tv_session_find_server(&has_server, s, NULL) && has_server;
}

/* The keeper's process id (the one that made the socket), or 0. */
pid_t tv_session_keeper(const struct tv_session *s);
/* Connects again: after a server was started. TV_NOT_MOUNTED when there is none. */
enum tv_status tv_session_connect(struct tv_session *s, struct tv_error *err) TV_MUST_CHECK;

/* Any message of agent.def but unlock. READ, EDIT and KEYS work with or without a server; an edit is
 * on disk when this returns TV_OK, and is made once, whatever becomes of the server meanwhile. KEYS
 * asks for a credential, if none was proved yet. SERVER messages without a server are
 * TV_NOT_MOUNTED. A locked server is TV_LOCKED unless has_credential, or the vault opens without a person:
 * then the file is opened here.
 * reply may be NULL. */
enum tv_status tv_session_call(struct tv_json **reply, struct tv_session *s,
			       enum tv_agent_message message, const struct tv_json *request,
			       struct tv_error *err) TV_MUST_CHECK;

/* The message list, for whoever goes through the entries once. */
enum tv_status tv_session_list(struct tv_listing *out, struct tv_session *s,
			       const struct tv_json *request, struct tv_error *err) TV_MUST_CHECK;

/* Asks the server to say when it is unlocked, or locked, which it may be already. The answer comes at *fd, the
 * session's, to be polled; until it was taken the session is good for nothing else. TV_NOT_MOUNTED without a
 * server. */
enum tv_status tv_session_await(int *fd, struct tv_session *s, bool is_locked,
				struct tv_error *err) TV_MUST_CHECK;
/* Takes the answer, waiting for it: TV_NOT_MOUNTED when the server ended instead. */
enum tv_status tv_session_awaited(struct tv_session *s, struct tv_error *err) TV_MUST_CHECK;

/* Has the vault's file read and opened once more, so that whatever is read next comes from the bytes that
 * the disk gives back: proof, before the only other copy of a token is destroyed. */
enum tv_status tv_session_reread(struct tv_session *s, struct tv_error *err) TV_MUST_CHECK;

/* Gets the credential and finds the slot it opens, without opening anything. For `mount`, before a
 * server is started, and for changes of keys, which always ask. *uuid may be NULL. */
enum tv_status tv_session_authenticate(struct tv_session *s, unsigned char *uuid,
				       struct tv_error *err) TV_MUST_CHECK;
/* Whether this can be had without a person: an unlocked server, or a credential that opens the vault. */
bool tv_session_opens_alone(struct tv_session *s);
/* Unlocks the running server. */
enum tv_status tv_session_unlock(struct tv_session *s, struct tv_error *err) TV_MUST_CHECK;

/* Makes the vault file with these slots (one or more) and an empty document. TV_EXISTS. */
enum tv_status tv_session_create(struct tv_session *s, const struct tv_slot_new *slots, size_t n,
				 struct tv_error *err) TV_MUST_CHECK;

#endif
