/* The rotation of a token that only a person can make: told how, taken, verified, put in place. */
#include "cli/rotate/guided.h"

#include <unistd.h>

#include "cli/call.h"
#include "cli/rotate/tokens.h"
#include "cli/service.h"

static enum tv_status no_memory(struct tv_error *err)
{
	return tv_fail(err, TV_NO_MEMORY, "a request");
}

static void say_how(const struct tv_rotating *r)
{
	if (r->provider->console)
		tv_say(r->cli,
		       "%s: make a new token here, and leave the old one as it is for now:\n    %s",
		       r->provider->title, r->provider->console);
	else
		tv_say(r->cli,
		       "%s: its definition names no console page; make a new token where you made "
		       "the old one, and leave that as it is for now",
		       r->provider->title);
}

/* The entry as it will be. */
static enum tv_status candidate(struct tv_json **out, const struct tv_rotating *r,
				const struct tv_json *request, struct tv_error *err)
{
	tv_auto_json *entry = tv_json_copy(r->entry);

	if (!tv_json_put_text(entry, "token", tv_json_get_text(request, "token")))
		return no_memory(err);
	/* The old token's; whatever needs it is left out. */
	if (r->provider->id_field && tv_json_get(entry, "fields") &&
	    !tv_json_put_text(tv_json_get(entry, "fields"), r->provider->id_field, ""))
		return no_memory(err);
	*out = entry;
	entry = NULL;
	return TV_OK;
}

static enum tv_status verify(struct tv_rotating *r, struct tv_json *request, struct tv_error *err)
{
	tv_auto_json *entry = NULL;
	enum tv_status status = candidate(&entry, r, request, err);

	if (!status)
		status = tv_service_verify(&r->checked, r->cli, r->provider, entry, err);
	if (status == TV_NO_API) {
		tv_say(r->cli, "%s has no way to verify a token", r->provider->title);
		return TV_OK;
	}
	if (!status && !tv_json_put(request, "checked", tv_json_copy(r->checked)))
		return no_memory(err);
	if (status && r->checked)
		tv_say(r->cli, "%s keeps its token; --no-verify takes the new one all the same",
		       r->name);
	return status;
}

static enum tv_status take_token(struct tv_rotating *r, struct tv_json *request,
				 struct tv_error *err)
{
	enum tv_status status = tv_call_put_token(request, r->cli, r->provider, err);

	if (status)
		return status;
	if (tv_secret_texts_equal(tv_json_get_text(request, "token"),
				  tv_json_get_text(r->entry, "token")))
		return tv_fail(err, TV_EXISTS, "that is the token that %s has now; make a new one",
			       r->name);
	return TV_OK;
}

static void remind(const struct tv_rotating *r, const char *old_id)
{
	if (r->checked)
		tv_service_say(r->cli, r->provider, r->checked);
	tv_say(r->cli, "rotated %s; tokenvault undo %s brings the old token back", r->name,
	       r->name);
	if (old_id && r->provider->revoke)
		tv_say(r->cli, "the old token still works; to end it: tokenvault revoke %s --id %s",
		       r->name, old_id);
	else if (r->provider->console)
		tv_say(r->cli, "the old token still works: end it here:\n    %s",
		       r->provider->console);
	else
		tv_say(r->cli, "the old token still works: end it at %s", r->provider->title);
}

enum tv_status tv_guided_run(struct tv_rotating *r, struct tv_error *err)
{
	tv_auto_json *request = tv_rotating_request(r);
	tv_auto_secret old_id = {0};
	const char *id = tv_token_id(r->provider, r->entry);
	enum tv_status status;

	if (!request)
		return no_memory(err);
	if (id)
		tv_secret_puts(&old_id, id);
	status = tv_call_put_expires(request, r->cli, err);
	if (!status)
		say_how(r);
	if (!status)
		status = take_token(r, request, err);
	if (!status && !tv_args_has(r->cli->args, "no-verify"))
		status = verify(r, request, err);
	if (!status)
		status = tv_cli_call(NULL, r->cli, TV_AGENT_set, request, err);
	if (!status)
		status = tv_rotating_reload(r, err);
	if (status)
		return status;
	r->by_hand = true;
	remind(r, id ? tv_secret_text(&old_id) : NULL);
	return TV_OK;
}
