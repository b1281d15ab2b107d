/* The making of a new token at the service, and the unmaking of one that came to nothing. */
#include "cli/rotate/minting.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "cli/rotate/tokens.h"
#include "cli/service.h"

#define DAY	 86400
#define LIFETIME (90 * DAY) /* where the old token's is not known */
#define YOUNG	 30	    /* seconds in which a request of a killed process may still arrive */

static enum tv_status no_memory(struct tv_error *err)
{
	return tv_fail(err, TV_NO_MEMORY, "a rotation");
}

/* How long the old token was to last, from the first version that had its expiry: a changed note makes a
 * new version, but no new token. */
static enum tv_status old_lifetime(int64_t *out, struct tv_rotating *r, struct tv_error *err)
{
	tv_auto_json *request = tv_rotating_request(r), *reply = NULL;
	int64_t expires, since, first = INT64_MAX;
	enum tv_status status;

	*out = LIFETIME;
	if (!request)
		return no_memory(err);
	if (!tv_json_get_int(r->entry, "expires", &expires))
		return TV_OK;
	status = tv_cli_call(&reply, r->cli, TV_AGENT_history, request, err);
	for (const struct tv_json *v = tv_json_first(tv_json_get(reply, "versions")); v;
	     v = tv_json_next(v)) {
		int64_t its = TV_NEVER;

		if (tv_json_get_true(v, "removed"))
			continue;
		if (!tv_json_get_int(v, "expires", &its) || its != expires)
			break;
		if (tv_json_get_int(v, "since", &since) && since < first)
			first = since;
	}
	if (first < expires)
		*out = (expires - first + DAY - 1) / DAY * DAY;
	return status;
}

/* The name at the service is what a token is found by when its key got lost on the way: no two rotations
 * may share one. */
static enum tv_status new_title(struct tv_secret *out, const struct tv_rotating *r,
				const char *begins, struct tv_error *err)
{
	static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
	unsigned char random[6];
	char text[320], when[TV_WHEN_CHARS];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return tv_fail(err, TV_FAILED, "no random bytes: %s", strerror(errno));
	tv_when_print(when, time(NULL));
	snprintf(text, sizeof(text), begins ? "%.*s" : "tokenvault %.*s", 200,
		 begins ? begins : r->name);
	tv_secret_puts(out, text);
	snprintf(text, sizeof(text), " %.10s ", when);
	tv_secret_puts(out, text);
	for (size_t i = 0; i < sizeof(random); i++)
		tv_secret_putc(out, letters[random[i] % (sizeof(letters) - 1)]);
	return tv_secret_check(out, err);
}

static enum tv_status begin(struct tv_rotating *r, const struct tv_rotating_wish *wish,
			    struct tv_error *err)
{
	tv_auto_secret title = {0};
	tv_auto_json *more = tv_json_object();
	struct tv_json *given;
	enum tv_status status = new_title(&title, r, wish->title, err);

	if (!status && !tv_json_put_text(more, "name", tv_secret_text(&title)))
		status = no_memory(err);
	if (status)
		return status;
	given = more;
	more = NULL;
	return tv_rotating_note(r, "begin", given, err);
}

/* Notes the new token that an answer holds. */
static enum tv_status keep(struct tv_rotating *r, const struct tv_json *answer,
			   struct tv_error *err)
{
	const struct tv_http *mint = r->provider->mint;
	tv_auto_secret token = {0}, id = {0};
	struct tv_json *more;
	int64_t expires;
	bool is_put;

	if (!mint->token || !tv_pointer_text(&token, answer, mint->token) || !token.len)
		return tv_fail(err, TV_ODD_REPLY, "%s made a token and does not tell it",
			       r->provider->title);
	more = tv_json_object();
	is_put = tv_json_put_text(more, "token", tv_secret_text(&token));
	if (mint->id && tv_pointer_text(&id, answer, mint->id) && id.len &&
	    tv_text_is_shown(tv_secret_text(&id), TV_HANDLE_MAX))
		is_put = is_put && tv_json_put_text(more, "id", tv_secret_text(&id));
	if (mint->expires && tv_http_time(&expires, answer, mint->expires))
		is_put = is_put && tv_json_put_int(more, "expires", expires);
	if (!is_put) {
		tv_json_free(more);
		return no_memory(err);
	}
	return tv_rotating_note(r, "minted", more, err);
}

