/* The message `caller`: what is known of a process, and which entries' files it may read. */
#include "fusefs/whois.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fusefs/server.h"

static bool put_verdict(struct tv_json *list, const struct tv_entry *e, const struct tv_server *s,
			const struct tv_caller *caller)
{
	struct tv_json *j = tv_json_object();
	struct tv_judgement judgement;

	tv_entry_judge(&judgement, e, tv_vault_doc(s->vault), caller, &s->uses, time(NULL), false);
	return tv_json_put(list, NULL, j) && tv_json_put_text(j, "provider", e->provider) &&
	       tv_json_put_text(j, "label", e->now.label) &&
	       tv_json_put_bool(j, "allowed", judgement.is_allowed) &&
	       tv_json_put_bool(j, "asks", judgement.asks) &&
	       tv_json_put_text(j, "rule", *judgement.rule ? judgement.rule : NULL) &&
	       tv_json_put_text(j, "why", *judgement.why ? judgement.why : NULL);
}

static enum tv_status caller_reply(struct tv_json **reply, struct tv_client *c,
				   struct tv_error *err)
{
	const struct tv_server *s = c->server;
	tv_auto_json *object = tv_json_object();
	struct tv_json *list = tv_json_array();
	const struct tv_doc *doc;
	bool put = tv_json_put(object, "verdicts", list);

	if (!s->vault)
		return tv_fail(err, TV_LOCKED, "%s", s->trouble.detail);
	doc = tv_vault_doc(s->vault);
	put = put && tv_json_put(object, "caller", tv_caller_to_json(c->caller)) &&
	      tv_json_put_text(object, "trouble",
			       c->caller->trouble ? tv_caller_words(c->caller->trouble) : NULL);
	for (size_t i = 0; put && i < doc->n_entries; i++)
		put = doc->entries[i]->removed || put_verdict(list, doc->entries[i], s, c->caller);
	if (!put)
		return tv_fail(err, TV_NO_MEMORY, "the reply");
	*reply = object;
	object = NULL;
	return TV_OK;
}

static void answered(struct tv_asking *a, const struct tv_caller *caller)
{
	/* What the kernel has of it may be shorter than the whole. */
	memcpy(a->client->caller, caller, offsetof(struct tv_caller, text) + caller->text_len);
	a->client->is_asking = false;
	tv_server_progress(a->server);
}

enum tv_status tv_whois_serve(struct tv_client *c, const struct tv_json *request,
			      struct tv_error *err)
{
	static const char *const members[] = {"pid", NULL};
	struct tv_asking a = {.client = c, .answered = answered};
	enum tv_status status = tv_request_only(request, members, err);
	int64_t pid;

	if (status)
		return status;
	if (!c->server->vault)
		return tv_fail(err, TV_LOCKED, "%s", c->server->trouble.detail);
	if (!tv_json_get_int(request, "pid", &pid) || pid < 0 || pid > INT32_MAX)
		return tv_fail(err, TV_BAD_VALUE, "a process' number expected");
	tv_rules_question(&a.question, tv_vault_doc(c->server->vault));
	a.question.task = (int32_t)pid;
	if (!c->caller)
		c->caller = malloc(sizeof *c->caller);
	if (!c->caller || !tv_who_ask(c->server, &a))
		return tv_fail(err, TV_NO_MEMORY, "a question");
	c->is_asking = true;
	c->later = caller_reply;
	return TV_OK;
}
