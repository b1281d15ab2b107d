/* Serves questions in batches: all that wait are looked at, their lines are written, then they are answered. */
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

#define PACKETS	  4 /* at once */
#define BATCH	  (PACKETS * TV_ASKS_AT_ONCE)
#define EACH_MS	  1000 /* one line for each program that is refused because the vault is locked */
#define ANSWER_MS 200  /* for the server to make room for answers */

/* Answers wait here until the lines are written, and what goes with them. */
static struct tv_caller answers[BATCH];
static int memories[BATCH];

void tv_auditor_start(struct tv_auditor *a, const struct tv_fs_config *c)
{
	*a = (struct tv_auditor){.is_run = c->is_run, .is_told = true};
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
	const struct tv_bytes *caller = NULL;

	if (h->noted)
		caller = tv_caller_noted(h->noted);
	if (!caller)
		caller = tv_caller_note(answer, h->question.number, task);
	if (a->audit && h->lost)
		tv_audit_lost(a->audit, h->lost, "the keeper was late");
	if (a->audit && h->flags & TV_ASK_BEGIN)
		tv_audit_begin(a->audit, &h->epoch, false);
	if (h->flags & TV_ASK_LOCKED && !answer->trouble)
		add_refused(a, answer, &event, caller);
	else
		add_line(a, &event, task > 0 ? caller : NULL);
}

/* The server always makes room: one that does not is not served. */
static void send_answers(int who, size_t n)
{
	struct pollfd room = {.fd = who, .events = POLLOUT};
	int patience = ANSWER_MS;
	struct mmsghdr messages[BATCH];
	struct tv_passing controls[BATCH];
	struct iovec parts[BATCH];

	for (size_t i = 0; i < n; i++) {
		parts[i] = (struct iovec){&answers[i],
					  offsetof(struct tv_caller, text) + answers[i].text_len};
		messages[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
		tv_passing_put(&messages[i].msg_hdr, &controls[i], memories[i]);
	}
	for (size_t sent = 0; sent < n;) {
		const int all = sendmmsg(who, messages + sent, (unsigned)(n - sent),
					 MSG_DONTWAIT | MSG_NOSIGNAL);

		if (all > 0)
			sent += (size_t)all;
		/* The user has too many on their way, whoever sent them. */
		else if (errno == ETOOMANYREFS && messages[sent].msg_hdr.msg_control)
			tv_passing_omit(&messages[sent].msg_hdr);
		else if (errno != EAGAIN || poll(&room, 1, patience) < 1) {
			patience = 0;
			sent++;
		}
	}
	for (size_t i = 0; i < n; i++)
		if (memories[i] >= 0)
			close(memories[i]);
}

/* Whether it is to be answered. */
static bool serve(struct tv_auditor *a, struct tv_caller *answer, int *memory,
		  const struct tv_ask_head *h, const unsigned char *event)
{
	const struct tv_caller_question *q = &h->question;

	*memory = -1;
	if (!(h->flags & TV_ASK_WRITE)) {
		tv_caller_resolve(answer, memory, q);
		answer->is_stranger = a->is_run && !answer->trouble && !tv_kin_has(q->task);
		return true;
	}
	serve_line(a, answer, h, event);
	return !(h->flags & TV_ASK_SILENT);
}

/* What a packet asks, one after the other, but no more than is agreed on; how many are to be answered, of which there
 * are n already. */
static size_t serve_packet(struct tv_auditor *a, size_t n, struct tv_asks *asks, size_t len)
{
	const size_t before = n;
	struct tv_ask_head h;
	size_t at = 0;

	for (int i = 0; i < TV_ASKS_AT_ONCE && len - at >= sizeof h; i++) {
		memcpy(&h, asks->bytes + at, sizeof h);
		at += sizeof h;
		if (h.event_len > len - at)
			break;
		n += serve(a, &answers[n], &memories[n], &h, asks->bytes + at);
		at += h.event_len;
	}
	/* A key may have come with a line. */
	explicit_bzero(&h, sizeof h);
	explicit_bzero(asks->bytes, len);
	return n - before;
}

bool tv_auditor_serve(struct tv_auditor *a, int who)
{
	static struct tv_asks asks[PACKETS];
	struct mmsghdr packets[PACKETS];
	struct iovec parts[PACKETS];
	size_t n = 0;
	int got;

	for (size_t i = 0; i < PACKETS; i++) {
		parts[i] = (struct iovec){asks[i].bytes, sizeof asks[i].bytes};
		packets[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
	}
	got = recvmmsg(who, packets, PACKETS, MSG_DONTWAIT, NULL);
	for (int i = 0; i < got; i++)
		n += serve_packet(a, n, &asks[i], packets[i].msg_len);
	write_lines(a);
	send_answers(who, n);
	/* Of one that is gone there are empty ones without end. */
	return got == PACKETS && packets[PACKETS - 1].msg_len;
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
