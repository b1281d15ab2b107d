/* Gives tokens to clients, and has it noted who had them. */
#include "fusefs/showing.h"

#include "fusefs/server.h"
#include "fusefs/who.h"

/* What there is now: it may have been locked meanwhile. No token waits. */
static enum tv_status show_reply(struct tv_json **reply, struct tv_client *c, struct tv_error *err)
{
	tv_auto_json *request = c->shows;

	c->shows = NULL;
	if (!c->server->vault)
		return tv_fail(err, TV_LOCKED, "%s", c->server->trouble.detail);
	return tv_agent_read(reply, c->server->vault, c->shows_message, request, err);
}

enum tv_status tv_show_serve(struct tv_json **reply, struct tv_client *c, unsigned message,
			     const struct tv_json *request, struct tv_error *err)
{
	struct tv_server *s = c->server;
	struct tv_asking a = {.client = c, .answered = tv_client_noted};
	tv_auto_json *made = NULL;
	enum tv_status status = tv_agent_read(&made, s->vault, message, request, err);

	if (status)
		return status;
	if (!s->kept.unaudited) {
		a.question.task = c->pid;
		tv_line_show(&a.event, tv_vault_doc(s->vault), message, request);
		c->is_asking = true;
		tv_who_record(s, &a);
	}
	if (!c->is_asking) {
		*reply = made;
		made = NULL;
		return TV_OK;
	}
	tv_json_free(c->shows);
	c->shows = tv_json_copy(request);
	c->shows_message = message;
	c->later = show_reply;
	return TV_OK;
}
