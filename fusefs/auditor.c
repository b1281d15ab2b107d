/* Serves questions by the packet: all of one are looked at, their lines are written, then they are answered. */
#include "fusefs/auditor.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fusefs/passing.h"
#include "fusefs/run/kin.h"

#define EACH_MS	  1000 /* one line for each program that is refused because the vault is locked */
#define ANSWER_MS 200  /* for the server to make room for answers */

/* Answers wait here until the lines are written, and what goes with them. */
static struct tv_caller answers[TV_ASKS_AT_ONCE];
static int stat_files[TV_ASKS_AT_ONCE];

void tv_auditor_start(struct tv_auditor *a, const struct tv_fs_config *c)
{
	*a = (struct tv_auditor){.is_run = c->is_run, .is_told = true, .patience = ANSWER_MS};
	if (tv_audit_open(&a->audit, c->state, c->log ? c->log : c->name, TV_AUDIT_FILE_BYTES,
			  &a->trouble))
		a->is_told = false;
}

static void write_lines(struct tv_auditor *a)
{
	struct tv_error why = {""};

	if (!a->audit || !a->n_lines)
		return;
	a->n_lines = 0;
	if (!tv_audit_write(a->audit, &why))
		why.detail[0] = 0;
	if (!strcmp(why.detail, a->trouble.detail))
		return;
	a->trouble = why;
	a->is_told = false;
}

static void add_line(struct tv_auditor *a, const struct tv_bytes *event,
		     const struct tv_bytes *caller)
{
	if (!a->audit)
		return;
	tv_audit_add(a->audit, event, caller);
	a->n_lines++;
}

/* One that stood for others: they are told of by a line of their own. */
static void end_refused(struct tv_auditor *a, struct tv_auditor_refused *r)
{
	if (r->count) {
		tv_line_int(&r->event, "count", (int64_t)r->count);
		add_line(a, &r->event, &r->caller);
	}
	tv_bytes_free(&r->event);
	tv_bytes_free(&r->caller);
	*r = (struct tv_auditor_refused){0};
}

static void script_of(unsigned char out[static TV_HASH_BYTES], const struct tv_caller *c)
{
	const char *text = tv_caller_text(c, c->self.script);

	tv_hash_bytes(out, text, strlen(text));
}

/* The program's, or one for it. */
static struct tv_auditor_refused *find_refused(struct tv_auditor *a, const struct tv_caller *c)
{
	struct tv_auditor_refused *oldest = &a->refused[0];
	unsigned char script[TV_HASH_BYTES];

	script_of(script, c);
	for (size_t i = 0; i < TV_AUDITOR_REFUSED; i++) {
		struct tv_auditor_refused *r = &a->refused[i];

		if (r->until && r->dev == c->self.dev && r->ino == c->self.ino &&
		    !memcmp(r->script, script, sizeof script))
			return r;
		if (r->until < oldest->until)
			oldest = r;
	}
	end_refused(a, oldest);
	oldest->dev = c->self.dev;
	oldest->ino = c->self.ino;
	memcpy(oldest->script, script, sizeof script);
	return oldest;
}

static void copy(struct tv_bytes *to, const struct tv_bytes *from)
{
	to->len = 0;
	tv_bytes_append(to, from->data, from->len);
}

/* The first one has a line; those that follow within a second are counted. */
static void add_refused(struct tv_auditor *a, const struct tv_caller *c,
			const struct tv_bytes *event, const struct tv_bytes *caller)
{
	struct tv_auditor_refused *r = find_refused(a, c);

	if (!r->until) {
		r->until = tv_now_ms() + EACH_MS;
		add_line(a, event, caller);
		return;
	}
	r->count++;
	copy(&r->event, event);
	copy(&r->caller, caller);
}

static void serve_line(struct tv_auditor *a, struct tv_caller *answer, const struct tv_ask_head *h,
		       const unsigned char *text)
{
	const struct tv_bytes event = {.data = (unsigned char *)(uintptr_t)text,
				       .len = h->event_len};
	const pid_t task = h->question.task;
	const struct tv_bytes *caller = tv_caller_note(answer, h->question.number, task);

	if (a->audit && h->lost)
		tv_audit_lost(a->audit, h->lost, "the keeper was late");
	if (a->audit && h->flags & TV_ASK_BEGIN)
		tv_audit_begin(a->audit, &h->epoch, false);
	if (h->flags & TV_ASK_LOCKED && !answer->trouble)
		add_refused(a, answer, &event, caller);
	else
		add_line(a, &event, task > 0 ? caller : NULL);
}

/* Packets of answers, and what they are made of. */
struct mail {
	struct msghdr packets[TV_ASKS_AT_ONCE];
	size_t n_packets;
	struct tv_passing controls[TV_ASKS_AT_ONCE];
	struct iovec parts[TV_ASKS_AT_ONCE];
};

