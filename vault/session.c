/* A client's session: the choice between the running server and the file itself. */
#include "vault/session.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vault/arena.h"
#include "vault/connect.h"
#include "vault/hex.h"
#include "vault/init.h"
#include "vault/served.h"

struct tv_session {
	struct tv_session_config config;
	struct tv_served server;
	pid_t keeper;
	struct tv_slot_key *key; /* in the arena; NULL: nobody was asked yet */
};

enum tv_status tv_session_connect(struct tv_session *s, struct tv_error *err)
{
	struct ucred peer = {0};
	socklen_t len = sizeof peer;
	int fd = s->config.socket_path ? tv_connect(s->config.socket_path) : -1;

	if (fd < 0)
		return tv_fail(err, TV_NOT_MOUNTED, "to mount: tokenvault mount");
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) || peer.uid != geteuid()) {
		close(fd);
		return tv_fail(err, TV_SERVER, "%s belongs to another user", s->config.socket_path);
	}
	if (s->server.socket >= 0)
		close(s->server.socket);
	s->server.socket = fd;
	s->keeper = peer.pid;
	return TV_OK;
}

enum tv_status tv_session_open(struct tv_session **out, const struct tv_session_config *config,
			       struct tv_error *err)
{
	struct tv_session *s = calloc(1, sizeof *s);
	enum tv_status status;

	if (!s)
		return tv_fail(err, TV_NO_MEMORY, "for a session");
	s->config = *config;
	s->server = (struct tv_served){-1, config->socket_path};
	status = tv_session_connect(s, err);
	if (status && status != TV_NOT_MOUNTED) {
		tv_session_free(s);
		return status;
	}
	*out = s;
	return TV_OK;
}

void tv_session_free(struct tv_session *s)
{
	if (!s)
		return;
	if (s->server.socket >= 0)
		close(s->server.socket);
	tv_arena_free(s->key);
	free(s);
}

void tv_session_cleanup(struct tv_session **s)
{
	tv_session_free(*s);
	*s = NULL;
}

pid_t tv_session_keeper(const struct tv_session *s)
{
	return s->server.socket >= 0 ? s->keeper : 0;
}

enum tv_status tv_session_find_server(bool *out, const struct tv_session *s, struct tv_error *err)
{
	tv_auto_json *reply = NULL, *request = tv_json_object();
	enum tv_status status = TV_NOT_MOUNTED;

	if (s->server.socket >= 0)
		status = tv_served_call(&reply, NULL, &s->server, TV_AGENT_status, request, NULL,
					err);
	*out = !status && !tv_json_get_true(reply, "locked");
	return status == TV_NO_MEMORY ? status : TV_OK;
}

/* Finds the key, if nobody has yet. */
static enum tv_status find_key(struct tv_session *s, bool alone, struct tv_error *err)
{
	tv_auto_bytes file = {0};
	struct tv_slot_key *key;
	enum tv_status status;

	if (s->key)
		return TV_OK;
	/* The file first: nobody should be asked for the passphrase of no vault. */
	status = tv_local_read(&file, s->config.vault_path, err);
	if (!status)
		status = tv_init_crypto(err);
	if (status)
		return status;
	key = tv_arena_alloc(sizeof *key);
	if (!key)
		return tv_fail(err, TV_NO_MEMORY, "for a key");
	status = tv_local_explain(tv_ways_try(key, &file, &s->config.ways, alone, err),
				  s->config.vault_path, err);
	if (status)
		tv_arena_free(key);
	else
		s->key = key;
	return status;
}

enum tv_status tv_session_authenticate(struct tv_session *s, unsigned char *uuid,
				       struct tv_error *err)
{
	enum tv_status status = find_key(s, false, err);

	if (!status && uuid)
		memcpy(uuid, s->key->uuid, TV_ID_BYTES);
	return status;
}

bool tv_session_opens_alone(struct tv_session *s)
{
	struct tv_error ignored;

	return tv_session_has_server(s) || !find_key(s, true, &ignored);
}

