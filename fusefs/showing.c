/* Gives tokens to clients, and has it noted who had them. */
#include "fusefs/showing.h"

#include "fusefs/server.h"
#include "fusefs/who.h"

/* Behind the room for its frame, the reply is printed where it is sent from. */
static enum tv_status print(struct tv_client *c, const struct tv_json *request,
			    struct tv_error *err)
{
	enum tv_status status;

	tv_secret_fill(&c->out, TV_FRAME_BYTES);
	status = tv_agent_print(&c->out, c->server->vault, c->shows_message, request, err);
	if (status)
		tv_secret_free(&c->out);
	return status;
}

/* What there is now: it may have been locked meanwhile. No token waits. */
static enum tv_status show_reply(struct tv_json **reply, struct tv_client *c, struct tv_error *err)
{
	tv_auto_json *request = c->shows;

	(void)reply;
	c->shows = NULL;
	if (!c->server->vault)
		return tv_fail(err, TV_LOCKED, "%s", c->server->trouble.detail);
	return print(c, request, err);
}

static void note(struct tv_client *c, const struct tv_json *request)
{
	const struct tv_doc *doc = tv_vault_doc(c->server->vault);
	struct tv_asking a = {.client = c, .answered = tv_client_noted};

	a.question.task = c->pid;
	tv_line_show(&a.event, doc, c->shows_message, request);
	c->is_asking = true;
	tv_who_record(c->server, &a);
}

enum tv_status tv_show_serve(struct tv_client *c, unsigned message, const struct tv_json *request,
			     struct tv_error *err)
{
	enum tv_status status;

	c->shows_message = message;
	status = print(c, request, err);
	if (status || c->server->kept.unaudited)
		return status;
	note(c, request);
	if (!c->is_asking)
		return TV_OK;
	tv_secret_free(&c->out);
	tv_json_free(c->shows);
	c->shows = tv_json_copy(request);
	c->later = show_reply;
	return TV_OK;
}
