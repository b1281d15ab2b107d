/* Keeps what waits for the keeper to say who a caller is. */
#include "fusefs/who.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fusefs/handle.h"
#include "fusefs/server.h"

#define WAIT_MS	       5000 /* for a keeper that is busy, or stopped */
#define WRITE_MS       1000 /* for it to write a line; what it was asked it does later all the same */
#define SILENT_MAX     20000
#define AT_ONCE	       TV_ASKS_AT_ONCE
#define SOON_MS	       2   /* for the system to have room for what is long */
#define INTERRUPTED_MS 200 /* for a caller that has a signal: few of them are to die of it */

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

static struct tv_ask_head head_of(const struct tv_asking *a, uint32_t lost)
{
	return (struct tv_ask_head){.question = a->question,
				    .flags = a->flags,
				    .lost = a->flags & TV_ASK_WRITE ? lost : 0,
				    .epoch = a->epoch,
				    .event_len = (uint32_t)a->event.len};
}

/* How many of them a packet has room for; a long one goes alone. */
static size_t fitting(struct tv_asking *const *batch, size_t n)
{
	size_t len = 0, i = 0;

	while (i < n && (len += sizeof(struct tv_ask_head) + batch[i]->event.len) <= TV_LANE_ROOM)
		i++;
	return i ? i : 1;
}

/* Sends as many as go into a packet, which wakes the keeper once and is one thing less to take apart for each; how many
 * those are, 0 where there is no room. */
static size_t send_batch(struct tv_who *w, struct tv_asking *const *batch, size_t n)
{
	struct tv_ask_head heads[AT_ONCE];
	struct iovec parts[2 * AT_ONCE];
	struct msghdr packet = {.msg_iov = parts};
	uint32_t lost = w->lost;
	bool is_sent;

	n = fitting(batch, n);
	for (size_t i = 0; i < n; i++) {
		heads[i] = head_of(batch[i], lost);
		lost -= heads[i].lost;
		parts[packet.msg_iovlen++] = (struct iovec){&heads[i], sizeof heads[i]};
		if (batch[i]->event.len)
			parts[packet.msg_iovlen++] =
				(struct iovec){batch[i]->event.data, batch[i]->event.len};
	}
	is_sent = tv_lane_send(&w->lane, &packet);
	explicit_bzero(heads, n * sizeof *heads);
	if (!is_sent)
		return 0;
	w->lost = lost;
	return n;
}

static void note_sent(struct tv_who *w, struct tv_asking *a)
{
	a->is_sent = true;
	if (!(a->flags & TV_ASK_SILENT))
		return;
	unlink_asking(w, a);
	w->n_silent--;
	asking_free(a);
}

/* Oldest first, until there is no room. That of the pipe is told of. */
void tv_who_flush(struct tv_server *s)
{
	struct tv_asking *batch[AT_ONCE];
	struct tv_who *w = &s->who;
	size_t n, sent;

	w->send_at = 0;
	do {
		n = 0;
		for (struct tv_asking *a = w->first; a && n < AT_ONCE; a = a->next)
			if (!a->is_sent)
				batch[n++] = a;
		sent = n ? send_batch(w, batch, n) : 0;
		for (size_t i = 0; i < sent; i++)
			note_sent(w, batch[i]);
	} while (sent && (sent < n || n == AT_ONCE));
	if (sent < n && errno != EAGAIN) {
		w->send_at = tv_now_ms() + SOON_MS;
		sent = n;
	}
	tv_loop_want(s->epoll, &w->room, tv_lane_pay(&w->lane) && sent == n ? 0 : EPOLLOUT);
}

/* What is asked is answered in its order, and once the lines before it are written. */
bool tv_who_is_behind(const struct tv_who *w)
{
	return w->last_line &&
	       (int32_t)(w->last_answered - w->last_line) < (w->is_last_silent ? 1 : 0);
}

bool tv_who_is_told(struct tv_server *s)
{
	tv_who_flush(s);
	for (const struct tv_asking *a = s->who.first; a; a = a->next)
		if (!a->is_sent)
			return false;
	return !s->who.lane.owes;
}

/* Takes over what the asking has. Each message wakes the keeper, so what readers ask in one turn goes together, for they wait,
 * and what can wait goes with another one. Whoever else it is about may be gone soon. */
static bool add(struct tv_server *s, const struct tv_asking *asking, int64_t wait_ms)
{
	const int64_t now = tv_now_ms();
	struct tv_who *w = &s->who;
	struct tv_asking *a = malloc(sizeof *a);

	if (!a)
		return false;
	*a = *asking;
	a->server = s;
	a->question.number = ++w->last_number;
	a->deadline = now + wait_ms;
	a->is_sent = a->is_interrupted = false;
	a->next = NULL;
	a->link = w->end;
	*w->end = a;
	w->end = &a->next;
	if (!(a->flags & TV_ASK_SILENT) && (!w->next_deadline || a->deadline < w->next_deadline))
		w->next_deadline = a->deadline;
	if (a->req)
		fuse_req_interrupt_func(a->req, interrupted, a);
	w->n_silent += (a->flags & TV_ASK_SILENT) != 0;
	/* Opens are no more in an order than those who open are. */
	if (a->flags & TV_ASK_WRITE && !a->req) {
		w->last_line = a->question.number;
		w->is_last_silent = a->flags & TV_ASK_SILENT;
	}
	if (a->client || a->flags & TV_ASK_SILENT)
		tv_who_flush(s);
	else
		w->send_at = now;
	return true;
}

bool tv_who_ask(struct tv_server *s, const struct tv_asking *asking)
{
	return add(s, asking, WAIT_MS);
}

static const struct tv_caller late = {.trouble = TV_CALLER_LATE, .text_len = 1};

