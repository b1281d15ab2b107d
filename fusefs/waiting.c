/* Keeps the list of opens that wait for a person. */
#include "fusefs/waiting.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fusefs/handle.h"
#include "fusefs/opening.h"
#include "fusefs/server.h"

bool tv_topic_is(const struct tv_topic *a, const struct tv_topic *b)
{
	return a->confirms == b->confirms && a->view == b->view &&
	       !memcmp(a->who, b->who, sizeof a->who);
}

void tv_waiting_start(struct tv_waiting_list *list)
{
	list->end = &list->first;
}

/* libfuse calls this with the request's lock held, so that the reply has to wait. */
static void interrupted(fuse_req_t req, void *waiting)
{
	struct tv_waiting *w = waiting;

	(void)req;
	w->is_interrupted = true;
	w->open.server->prompt.waiting.any_interrupted = true;
}

void tv_waiting_hurry_by(struct tv_waiting_list *list, int64_t deadline)
{
	if (!list->next_deadline || deadline < list->next_deadline)
		list->next_deadline = deadline;
}

struct tv_waiting *tv_waiting_add(struct tv_waiting_list *list, const struct tv_asking *open,
				  const struct tv_topic *topic, int64_t seconds)
{
	struct tv_waiting *w = calloc(1, sizeof *w);

	if (!w)
		return NULL;
	w->open = *open;
	w->topic = *topic;
	w->deadline = tv_now_ms() + seconds * 1000;
	tv_waiting_hurry_by(list, w->deadline);
	w->link = list->end;
	*list->end = w;
	list->end = &w->next;
	list->count++;
	fuse_req_interrupt_func(open->req, interrupted, w);
	return w;
}

/* The request is the caller's from here on. */
static struct tv_asking take(struct tv_waiting *w)
{
	const struct tv_asking open = w->open;
	struct tv_waiting_list *list = &open.server->prompt.waiting;

	*w->link = w->next;
	if (w->next)
		w->next->link = w->link;
	else
		list->end = w->link;
	list->count--;
	fuse_req_interrupt_func(open.req, NULL, NULL);
	free(w);
	return open;
}

void tv_waiting_reply(struct tv_waiting *w, int err)
{
	fuse_reply_err(take(w).req, err);
}

void tv_waiting_refuse(struct tv_waiting *w)
{
	const bool confirms = w->topic.confirms;
	struct tv_asking open;

	if (w->is_interrupted) {
		tv_waiting_reply(w, EINTR);
		return;
	}
	open = take(w);
	tv_open_refuse(&open, tv_status_errno(confirms ? TV_REFUSED : TV_LOCKED),
		       confirms ? "nobody allowed it" : "the vault is locked");
}

/* What there is may be something else now. */
void tv_waiting_retry(struct tv_waiting *w)
{
	const struct tv_asking open = take(w);

	tv_handle_open(open.req, open.server, open.find, open.ino, &open.fi);
}

bool tv_waiting_wants(const struct tv_waiting_list *list, const struct tv_topic *topic)
{
	for (const struct tv_waiting *w = list->first; w; w = w->next)
		if (!w->is_interrupted && tv_topic_is(&w->topic, topic))
			return true;
	return false;
}
