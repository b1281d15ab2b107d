/* Dispatches the agent's messages by agent.def, and serves those that are about the server itself. */
#include "fusefs/messages.h"

#include <stdlib.h>
#include <string.h>

#include "fusefs/autolock.h"
#include "fusefs/custody.h"
#include "fusefs/errand.h"
#include "fusefs/memory.h"
#include "fusefs/record.h"
#include "fusefs/report.h"
#include "fusefs/server.h"
#include "fusefs/showing.h"
#include "fusefs/tree.h"
#include "fusefs/whois.h"

static enum tv_status done(struct tv_json **reply, struct tv_json *object, bool good,
			   struct tv_error *err)
{
	if (!object || !good) {
		tv_json_free(object);
		return tv_fail(err, TV_NO_MEMORY, "the reply");
	}
	*reply = object;
	return TV_OK;
}

static enum tv_status empty_reply(struct tv_json **reply, struct tv_client *c, struct tv_error *err)
{
	(void)c;
	return done(reply, tv_json_object(), true, err);
}

/* It may have been locked while the keeper was at work. */
static enum tv_status seen_reply(struct tv_json **reply, struct tv_client *c, struct tv_error *err)
{
	struct tv_json *object;
	struct tv_seen seen;

	if (!c->server->vault)
		return tv_fail(err, TV_LOCKED, "%s", c->server->trouble.detail);
	seen = tv_vault_seen(c->server->vault);
	object = tv_json_object();
	return done(reply, object, tv_json_put(object, "seen", tv_seen_to_json(&seen)), err);
}

static enum tv_status status_reply(struct tv_json **reply, struct tv_client *c,
				   struct tv_error *err)
{
	struct tv_json *object = tv_json_object();

	return done(reply, object, tv_report_status(object, c->server), err);
}

static enum tv_status serve_status(struct tv_json **reply, struct tv_client *c,
				   const struct tv_json *request, struct tv_error *err)
{
	static const char *const members[] = {NULL};

	enum tv_status status = tv_request_only(request, members, err);

	(void)reply;
	if (status)
		return status;
	c->sync_number = tv_errand_check(c->server);
	c->later = status_reply;
	return TV_OK;
}

static enum tv_status serve_unlock(struct tv_json **reply, struct tv_client *c,
				   const struct tv_json *request, struct tv_error *err)
{
	static const char *const members[] = {"slot", "key", "seen", "accept_rollback", NULL};
	const struct tv_json *seen_json = tv_json_get(request, "seen");
	tv_auto_slot_key key = {0};
	struct tv_seen seen;
	enum tv_status status = tv_request_only(request, members, err);

	(void)reply;
	if (status)
		return status;
	if (!tv_json_get_hex(request, "slot", key.uuid, sizeof key.uuid) ||
	    !tv_json_get_hex(request, "key", key.key, sizeof key.key) || !c->data.len ||
	    (seen_json && !tv_json_is_null(seen_json) && !tv_seen_from_json(&seen, seen_json)))
		return tv_fail(err, TV_USAGE, "unlock wants slot, key and the vault's bytes");
	if (!seen_json || tv_json_is_null(seen_json) ||
	    tv_json_get_true(request, "accept_rollback"))
		seen_json = NULL;
	status = tv_custody_unlock(&c->sync_number, c->server, &c->data, &key,
				   seen_json ? &seen : NULL, err);
	if (!status)
		c->later = seen_reply;
	return status;
}

static enum tv_status serve_lock(struct tv_json **reply, struct tv_client *c,
				 const struct tv_json *request, struct tv_error *err)
{
	static const char *const members[] = {NULL};
	enum tv_status status = tv_request_only(request, members, err);

	(void)reply;
	if (status)
		return status;
	c->inval_number = tv_autolock_lock(c->server, TV_LOCK_COMMAND);
	c->later = empty_reply;
	return TV_OK;
}

static enum tv_status serve_reload(struct tv_json **reply, struct tv_client *c,
				   const struct tv_json *request, struct tv_error *err)
{
	static const char *const members[] = {"accept_rollback", NULL};
	enum tv_status status = tv_request_only(request, members, err);

	(void)reply;
	if (status)
		return status;
	if (!c->data.len)
		return tv_fail(err, TV_USAGE, "reload wants the vault's bytes");
	c->sync_number = 0;
	status = tv_custody_reload(&c->sync_number, c->server, &c->data,
				   tv_json_get_true(request, "accept_rollback"), err);
	if (!status)
		c->later = seen_reply;
	return status;
}

