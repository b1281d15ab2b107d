/* The rotation of one entry's token by its service's interface, in steps. */
#include "cli/rotate/rotation.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/call.h"
#include "cli/rotate/minting.h"
#include "cli/rotate/tokens.h"
#include "cli/service.h"

#define TRIES 3 /* a second apart: a new token may not be known everywhere at once */

static enum tv_status no_memory(struct tv_error *err)
{
	return tv_fail(err, TV_NO_MEMORY, "a rotation");
}

/* ---- taking an entry up */

/* Whoever holds a lock file takes it away when done, so that it may be one that has gone meanwhile. */
static bool is_still_there(int fd, const char *path)
{
	struct stat held, there;

	return !fstat(fd, &held) && !stat(path, &there) && held.st_ino == there.st_ino &&
	       held.st_dev == there.st_dev;
}

/* Not with the server's socket: a timer may have another runtime directory than the person at the terminal,
 * and would take a rotation that is going on for one that died. */
static enum tv_status take_lock(struct tv_rotating *r, struct tv_error *err)
{
	const char *id = tv_json_get_text(r->entry, "id");
	enum tv_status status = tv_paths_make_state(&r->cli->paths, err);

	if (status)
		return status;
	if (asprintf(&r->lock_path, "%s/rotate-%s.lock", r->cli->paths.state, id) < 0) {
		r->lock_path = NULL;
		return no_memory(err);
	}
	for (;;) {
		int fd = open(r->lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

		if (fd < 0)
			return tv_fail(err, TV_IO, "%s: %s", r->lock_path, strerror(errno));
		if (flock(fd, LOCK_EX | LOCK_NB)) {
			close(fd);
			return tv_fail(err, TV_BUSY, "another process is rotating %s", r->name);
		}
		if (is_still_there(fd, r->lock_path)) {
			r->lock = fd;
			return TV_OK;
		}
		close(fd);
	}
}

static enum tv_status read_entry(struct tv_rotating *r, const struct tv_json *request,
				 struct tv_error *err)
{
	struct tv_json *entry = NULL;
	enum tv_status status = tv_cli_call(&entry, r->cli, TV_AGENT_show, request, err);

	if (status)
		return status;
	tv_json_free(r->entry);
	r->entry = entry;
	snprintf(r->name, sizeof(r->name), "%s/%s", tv_json_get_text(entry, "provider"),
		 tv_json_get_text(entry, "label"));
	return TV_OK;
}

static struct tv_json *put_name(struct tv_json *request, const struct tv_rotating *r)
{
	if (tv_call_put_name(request, r->entry))
		return request;
	tv_json_free(request);
	return NULL;
}

struct tv_json *tv_rotating_request(const struct tv_rotating *r)
{
	return put_name(tv_json_object(), r);
}

enum tv_status tv_rotating_reload(struct tv_rotating *r, struct tv_error *err)
{
	tv_auto_json *request = tv_rotating_request(r);

	return request ? read_entry(r, request, err) : no_memory(err);
}

enum tv_status tv_rotating_open(struct tv_rotating *out, struct tv_cli *cli, const char *word,
				struct tv_error *err)
{
	tv_auto_json *request = NULL;
	enum tv_status status = tv_call_new(&request, word, err);

	*out = (struct tv_rotating){.cli = cli, .lock = -1, .ended = tv_json_array()};
	if (!status && !out->ended)
		status = no_memory(err);
	if (!status)
		status = tv_cli_load_providers(cli, err);
	if (!status)
		status = tv_providers_require(&out->provider, cli->providers,
					      tv_json_get_text(request, "provider"), err);
	if (!status)
		status = read_entry(out, request, err);
	if (!status)
		status = take_lock(out, err);
	/* Who had it before may have changed it, and have been killed before the server was told. */
	if (!status)
		status = tv_session_reread(cli->session, err);
	return status ? status : tv_rotating_reload(out, err);
}

void tv_rotating_free(struct tv_rotating *r)
{
	if (r->lock_path && r->lock >= 0) {
		unlink(r->lock_path);
		close(r->lock);
	}
	free(r->lock_path);
	tv_json_free(r->entry);
	tv_json_free(r->checked);
	tv_json_free(r->ended);
	tv_secret_free(&r->fresh);
	*r = (struct tv_rotating){.lock = -1};
}

/* ---- steps */

const char *tv_rotating_step(const struct tv_rotating *r)
{
	return tv_json_get_text(tv_json_get(r->entry, "rotation"), "step");
}

const char *tv_rotating_console(const struct tv_rotating *r)
{
	return r->provider->console ? r->provider->console : r->provider->title;
}

enum tv_status tv_rotating_note(struct tv_rotating *r, const char *step, struct tv_json *more,
				struct tv_error *err)
{
	tv_auto_json *request = put_name(more ? more : tv_json_object(), r);
	enum tv_status status;

	if (!request || !tv_json_put_text(request, "step", step))
		return no_memory(err);
	status = tv_cli_call(NULL, r->cli, TV_AGENT_rotation, request, err);
	return status ? status : tv_rotating_reload(r, err);
}

/* The entry as it will be with the new token. */
static enum tv_status candidate(struct tv_json **out, struct tv_rotating *r, struct tv_error *err)
{
	const char *id = tv_json_get_text(tv_json_get(r->entry, "rotation"), "id");
	tv_auto_json *request = tv_rotating_request(r), *reply = NULL;
	tv_auto_json *entry = tv_json_copy(r->entry);
	enum tv_status status;