/* One behind the other, as many as there is room for. */
static void pack(struct mail *m, size_t n)
{
	struct msghdr *packet = NULL;
	size_t room = 0;

	m->n_packets = 0;
	for (size_t i = 0; i < n; i++) {
		const size_t len = offsetof(struct tv_caller, text) + answers[i].text_len;

		m->parts[i] = (struct iovec){&answers[i], len};
		if (len > room || stat_files[i] >= 0) {
			room = len < TV_LANE_ROOM ? TV_LANE_ROOM : len;
			packet = &m->packets[m->n_packets++];
			*packet = (struct msghdr){.msg_iov = &m->parts[i]};
			tv_passing_put(packet, &m->controls[i], stat_files[i]);
		}
		packet->msg_iovlen++;
		room = stat_files[i] >= 0 ? 0 : room - len;
	}
}

/* The server always makes room: one that does not is waited for once, and not served until it does. false: it has none. */
static bool wait_for_room(struct tv_auditor *a, int where)
{
	struct pollfd room = {.fd = where, .events = POLLOUT};

	if (poll(&room, 1, a->patience) > 0)
		return true;
	a->patience = 0;
	return false;
}

static void send_answers(struct tv_auditor *a, struct tv_lane *who, size_t n)
{
	struct mail m;

	pack(&m, n);
	for (size_t sent = 0; sent < m.n_packets;) {
		struct msghdr *next = &m.packets[sent];

		if (tv_lane_send(who, next)) {
			sent++;
			a->patience = ANSWER_MS;
		} else if (errno == ETOOMANYREFS && next->msg_control) {
			/* The user has too many on their way, whoever sent them. */
			tv_passing_omit(next);
		} else if (!(errno == EAGAIN && wait_for_room(a, who->out)) &&
			   !(errno == ENOBUFS && wait_for_room(a, who->side))) {
			sent++;
		}
	}
	if (!tv_lane_pay(who) && wait_for_room(a, who->out))
		tv_lane_pay(who);
	for (size_t i = 0; i < n; i++)
		if (stat_files[i] >= 0)
			close(stat_files[i]);
}

/* Whether it is to be answered. */
static bool serve(struct tv_auditor *a, struct tv_caller *answer, int *stat_file,
		  const struct tv_ask_head *h, const unsigned char *event)
{
	const struct tv_caller_question *q = &h->question;

	*stat_file = -1;
	if (!(h->flags & TV_ASK_WRITE)) {
		tv_caller_resolve(answer, stat_file, q);
		answer->is_stranger = a->is_run && !answer->trouble && !tv_kin_has(q->task);
		return true;
	}
	a->has_edit = a->has_edit || h->flags & TV_ASK_EDIT;
	serve_line(a, answer, h, event);
	return !(h->flags & TV_ASK_SILENT);
}

/* What a packet asks, one after the other, but no more than is agreed on; how many are to be answered. */
static size_t serve_packet(struct tv_auditor *a, struct tv_asks *asks, size_t len)
{
	struct tv_ask_head h;
	size_t n = 0, at = 0;

	for (int i = 0; i < TV_ASKS_AT_ONCE && len - at >= sizeof h; i++) {
		memcpy(&h, asks->bytes + at, sizeof h);
		at += sizeof h;
		if (h.event_len > len - at)
			break;
		n += serve(a, &answers[n], &stat_files[n], &h, asks->bytes + at);
		at += h.event_len;
	}
	/* A key may have come with a line. */
	explicit_bzero(&h, sizeof h);
	explicit_bzero(asks->bytes, len);
	return n;
}

/* While the next packet is looked at the server goes on with the answers to this one. */
int tv_auditor_serve(struct tv_auditor *a, struct tv_lane *who)
{
	static struct tv_asks asks;
	const ssize_t len = tv_lane_receive(who, asks.bytes, sizeof asks.bytes, NULL);
	size_t n;

	if (len <= 0)
		return -1;
	n = serve_packet(a, &asks, (size_t)len);
	write_lines(a);
	send_answers(a, who, n);
	return (int)n;
}

bool tv_auditor_lend(struct tv_audit_lent *out, const struct tv_auditor *a)
{
	return a->audit && tv_audit_lend(out, a->audit);
}

int tv_auditor_wait(const struct tv_auditor *a)
{
	int64_t first = INT64_MAX;

	for (size_t i = 0; i < TV_AUDITOR_REFUSED; i++)
		if (a->refused[i].until && a->refused[i].until < first)
			first = a->refused[i].until;
	if (first == INT64_MAX)
		return -1;
	first -= tv_now_ms();
	return first < 0 ? 0 : (int)first;
}

void tv_auditor_hurry(struct tv_auditor *a)
{
	const int64_t now = tv_now_ms();

	for (size_t i = 0; i < TV_AUDITOR_REFUSED; i++)
		if (a->refused[i].until && a->refused[i].until <= now)
			end_refused(a, &a->refused[i]);
	write_lines(a);
}

void tv_auditor_stop(struct tv_auditor *a)
{
	for (size_t i = 0; i < TV_AUDITOR_REFUSED; i++)
		end_refused(a, &a->refused[i]);
	write_lines(a);
	tv_audit_free(a->audit);
	a->audit = NULL;
}