static enum tv_status mount_reply(struct tv_json **reply, struct tv_client *c, struct tv_error *err)
{
	struct tv_json *object = tv_json_object();
	bool good = tv_report_mounts(object, c->server, c->asked, c->n_asked);

	tv_client_forget_asked(c);
	return done(reply, object, good, err);
}

void tv_client_forget_asked(struct tv_client *c)
{
	for (size_t i = 0; i < c->n_asked; i++)
		free(c->asked[i]);
	free(c->asked);
	c->asked = NULL;
	c->n_asked = 0;
}

/* Notes the services that a request names, which must be known. */
static enum tv_status note_asked(struct tv_client *c, const struct tv_json *names,
				 struct tv_error *err)
{
	c->asked = calloc(tv_json_count(names) + 1, sizeof *c->asked);
	for (const struct tv_json *j = tv_json_first(names); c->asked && j; j = tv_json_next(j)) {
		const struct tv_provider *provider;
		enum tv_status status;

		if (!tv_json_text(j))
			return tv_fail(err, TV_USAGE, "a service's name is a text");
		status =
			tv_providers_require(&provider, c->server->providers, tv_json_text(j), err);
		if (status)
			return status;
		c->asked[c->n_asked] = strdup(provider->name);
		if (!c->asked[c->n_asked])
			return tv_fail(err, TV_NO_MEMORY, "the services");
		c->n_asked++;
	}
	return c->asked ? TV_OK : tv_fail(err, TV_NO_MEMORY, "the services");
}

/* Adds to what is to be mounted from now on. */
static enum tv_status add_mounted(struct tv_server *s, const struct tv_client *c,
				  struct tv_error *err)
{
	for (size_t i = 0; i < c->n_asked; i++) {
		char **grown;
		char *copy;

		if (tv_provider_is_mounted(s, c->asked[i]))
			continue;
		grown = reallocarray(s->mounted, s->n_mounted + 1, sizeof *grown);
		copy = strdup(c->asked[i]);
		if (grown)
			s->mounted = grown;
		if (!grown || !copy) {
			free(copy);
			return tv_fail(err, TV_NO_MEMORY, "the services");
		}
		s->mounted[s->n_mounted++] = copy;
	}
	return TV_OK;
}

static void look_again(struct tv_server *s, struct tv_shown_list *list)
{
	for (size_t i = 0; s->vault && i < list->count; i++)
		tv_shown_follow(list->at[i], tv_vault_doc(s->vault), s->providers);
}

/* What failed before gets another chance, and so does what there was no memory to look at. */
static void retry(struct tv_server *s)
{
	struct tv_error ignored;

	if (s->tree_state == TV_SHOWN_FAILED)
		s->tree_state = TV_SHOWN_ABSENT;
	for (size_t i = 0; i < s->shown.count; i++)
		if (s->shown.at[i]->state == TV_SHOWN_FAILED)
			s->shown.at[i]->state = TV_SHOWN_ABSENT;
	look_again(s, &s->shown);
	if (!tv_directory_follow(s, &ignored))
		look_again(s, &s->directory.shown);
}

static enum tv_status serve_mount(struct tv_json **reply, struct tv_client *c,
				  const struct tv_json *request, struct tv_error *err)
{
	static const char *const members[] = {"providers", "remembered", NULL};
	const bool recalls = tv_json_get_true(request, "remembered");
	const struct tv_json *names = tv_json_get(request, "providers");
	struct tv_server *s = c->server;
	enum tv_status status = tv_request_only(request, members, err);

	(void)reply;
	if (status)
		return status;
	if (!s->vault && !recalls)
		return tv_fail(err, TV_LOCKED, "%s", s->trouble.detail);
	if (names && (recalls || !tv_json_is_array(names)))
		return tv_fail(err, TV_USAGE,
			       "providers is a list, or what is remembered is wanted");
	if (!recalls)
		tv_autolock_use(s);
	status = note_asked(c, names, err);
	if (!status)
		status = recalls ? tv_memory_recall(s, err) : add_mounted(s, c, err);
	if (status) {
		tv_client_forget_asked(c);
		return status;
	}
	retry(s);
	if (!names && !recalls)
		s->all_providers = true;
	c->sync_number = tv_errand_mount(s);
	c->later = mount_reply;
	return TV_OK;
}

