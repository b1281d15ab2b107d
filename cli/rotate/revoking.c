/* Tokens that a rotation left to be ended at the service, once their time has come. */
#include "cli/rotate/revoking.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/rotate/tokens.h"

#define SERVED_MS 5000
#define STEP_MS	  50

/* Whether a running server shows the token that the entry is to have. One that is locked shows none, and
 * takes the file as it then is when it is unlocked. */
static enum tv_status check_served(struct tv_rotating *r, struct tv_error *err)
{
	const char *wanted =
		r->fresh.len ? tv_secret_text(&r->fresh) : tv_json_get_text(r->entry, "token");
	struct tv_error ignored;

	/* It may have come or gone since the session began. */
	if (tv_session_connect(r->cli->session, &ignored))
		return TV_OK;
	for (int waited = 0; tv_session_has_server(r->cli->session); waited += STEP_MS) {
		tv_auto_json *request = tv_rotating_request(r), *reply = NULL;
		enum tv_status status = tv_cli_call(&reply, r->cli, TV_AGENT_show, request, err);

		if (status || tv_secret_texts_equal(tv_json_get_text(reply, "token"), wanted))
			return status;
		if (waited >= SERVED_MS)
			return tv_fail(err, TV_SERVER,
				       "it still shows the old token of %s, which is not ended",
				       r->name);
		usleep(STEP_MS * 1000);
	}
	return TV_OK;
}

/* Whether the vault has it in use: after an undo it may. */
static enum tv_status is_in_use(bool *out, struct tv_rotating *r, const char *id,
				struct tv_error *err)
{
	const char *own = tv_token_id(r->provider, r->entry);
	const char *next = tv_json_get_text(tv_json_get(r->entry, "rotation"), "id");
	tv_auto_secret label = {0};
	enum tv_status status =
		tv_token_shared(&label, r->cli, r->provider, r->entry, NULL, id, err);

	if (status)
		return status;
	*out = (own && !strcmp(own, id)) || (next && !strcmp(next, id)) || label.len;
	if (*out)
		tv_say(r->cli, "%s/%s has a token in use that was to be ended: it stays",
		       r->provider->name,
		       label.len ? tv_secret_text(&label) : tv_json_get_text(r->entry, "label"));
	return TV_OK;
}

static enum tv_status end_one(struct tv_rotating *r, const char *id, struct tv_error *err)
{
	struct tv_json *more;
	enum tv_status status = tv_token_end(NULL, r->cli, r->provider, r->entry, id, err);

	if (status)
		return status;
	more = tv_json_object();
	if (!tv_json_put_text(more, "id", id) || !tv_json_put_text(r->ended, NULL, id) ||
	    (r->provider->id_field && !tv_json_put_text(more, "id_field", r->provider->id_field))) {
		tv_json_free(more);
		return tv_fail(err, TV_NO_MEMORY, "a request");
	}
	return tv_rotating_note(r, "revoked", more, err);
}

static void wait_until(int64_t at)
{
	for (int64_t now = time(NULL); now < at; now = time(NULL))
		sleep((unsigned)(at - now));
}

static enum tv_status take(struct tv_rotating *r, const struct tv_json *item, int64_t patience,
			   struct tv_error *err)
{
	const char *id = tv_json_get_text(item, "id");
	char when[TV_WHEN_CHARS];
	bool is_kept = false;
	int64_t at = 0;
	enum tv_status status;

	tv_json_get_int(item, "at", &at);
	if (at > time(NULL) + patience) {
		tv_when_print(when, at);
		tv_say(r->cli,
		       "%s: the old token works until %s; tokenvault rotate --pending then ends it",
		       r->name, when);
		return TV_OK;
	}
	wait_until(at);
	status = is_in_use(&is_kept, r, id, err);
	if (!status && !is_kept)
		status = check_served(r, err);
	if (!status && !is_kept)
		status = end_one(r, id, err);
	return status;
}

enum tv_status tv_revoking_run(struct tv_rotating *r, int64_t patience, struct tv_error *err)
{
	tv_auto_json *list = NULL;
	enum tv_status status = r->fresh.len ? check_served(r, err) : TV_OK;

	/* A server that is behind would not know of the list either. */
	if (!status)
		status = tv_rotating_reload(r, err);
	if (!status)
		list = tv_json_copy(tv_json_get(r->entry, "revoking_ids"));
	for (const struct tv_json *i = tv_json_first(list); i && !status; i = tv_json_next(i))
		status = take(r, i, patience, err);
	if (status)
		tv_say(r->cli, "a token of %s is still to be ended: tokenvault rotate --pending",
		       r->name);
	return status;
}