/* The session as the functions on the file itself need it. */
static struct tv_local local(const struct tv_session *s)
{
	return (struct tv_local){.path = s->config.vault_path,
				 .state_dir = s->config.state_dir,
				 .log_name = s->config.log_name,
				 .accept_rollback = s->config.accept_rollback,
				 .key = s->key};
}

static bool is_edit(enum tv_agent_message message)
{
	enum tv_agent_kind kind = tv_agent_kind(message);

	return kind == TV_AGENT_EDIT || kind == TV_AGENT_KEYS;
}

static enum tv_status through_server(struct tv_json **reply, const struct tv_session *s,
				     enum tv_agent_message message, const struct tv_json *request,
				     struct tv_error *err)
{
	const struct tv_local here = local(s);

	return is_edit(message)
		       ? tv_served_edit(reply, &s->server, &here, message, request, err)
		       : tv_served_call(reply, NULL, &s->server, message, request, NULL, err);
}

static enum tv_status through_file(struct tv_json **reply, struct tv_session *s,
				   enum tv_agent_message message, const struct tv_json *request,
				   struct tv_error *err)
{
	enum tv_status status = tv_session_authenticate(s, NULL, err);
	struct tv_local here = local(s);

	if (status)
		return status;
	return is_edit(message) ? tv_local_edit(reply, &here, message, request, err)
				: tv_local_look(reply, &here, message, request, err);
}

/* Through the server; else, where it is locked or has ended and we can do without, the file. */
static enum tv_status exchange(struct tv_json **reply, struct tv_session *s,
			       enum tv_agent_message message, const struct tv_json *request,
			       struct tv_error *err)
{
	enum tv_status status = s->server.socket < 0
					? tv_fail(err, TV_NOT_MOUNTED, "to mount: tokenvault mount")
					: through_server(reply, s, message, request, err);

	if (tv_agent_kind(message) == TV_AGENT_SERVER)
		return status;
	if (status == TV_LOCKED && !s->config.has_credential && find_key(s, true, err))
		return tv_fail(err, TV_LOCKED, "to unlock: tokenvault unlock");
	if (status == TV_LOCKED || status == TV_NOT_MOUNTED)
		return through_file(reply, s, message, request, err);
	return status;
}

/* A request as a KEYS message wants it: with the key that was proved. */
static enum tv_status put_proof(struct tv_json **out, struct tv_session *s,
				const struct tv_json *request, struct tv_error *err)
{
	enum tv_status status = tv_session_authenticate(s, NULL, err);
	tv_auto_json *copy = tv_json_copy(request);
	struct tv_json *proof = tv_json_object();

	if (!tv_json_put(copy, "proof", proof) || status ||
	    !tv_json_put_hex(proof, "slot", s->key->uuid, sizeof s->key->uuid) ||
	    !tv_json_put_hex(proof, "key", s->key->key, sizeof s->key->key))
		return status ? status : tv_fail(err, TV_NO_MEMORY, "for a request");
	*out = copy;
	copy = NULL;
	return TV_OK;
}

enum tv_status tv_session_call(struct tv_json **reply, struct tv_session *s,
			       enum tv_agent_message message, const struct tv_json *request,
			       struct tv_error *err)
{
	tv_auto_json *with_proof = NULL;
	tv_auto_json *made = NULL;
	enum tv_status status = TV_OK;

	if (tv_agent_kind(message) == TV_AGENT_KEYS) {
		status = put_proof(&with_proof, s, request, err);
		request = with_proof;
	}
	if (!status)
		status = exchange(&made, s, message, request, err);
	if (status || !reply)
		return status;
	*reply = made;
	made = NULL;
	return TV_OK;
}

/* A server's list is read as the text that it sends; where there is none that would serve it, that of a tree. */
enum tv_status tv_session_list(struct tv_listing *out, struct tv_session *s,
			       const struct tv_json *request, struct tv_error *err)
{
	tv_auto_secret text = {0};
	tv_auto_json *reply = NULL;
	enum tv_status status = s->server.socket < 0 ? TV_NOT_MOUNTED
						     : tv_served_text(&text, &s->server,
								      TV_AGENT_list, request, err);

	if (status == TV_LOCKED || status == TV_NOT_MOUNTED) {
		status = tv_session_call(&reply, s, TV_AGENT_list, request, err);
		if (!status)
			status = tv_json_print(&text, reply, err);
	}
	if (!status)
		tv_listing_begin(out, &text);
	return status;
}

