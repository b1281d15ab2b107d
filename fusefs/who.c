/* Keeps what waits for the keeper to say who a caller is. */
#include "fusefs/who.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "fusefs/handle.h"
#include "fusefs/server.h"

#define WAIT_MS	       5000 /* for a keeper that is busy, or stopped */
#define WRITE_MS       1000 /* for it to write a line; what it was asked it does later all the same */
#define SILENT_MAX     20000
#define INTERRUPTED_MS 200 /* for a caller that has a signal: few of them are to die of it */

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void unlink_asking(struct tv_who *w, struct tv_asking *a)
{
	*a->link = a->next;
	if (a->next)
		a->next->link = a->link;
	else
		w->end = a->link;
}

static void asking_free(struct tv_asking *a)
{
	tv_bytes_free(&a->event);
	free(a);
}

static void finish(struct tv_asking *a, const struct tv_caller *caller)
{
	unlink_asking(&a->server->who, a);
	if (a->req)
		fuse_req_interrupt_func(a->req, NULL, NULL);
	a->answered(a, caller);
	asking_free(a);
}

static void finish_with(struct tv_asking *a, int err)
{
	unlink_asking(&a->server->who, a);
	fuse_req_interrupt_func(a->req, NULL, NULL);
	fuse_reply_err(a->req, err);
	if (a->handle)
		tv_handle_free(a->handle);
	asking_free(a);
}

/* libfuse calls this with the request's lock held, so that the reply has to wait. */
static void interrupted(fuse_req_t req, void *asking)
{
	struct tv_asking *a = asking;

	(void)req;
	a->is_interrupted = true;
	a->server->who.any_interrupted = true;
}

static bool send_asking(struct tv_who *w, const struct tv_asking *a)
{
	static struct tv_ask ask;
	size_t len = sizeof ask.question;

	ask.question = a->question;
	if (a->flags & TV_ASK_WRITE) {
		ask.flags = a->flags;
		ask.lost = w->lost;
		ask.epoch = a->epoch;
		ask.event_len = (uint32_t)a->event.len;
		memcpy(ask.event, a->event.data, a->event.len);
		len = offsetof(struct tv_ask, event) + a->event.len;
	}
	if (send(w->source.fd, &ask, len, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)len)
		return false;
	if (a->flags & TV_ASK_WRITE)
		w->lost = 0;
	if (a->flags & TV_ASK_BEGIN)
		ask.epoch = (struct tv_audit_epoch){0};
	return true;
}