static enum tv_status serve_stop(struct tv_json **reply, struct tv_client *c,
				 const struct tv_json *request, struct tv_error *err)
{
	static const char *const members[] = {NULL};
	enum tv_status status = tv_request_only(request, members, err);

	(void)reply;
	if (status)
		return status;
	c->until_cleared = true;
	c->later = empty_reply;
	tv_server_stop(c->server);
	return TV_OK;
}

static enum tv_status wait_reply(struct tv_json **reply, struct tv_client *c, struct tv_error *err)
{
	struct tv_json *object = tv_json_object();

	return done(reply, object, tv_json_put_bool(object, "locked", !c->server->vault), err);
}

static enum tv_status serve_wait(struct tv_json **reply, struct tv_client *c,
				 const struct tv_json *request, struct tv_error *err)
{
	static const char *const members[] = {"for", NULL};
	const char *what = tv_json_get_text(request, "for");
	enum tv_status status = tv_request_only(request, members, err);

	(void)reply;
	if (status)
		return status;
	if (!what || (strcmp(what, "unlocked") && strcmp(what, "locked")))
		return tv_fail(err, TV_USAGE, "wait is for unlocked or locked");
	c->awaits = strcmp(what, "locked") ? TV_AWAITS_UNLOCKED : TV_AWAITS_LOCKED;
	c->later = wait_reply;
	return TV_OK;
}

static enum tv_status serve_caller(struct tv_json **reply, struct tv_client *c,
				   const struct tv_json *request, struct tv_error *err)
{
	(void)reply;
	return tv_whois_serve(c, request, err);
}

/* Behind the room for its frame, the reply is printed where it is sent from. */
static enum tv_status serve_read(struct tv_client *c, unsigned message,
				 const struct tv_json *request, struct tv_error *err)
{
	enum tv_status status;

	if (!c->server->vault)
		return tv_fail(err, TV_LOCKED, "%s", c->server->trouble.detail);
	/* What `status`, `doctor`, `audit`, warnings and the timer of `notify` ask is no use of a token. */
	if (message != TV_AGENT_expiring && message != TV_AGENT_list && message != TV_AGENT_views &&
	    message != TV_AGENT_audit)
		tv_autolock_use(c->server);
	if (tv_message_shows(message))
		return tv_show_serve(c, message, request, err);
	tv_secret_fill(&c->out, TV_FRAME_BYTES);
	status = tv_agent_print(&c->out, c->server->vault, message, request, err);
	if (status)
		tv_secret_free(&c->out);
	return status;
}

static enum tv_status serve_edit(struct tv_json **reply, struct tv_client *c, unsigned message,
				 const struct tv_json *request, struct tv_error *err)
{
	const struct tv_outlet outlet = tv_client_outlet(c);
	enum tv_status status;

	if (!c->data.len)
		return tv_fail(err, TV_USAGE, "an edit wants the vault's bytes");
	tv_autolock_use(c->server);
	status = tv_custody_edit(reply, &c->made, c->server, &c->data, message, request, &outlet,
				 err);
	if (!status)
		tv_record_edit(c->server, message, request, *reply);
	return status;
}

/* agent.def's SERVER rows, by number. */
static enum tv_status (*const servers[])(struct tv_json **, struct tv_client *,
					 const struct tv_json *, struct tv_error *) = {
#define HANDLER_READ(name)	     NULL
#define HANDLER_EDIT(name)	     NULL
#define HANDLER_KEYS(name)	     NULL
#define HANDLER_SERVER(name)	     serve_##name
#define TV_AGENT(number, name, kind) [number] = HANDLER_##kind(name),
#include "vault/agent.def"
#undef TV_AGENT
};

static enum tv_status dispatch(struct tv_json **reply, struct tv_client *c, unsigned message,
			       const struct tv_json *request, struct tv_error *err)
{
	switch (tv_agent_kind(message)) {
	case TV_AGENT_READ:
		return serve_read(c, message, request, err);
	case TV_AGENT_EDIT:
	case TV_AGENT_KEYS:
		return serve_edit(reply, c, message, request, err);
	case TV_AGENT_SERVER:
		return servers[message](reply, c, request, err);
	}
	return tv_fail(err, TV_SERVER, "message %u is not known", message);
}

enum tv_status tv_message_serve(struct tv_json **reply, struct tv_client *c, unsigned message,
				const struct tv_json *request, struct tv_error *err)
{
	enum tv_status status;

	c->sync_number = 0;
	c->inval_number = 0;
	c->awaits = TV_AWAITS_NOTHING;
	c->server->actor = c;
	status = dispatch(reply, c, message, request, err);
	c->server->actor = NULL;
	return status;
}