enum tv_status tv_session_await(int *fd, struct tv_session *s, bool is_locked, struct tv_error *err)
{
	tv_auto_json *request = tv_json_object();
	enum tv_status status;

	if (s->server.socket < 0)
		return tv_fail(err, TV_NOT_MOUNTED, "to mount: tokenvault mount");
	if (!tv_json_put_text(request, "for", is_locked ? "locked" : "unlocked"))
		return tv_fail(err, TV_NO_MEMORY, "for a request");
	status = tv_agent_send(s->server.socket, TV_AGENT_wait, request, NULL, TV_SERVED_MS, err);
	if (!status)
		*fd = s->server.socket;
	return status;
}

enum tv_status tv_session_awaited(struct tv_session *s, struct tv_error *err)
{
	tv_auto_json *reply = NULL;
	enum tv_status status = tv_agent_receive(&reply, NULL, NULL, s->server.socket, -1, err);

	return tv_served_explain(status, &s->server, err);
}

/* A server opens the bytes with its key, whether or not it has this generation already. Without one, or
 * when it is locked, the next call reads and opens the file here. */
enum tv_status tv_session_reread(struct tv_session *s, struct tv_error *err)
{
	tv_auto_json *request = tv_json_object();
	tv_auto_bytes file = {0};
	enum tv_status status = tv_local_read(&file, s->config.vault_path, err);

	if (!status && s->server.socket >= 0)
		status = tv_served_call(NULL, NULL, &s->server, TV_AGENT_reload, request, &file,
					err);
	return status == TV_LOCKED || status == TV_NOT_MOUNTED ? TV_OK : status;
}

/* The unlock request: which slot, its key, and what was seen of the vault. */
static enum tv_status unlock_request(struct tv_json **out, const struct tv_session *s,
				     const struct tv_seen *seen, struct tv_error *err)
{
	tv_auto_json *request = tv_json_object();

	if (!tv_json_put_hex(request, "slot", s->key->uuid, sizeof s->key->uuid) ||
	    !tv_json_put_hex(request, "key", s->key->key, sizeof s->key->key) ||
	    !tv_json_put_bool(request, "accept_rollback", s->config.accept_rollback) ||
	    (seen && !tv_json_put(request, "seen", tv_seen_to_json(seen))))
		return tv_fail(err, TV_NO_MEMORY, "for a request");
	*out = request;
	request = NULL;
	return TV_OK;
}

enum tv_status tv_session_unlock(struct tv_session *s, struct tv_error *err)
{
	enum tv_status status = tv_session_authenticate(s, NULL, err);
	tv_auto_json *request = NULL;
	tv_auto_json *reply = NULL;
	tv_auto_bytes file = {0};
	struct tv_local here = local(s);
	struct tv_seen seen;
	bool known = false;

	if (!status)
		status = tv_local_load(&file, &seen, &known, &here, err);
	if (!status)
		status = unlock_request(&request, s, known ? &seen : NULL, err);
	if (!status && s->server.socket < 0)
		status = tv_fail(err, TV_NOT_MOUNTED, "to mount: tokenvault mount");
	if (!status)
		status = tv_local_explain(tv_served_call(&reply, NULL, &s->server, TV_AGENT_unlock,
							 request, &file, err),
					  s->config.vault_path, err);
	if (status)
		return status;
	if (!tv_seen_from_json(&seen, tv_json_get(reply, "seen")))
		return tv_fail(err, TV_SERVER, "its answer has no generation");
	tv_local_remember(&here, &seen);
	return TV_OK;
}

enum tv_status tv_session_create(struct tv_session *s, const struct tv_slot_new *slots, size_t n,
				 struct tv_error *err)
{
	struct tv_local here = local(s);

	return tv_local_create(&here, slots, n, err);
}