	if (!request || !entry)
		return no_memory(err);
	status = tv_cli_call(&reply, r->cli, TV_AGENT_rotation_token, request, err);
	if (status)
		return status;
	if (!tv_json_put_text(entry, "token", tv_json_get_text(reply, "token")) ||
	    (r->provider->id_field &&
	     !tv_json_put_text(tv_json_get(entry, "fields"), r->provider->id_field, id ? id : "")))
		return no_memory(err);
	tv_secret_free(&r->fresh);
	tv_secret_puts(&r->fresh, tv_json_get_text(reply, "token"));
	*out = entry;
	entry = NULL;
	return tv_secret_check(&r->fresh, err);
}

static enum tv_status verify(struct tv_rotating *r, struct tv_error *err)
{
	tv_auto_json *entry = NULL;
	enum tv_status status = candidate(&entry, r, err);

	if (status)
		return status;
	for (int i = 0; i < TRIES; i++) {
		if (i)
			sleep(1);
		tv_json_cleanup(&r->checked);
		status = tv_service_verify(&r->checked, r->cli, r->provider, entry, err);
		if (status != TV_TOKEN_REFUSED)
			break;
	}
	return status == TV_NO_API ? TV_OK : status;
}

/* The old token's id, where it is certain and the vault has no other use for it; else NULL, and people are
 * told. */
static enum tv_status old_id(const char **out, struct tv_rotating *r, int64_t grace,
			     struct tv_error *err)
{
	const char *id = tv_token_id(r->provider, r->entry);
	tv_auto_secret shared = {0};
	enum tv_status status = tv_token_shared(&shared, r->cli, r->provider, r->entry,
						tv_json_get_text(r->entry, "token"), id, err);

	*out = NULL;
	if (status)
		return status;
	r->by_hand = true;
	if (shared.len)
		tv_say(r->cli, "%s/%s has the old token too, so it is not ended", r->provider->name,
		       tv_secret_text(&shared));
	else if (!r->provider->revoke || !id)
		tv_say(r->cli, "the old token's id is not known; end it yourself: %s",
		       tv_rotating_console(r));
	else if (grace == TV_GRACE_NEVER)
		tv_say(r->cli, "the old token stays; to end it: tokenvault revoke %s --id %s",
		       r->name, id);
	else
		r->by_hand = false;
	if (!r->by_hand)
		*out = id;
	return TV_OK;
}

static enum tv_status swap(struct tv_rotating *r, int64_t grace, struct tv_error *err)
{
	const char *id, *id_field = r->provider->id_field;
	struct tv_json *more;
	enum tv_status status = old_id(&id, r, grace, err);
	bool is_put = true;

	if (status)
		return status;
	more = tv_json_object();
	if (r->checked)
		is_put = tv_json_put(more, "checked", tv_json_copy(r->checked));
	if (id_field)
		is_put = is_put && tv_json_put_text(more, "id_field", id_field);
	if (id)
		is_put = is_put && tv_json_put_text(more, "revoke_id", id) &&
			 tv_json_put_int(more, "revoke_at", time(NULL) + grace);
	if (!is_put) {
		tv_json_free(more);
		return no_memory(err);
	}
	return tv_rotating_note(r, "swap", more, err);
}

static enum tv_status finish(struct tv_rotating *r, const struct tv_rotating_wish *wish,
			     struct tv_error *err)
{
	enum tv_status status = verify(r, err);
	struct tv_error why;

	if (!status)
		return swap(r, wish->grace, err);
	tv_secret_free(&r->fresh);
	if (status != TV_TOKEN_REFUSED) {
		tv_say(r->cli, "%s keeps its token for now; to go on: tokenvault rotate %s",
		       r->name, r->name);
		return status;
	}
	if (tv_minting_discard(r, &why) || tv_rotating_note(r, "cancel", NULL, &why)) {
		tv_say(r->cli, "warning: %s", why.detail);
		tv_minting_say_left(r);
	}
	return status;
}

/* What was begun has a name, and maybe a token whose key got lost. */
static enum tv_status clear_away(struct tv_rotating *r, struct tv_error *err)
{
	enum tv_status status = tv_minting_discard(r, err);

	if (status && status != TV_NO_API)
		return status;
	if (status)
		tv_minting_say_left(r);
	return tv_rotating_note(r, "cancel", NULL, err);
}

enum tv_status tv_rotating_run(struct tv_rotating *r, const struct tv_rotating_wish *wish,
			       struct tv_error *err)
{
	const char *step = tv_rotating_step(r);
	bool is_minted = step && !strcmp(step, "minted");
	enum tv_status status = TV_OK;

	if (step)
		tv_say(r->cli, "going on with a rotation of %s that was begun before", r->name);
	if (step && !is_minted)
		status = clear_away(r, err);
	if (!status && !is_minted)
		status = tv_minting_run(r, wish, err);
	return status ? status : finish(r, wish, err);
}

enum tv_status tv_rotating_cancel(struct tv_rotating *r, struct tv_error *err)
{
	if (!tv_rotating_step(r))
		return tv_fail(err, TV_NO_ENTRY, "no rotation of %s is under way", r->name);
	/* This is the way out: it must not need the service. */
	if (tv_minting_discard(r, err)) {
		tv_say(r->cli, "warning: %s", err->detail);
		tv_minting_say_left(r);
	}
	return tv_rotating_note(r, "cancel", NULL, err);
}