/* Sends what is not sent, oldest first, until there is no room. */
static void flush(struct tv_server *s)
{
	struct tv_who *w = &s->who;
	struct tv_asking *next;
	bool is_full = false;

	for (struct tv_asking *a = w->first; a && !is_full; a = next) {
		next = a->next;
		if (a->is_sent)
			continue;
		a->is_sent = send_asking(w, a);
		is_full = !a->is_sent;
		if (a->is_sent && a->flags & TV_ASK_SILENT) {
			unlink_asking(w, a);
			w->n_silent--;
			asking_free(a);
		}
	}
	tv_loop_want(s->epoll, &w->source, is_full ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

/* Takes over what the asking has. */
static bool add(struct tv_server *s, const struct tv_asking *asking, int64_t wait_ms)
{
	struct tv_who *w = &s->who;
	struct tv_asking *a = malloc(sizeof *a);

	if (!a)
		return false;
	*a = *asking;
	a->server = s;
	a->question.number = ++w->last_number;
	a->deadline = now_ms() + wait_ms;
	a->is_sent = a->is_interrupted = false;
	a->next = NULL;
	a->link = w->end;
	*w->end = a;
	w->end = &a->next;
	if (!(a->flags & TV_ASK_SILENT) && (!w->next_deadline || a->deadline < w->next_deadline))
		w->next_deadline = a->deadline;
	w->n_silent += (a->flags & TV_ASK_SILENT) != 0;
	if (a->req)
		fuse_req_interrupt_func(a->req, interrupted, a);
	flush(s);
	return true;
}

bool tv_who_ask(struct tv_server *s, const struct tv_asking *asking)
{
	return add(s, asking, WAIT_MS);
}

static const struct tv_caller late = {.trouble = TV_CALLER_LATE, .text_len = 1};

void tv_who_record(struct tv_server *s, struct tv_asking *a)
{
	struct tv_asking silent = *a;

	a->flags |= TV_ASK_WRITE;
	a->server = s;
	if (!(a->flags & TV_ASK_SILENT) && !s->who.is_late && !a->event.failed &&
	    add(s, a, WRITE_MS))
		return;
	silent.flags |= TV_ASK_WRITE | TV_ASK_SILENT;
	silent.req = NULL;
	silent.client = NULL;
	silent.handle = NULL;
	if (silent.event.failed || s->who.n_silent >= SILENT_MAX || !add(s, &silent, WAIT_MS)) {
		tv_bytes_free(&silent.event);
		s->who.lost++;
	}
	a->event = (struct tv_bytes){0};
	if (!(a->flags & TV_ASK_SILENT))
		a->answered(a, &late);
}

static void ready(struct tv_source *source, uint32_t events)
{
	struct tv_server *s = (struct tv_server *)(void *)((char *)source -
							   offsetof(struct tv_server, who.source));
	static struct tv_caller caller;
	struct tv_asking *a = s->who.first;
	ssize_t n;

	if (events & EPOLLOUT)
		flush(s);
	if (!(events & ~(uint32_t)EPOLLOUT))
		return;
	n = recv(source->fd, &caller, sizeof caller, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	/* Without a keeper nobody would clear up after us. */
	if (n <= 0)
		_exit(1);
	s->who.is_late = false;
	while (a && (a->question.number != caller.number || a->flags & TV_ASK_SILENT))
		a = a->next;
	if (a && tv_caller_is_sound(&caller, (size_t)n))
		finish(a, &caller);
}

void tv_who_start(struct tv_server *s, int fd)
{
	s->who = (struct tv_who){.source = {.fd = fd, .ready = ready}};
	s->who.end = &s->who.first;
}

int tv_who_timeout(const struct tv_server *s)
{
	int64_t left;

	if (!s->who.first || !s->who.next_deadline)
		return -1;
	left = s->who.next_deadline - now_ms();
	return left < 0 ? 0 : (int)left;
}

/* Who was interrupted may well be dying, and can't before it has an answer. */
static void notice_interrupts(struct tv_who *w, int64_t now)
{
	if (!w->any_interrupted)
		return;
	w->any_interrupted = false;
	w->next_deadline = now;
	for (struct tv_asking *a = w->first; a; a = a->next)
		if (a->is_interrupted && a->deadline > now + INTERRUPTED_MS)
			a->deadline = now + INTERRUPTED_MS;
}

void tv_who_hurry(struct tv_server *s)
{
	struct tv_who *w = &s->who;
	struct tv_asking *next;
	int64_t now;

	if (!w->first) {
		w->next_deadline = 0;
		return;
	}
	now = now_ms();
	notice_interrupts(w, now);
	if (now < w->next_deadline)
		return;
	w->next_deadline = 0;
	for (struct tv_asking *a = w->first; a; a = next) {
		next = a->next;
		if (a->flags & TV_ASK_SILENT)
			continue;
		if (a->deadline > now) {
			if (!w->next_deadline || a->deadline < w->next_deadline)
				w->next_deadline = a->deadline;
		} else if (a->is_interrupted) {
			finish_with(a, EINTR);
		} else {
			w->is_late = w->is_late || a->flags & TV_ASK_WRITE;
			finish(a, &late);
		}
	}
}

void tv_who_drop_surface(struct tv_server *s, const struct tv_surface *surface)
{
	struct tv_asking *next;

	for (struct tv_asking *a = s->who.first; a; a = next) {
		next = a->next;
		if (a->req && fuse_req_userdata(a->req) == surface)
			finish_with(a, ENODEV);
	}
}

void tv_who_drop_client(struct tv_server *s, const struct tv_client *client)
{
	struct tv_asking *next;

	for (struct tv_asking *a = s->who.first; a; a = next) {
		next = a->next;
		if (a->client != client)
			continue;
		a->client = NULL;
		/* What was done is noted, whoever has gone. */
		if (a->flags & TV_ASK_WRITE && !a->is_sent) {
			a->flags |= TV_ASK_SILENT;
			s->who.n_silent++;
			continue;
		}
		unlink_asking(&s->who, a);
		asking_free(a);
	}
}

void tv_who_lock(struct tv_server *s)
{
	struct tv_asking *next;

	for (struct tv_asking *a = s->who.first; a; a = next) {
		next = a->next;
		if (a->req)
			finish_with(a, tv_status_errno(TV_LOCKED));
	}
}