/* With a token that was ended, or has expired, no other can be had. */
static void say_by_hand(const struct tv_rotating *r)
{
	const char *console = r->provider->console;

	tv_say(r->cli,
	       "%s makes no token for one that it refuses: make a new one in its console%s%s",
	       r->provider->title, console ? ":\n    " : "", console ? console : "");
	tv_say(r->cli, "and store it with: tokenvault set %s", r->name);
}

/* Has the service make the token that was noted. An answer that says no is the one case in which nothing
 * can have been made. */
static enum tv_status mint(struct tv_rotating *r, const struct tv_rotating_wish *wish,
			   struct tv_error *err)
{
	const char *title = tv_json_get_text(tv_json_get(r->entry, "rotation"), "name");
	tv_auto_json *more = tv_json_object(), *answer = NULL;
	int64_t lifetime = 0;
	char when[TV_WHEN_CHARS];
	struct tv_error ignored;
	enum tv_status status = wish->expires ? TV_OK : old_lifetime(&lifetime, r, err);

	if (status)
		return status;
	tv_when_print(when, wish->expires ? wish->expires : time(NULL) + lifetime);
	if (!tv_json_put_text(more, "name", title) || !tv_json_put_text(more, "expires_at", when) ||
	    !tv_json_put_text(more, "description", "made by tokenvault rotate"))
		return no_memory(err);
	status = tv_service_ask(&answer, r->cli, r->provider, r->provider->mint, r->entry, more,
				err);
	if (!status)
		return keep(r, answer, err);
	if (status == TV_TOKEN_REFUSED)
		say_by_hand(r);
	if (status != TV_TOKEN_REFUSED && status != TV_REFUSED)
		tv_say(r->cli,
		       "tokenvault rotate %s tries again, after ending what may have been made",
		       r->name);
	else if (tv_rotating_note(r, "cancel", NULL, &ignored))
		tv_say(r->cli, "tokenvault rotate --cancel %s forgets that it was begun", r->name);
	return status;
}

static enum tv_status end_all(struct tv_rotating *r, const struct tv_json *ids,
			      struct tv_error *err)
{
	for (const struct tv_json *id = tv_json_first(ids); id; id = tv_json_next(id)) {
		enum tv_status status =
			tv_token_end(NULL, r->cli, r->provider, r->entry, tv_json_text(id), err);

		if (status)
			return status;
		if (!tv_json_put_text(r->ended, NULL, tv_json_text(id)))
			return no_memory(err);
	}
	return TV_OK;
}

static bool is_young(const struct tv_rotating *r)
{
	int64_t started = 0;

	tv_json_get_int(tv_json_get(r->entry, "rotation"), "started", &started);
	return time(NULL) - started < YOUNG;
}

/* Ends whatever has the name that was noted. */
static enum tv_status discard_named(struct tv_rotating *r, struct tv_error *err)
{
	const char *title = tv_json_get_text(tv_json_get(r->entry, "rotation"), "name");

	for (bool again = is_young(r);; again = false) {
		tv_auto_json *ids = NULL;
		enum tv_status status =
			tv_tokens_named(&ids, r->cli, r->provider, r->entry, title, err);

		if (!status)
			status = end_all(r, ids, err);
		if (status || tv_json_count(ids) || !again)
			return status;
		sleep(1);
	}
}

void tv_minting_say_left(const struct tv_rotating *r)
{
	const char *console = r->provider->console;

	tv_say(r->cli, "%s may have a token named `%s` that nobody knows; end it%s%s",
	       r->provider->title, tv_json_get_text(tv_json_get(r->entry, "rotation"), "name"),
	       console ? ": " : "", console ? console : "");
}

enum tv_status tv_minting_discard(struct tv_rotating *r, struct tv_error *err)
{
	const char *id = tv_json_get_text(tv_json_get(r->entry, "rotation"), "id");
	struct tv_json *more;

	if (!id || !r->provider->revoke)
		return discard_named(r, err);
	more = tv_json_object();
	if (!tv_json_put_text(more, "revoke_id", id) ||
	    !tv_json_put_int(more, "revoke_at", time(NULL))) {
		tv_json_free(more);
		return no_memory(err);
	}
	return tv_rotating_note(r, "queue", more, err);
}

enum tv_status tv_minting_run(struct tv_rotating *r, const struct tv_rotating_wish *wish,
			      struct tv_error *err)
{
	enum tv_status status = begin(r, wish, err);

	return status ? status : mint(r, wish, err);
}