void tv_who_record(struct tv_server *s, struct tv_asking *a)
{
	struct tv_asking silent;

	a->flags |= TV_ASK_WRITE;
	a->server = s;
	a->event.failed = a->event.failed || a->event.len > TV_LINE_EVENT_MAX;
	silent = *a;
	if (!(a->flags & TV_ASK_SILENT) && !s->who.is_late && !a->event.failed &&
	    add(s, a, WRITE_MS))
		return;
	silent.flags |= TV_ASK_SILENT;
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

static void serve(struct tv_who *w, const struct tv_caller *caller, size_t len)
{
	struct tv_asking *a = w->first;

	w->last_answered = caller->number;
	while (a && (a->question.number != caller->number || a->flags & TV_ASK_SILENT))
		a = a->next;
	if (a && tv_caller_is_sound(caller, len))
		finish(a, caller);
}

/* One answer; how long it is, 0: it is not all there. */
static size_t serve_next(struct tv_who *w, const unsigned char *at, size_t len)
{
	const size_t front = offsetof(struct tv_caller, text);
	static struct tv_caller caller;

	if (len < front)
		return 0;
	memcpy(&caller, at, front);
	if (caller.text_len > TV_CALLER_TEXT || caller.text_len > len - front)
		return 0;
	memcpy(caller.text, at + front, caller.text_len);
	serve(w, &caller, front + caller.text_len);
	return front + caller.text_len;
}

/* What comes too late is not served: before each one the time is looked at. */
static void serve_packet(struct tv_server *s, const unsigned char *at, size_t len)
{
	struct tv_who *w = &s->who;
	size_t n;

	w->is_late = false;
	while ((n = serve_next(w, at, len))) {
		at += n;
		len -= n;
		if (len)
			tv_autolock_run(s);
	}
	if (w->stat_file >= 0)
		close(w->stat_file);
	w->stat_file = -1;
}

static bool is_awaited(const struct tv_who *w)
{
	for (const struct tv_asking *a = w->first; a; a = a->next)
		if (a->is_sent && !(a->flags & TV_ASK_SILENT))
			return true;
	return false;
}

/* What was asked together is mostly answered together. */
static void ready(struct tv_source *source, uint32_t events)
{
	struct tv_server *s = (struct tv_server *)(void *)((char *)source -
							   offsetof(struct tv_server, who.source));
	static struct tv_answers answers;
	ssize_t n;

	(void)events;
	for (int i = 0; i < AT_ONCE; i++) {
		n = tv_lane_receive(&s->who.lane, answers.bytes, sizeof answers.bytes,
				    &s->who.stat_file);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		/* Without a keeper nobody would clear up after us. */
		if (n <= 0)
			_exit(1);
		serve_packet(s, answers.bytes, (size_t)n);
		if (!is_awaited(&s->who) || !tv_autolock_wait(s))
			return;
	}
}

static void room_ready(struct tv_source *source, uint32_t events)
{
	struct tv_server *s =
		(struct tv_server *)(void *)((char *)source - offsetof(struct tv_server, who.room));

	/* As above. */
	if (events & (EPOLLERR | EPOLLHUP))
		_exit(1);
	tv_who_flush(s);
}

void tv_who_start(struct tv_server *s, const struct tv_lane *lane)
{
	s->who = (struct tv_who){
		.lane = *lane, .source.ready = ready, .room.ready = room_ready, .stat_file = -1};
	s->who.end = &s->who.first;
}

bool tv_who_listen(struct tv_server *s)
{
	s->who.source.fd = s->who.lane.in;
	s->who.room.fd = s->who.lane.out;
	if (!tv_loop_add(s->epoll, &s->who.source) || !tv_loop_add(s->epoll, &s->who.room))
		return false;
	tv_loop_want(s->epoll, &s->who.room, 0);
	return true;
}

int tv_who_timeout(const struct tv_server *s)
{
	int64_t next = s->who.next_deadline;

	if (!s->who.first)
		return -1;
	if (s->who.send_at && (!next || s->who.send_at < next))
		next = s->who.send_at;
	if (!next)
		return -1;
	next -= tv_now_ms();
	return next < 0 ? 0 : (int)next;
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

/* The first whose time is over; NULL: none, and then next_deadline says when there will be one. */
static struct tv_asking *find_due(struct tv_who *w, int64_t now)
{
	w->next_deadline = 0;
	for (struct tv_asking *a = w->first; a; a = a->next) {
		if (a->flags & TV_ASK_SILENT)
			continue;
		if (a->deadline <= now)
			return a;
		if (!w->next_deadline || a->deadline < w->next_deadline)
			w->next_deadline = a->deadline;
	}
	return NULL;
}

static void answer_late(struct tv_who *w, int64_t now)
{
	struct tv_asking *a;

	/* Whoever is answered may ask anew. */
	while ((a = find_due(w, now))) {
		if (a->is_interrupted) {
			finish_with(a, EINTR);
		} else {
			w->is_late = w->is_late || a->flags & TV_ASK_WRITE;
			finish(a, &late);
		}
	}
}

void tv_who_hurry(struct tv_server *s)
{
	struct tv_who *w = &s->who;
	int64_t now;

	if (!w->first) {
		w->next_deadline = 0;
		return;
	}
	now = tv_now_ms();
	notice_interrupts(w, now);
	if (now >= w->next_deadline)
		answer_late(w, now);
	if (w->send_at && tv_now_ms() >= w->send_at)
		tv_who_flush(s);
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

	tv_openers_forget(&s->who.openers);
	for (struct tv_asking *a = s->who.first; a; a = next) {
		next = a->next;
		if (a->req)
			finish_with(a, tv_status_errno(TV_LOCKED));
	}
}
