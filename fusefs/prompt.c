/* Keeps opens that wait for a person, and has the keeper ask that person. */
#include "fusefs/prompt.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "fusefs/errand.h"
#include "fusefs/server.h"

#define PAUSE_MS       30000 /* who said no is not asked again at once */
#define INTERRUPTED_MS 200   /* for a prompt to leave the terminal before its reader does */
#define ENDING_MS      3000 /* for the one that unlocked to be done; another has no business any more */
#define TOO_LATE_MS    3000 /* nobody can answer in less */

void tv_prompt_start(struct tv_server *s)
{
	tv_waiting_start(&s->prompt.waiting);
}

static bool is_of_program(const struct tv_waiting *w, const unsigned char program[TV_HASH_BYTES])
{
	return w->topic.confirms && !memcmp(w->topic.program, program, TV_HASH_BYTES);
}

static bool is_refused(const struct tv_prompt *p, const unsigned char program[TV_HASH_BYTES])
{
	for (size_t i = 0; i < TV_PROMPT_REFUSED; i++)
		if (p->refused[i].until > tv_now_ms() &&
		    !memcmp(p->refused[i].program, program, TV_HASH_BYTES))
			return true;
	return false;
}

static bool is_paused(const struct tv_prompt *p, const struct tv_topic *topic)
{
	return topic->confirms ? is_refused(p, topic->program) : tv_now_ms() < p->paused_until;
}

/* Nobody is asked about it again for a while. */
static void pause_topic(struct tv_prompt *p)
{
	struct tv_prompt_refused *r = &p->refused[p->next_refused];

	if (!p->topic.confirms) {
		p->paused_until = tv_now_ms() + PAUSE_MS;
		return;
	}
	memcpy(r->program, p->topic.program, sizeof r->program);
	r->until = tv_now_ms() + PAUSE_MS;
	p->next_refused = (p->next_refused + 1) % TV_PROMPT_REFUSED;
}

/* The time there is, the entry and the file, for the keeper. */
static bool describe(char *out, size_t size, const struct tv_waiting *w,
		     const struct tv_shown *shown)
{
	const struct tv_fs_config *c = w->open.server->config;
	const int len = snprintf(out, size, "%lld\n%s\n%s/%s",
				 (long long)(w->deadline - tv_now_ms() + 999) / 1000, w->entry,
				 shown->view.in_place ? c->home : c->tree, shown->view.path);

	return len > 0 && (size_t)len < size;
}

/* Has it asked what somebody waits for; false: that can't be. */
static bool ask(struct tv_server *s, struct tv_waiting *w)
{
	struct tv_prompt *p = &s->prompt;
	const struct tv_shown *shown = w->open.find(w->open.req, w->open.ino);
	const int64_t left = w->deadline - tv_now_ms();
	static char text[PATH_MAX + 400];

	if (!shown || is_paused(p, &w->topic) ||
	    (left < TOO_LATE_MS && left < s->kept.prompt_wait * 500))
		return false;
	if (!w->topic.confirms)
		snprintf(w->entry, sizeof w->entry, "%s/%s", shown->view.provider,
			 shown->view.label);
	if (!describe(text, sizeof text, w, shown))
		return false;
	p->is_running = true;
	p->is_over = p->is_left = false;
	p->topic = w->topic;
	p->deadline = w->deadline;
	tv_errand_prompt(s, w->topic.confirms, fuse_req_ctx(w->open.req)->pid, ++p->number, text);
	return true;
}

static void ask_next(struct tv_server *s)
{
	while (!s->prompt.is_running && s->prompt.waiting.first)
		if (!ask(s, s->prompt.waiting.first))
			tv_waiting_refuse(s->prompt.waiting.first);
}

/* What the keeper is at is not wanted any more, and may go on for so long. */
static void drop_prompt(struct tv_server *s, int ms)
{
	if (!s->prompt.is_running || s->prompt.is_over)
		return;
	s->prompt.is_over = true;
	tv_errand_limit_prompt(s, s->prompt.number, ms);
}

/* One more waits; for what is being asked already, perhaps. */
static void join(struct tv_server *s, struct tv_waiting *w)
{
	struct tv_prompt *p = &s->prompt;
	const int64_t left = p->deadline - tv_now_ms();

	if (p->is_running && !p->is_over && tv_topic_is(&p->topic, &w->topic)) {
		w->deadline = p->deadline;
		tv_waiting_hurry_by(&p->waiting, w->deadline);
		if (p->is_left)
			tv_errand_limit_prompt(s, p->number, left > 0 ? (int)left : 0);
		p->is_left = false;
	}
	ask_next(s);
}

static bool can_ask(const struct tv_server *s, const struct tv_topic *topic)
{
	return s->config->cli && !s->stopping && !is_paused(&s->prompt, topic);
}

bool tv_prompt_unlock(const struct tv_asking *open)
{
	struct tv_server *s = open->server;
	const struct tv_topic topic = {0};
	struct tv_waiting *w;

	if (!s->kept.unlock_on_open || !can_ask(s, &topic))
		return false;
	w = tv_waiting_add(&s->prompt.waiting, open, &topic, s->kept.prompt_wait);
	if (!w)
		return false;
	join(s, w);
	return true;
}

bool tv_prompt_confirm(const struct tv_asking *open, const struct tv_shown *shown,
		       const struct tv_caller *caller, const struct tv_judgement *judgement)
{
	struct tv_server *s = open->server;
	struct tv_topic topic = {.confirms = true, .view = shown->number};
	char more[32] = "";
	struct tv_waiting *w;

	tv_caller_digest(topic.who, caller, true);
	tv_caller_digest(topic.program, caller, false);
	if (!can_ask(s, &topic))
		return false;
	w = tv_waiting_add(&s->prompt.waiting, open, &topic, s->kept.prompt_wait);
	if (!w)
		return false;
	if (judgement->n_asks > 1)
		snprintf(more, sizeof more, " and %zu more", judgement->n_asks - 1);
	snprintf(w->entry, sizeof w->entry, "%s/%s%s", shown->view.provider, judgement->label,
		 more);
	join(s, w);
	return true;
}

/* It is remembered first, so that whoever tries again finds it so. */
static void allow(struct tv_server *s)
{
	struct tv_prompt *p = &s->prompt;
	const struct tv_shown *shown = tv_shown_by_number(&s->shown, p->topic.view);
	struct tv_waiting *next;

	if (!shown)
		shown = tv_shown_by_number(&s->directory.shown, p->topic.view);
	if (!s->vault || !shown ||
	    !tv_view_answer(&s->uses, &shown->view, tv_vault_doc(s->vault), s->providers,
			    p->topic.who))
		return;
	for (struct tv_waiting *w = p->waiting.first; w; w = next) {
		next = w->next;
		if (w->topic.confirms && !memcmp(w->topic.who, p->topic.who, sizeof p->topic.who))
			tv_waiting_retry(w);
	}
}

static void refuse_all(struct tv_prompt *p)
{
	struct tv_waiting *next;

	pause_topic(p);
	for (struct tv_waiting *w = p->waiting.first; w; w = next) {
		next = w->next;
		if (p->topic.confirms ? is_of_program(w, p->topic.program) : !w->topic.confirms)
			tv_waiting_refuse(w);
	}
}

/* Those that were only waiting to know what becomes of the prompt. */
static void let_interrupted_go(struct tv_prompt *p)
{
	struct tv_waiting *next;

	for (struct tv_waiting *w = p->waiting.first; w; w = next) {
		next = w->next;
		if (w->is_interrupted)
			tv_waiting_reply(w, EINTR);
	}
}

void tv_prompt_stays(struct tv_server *s, uint32_t number)
{
	if (s->prompt.is_running && number == s->prompt.number)
		let_interrupted_go(&s->prompt);
}

void tv_prompt_ended(struct tv_server *s, uint32_t number, enum tv_status status)
{
	struct tv_prompt *p = &s->prompt;

	if (!p->is_running || number != p->number)
		return;
	let_interrupted_go(p);
	/* One that the keeper ended while somebody came back to it says nothing: it is asked again. */
	if (!p->is_over && status != TV_BUSY) {
		p->last = status;
		p->any_ended = true;
		/* One that unlocked has been over since; this one was locked again. */
		if (status == TV_OK && p->topic.confirms)
			allow(s);
		else if (!p->is_left)
			refuse_all(p);
	}
	p->is_running = false;
	ask_next(s);
}

void tv_prompt_unlocked(struct tv_server *s)
{
	struct tv_prompt *p = &s->prompt;
	struct tv_waiting *w = p->waiting.first, *next;

	p->paused_until = 0;
	if (p->is_running && !p->is_over && !p->topic.confirms) {
		p->last = TV_OK;
		p->any_ended = true;
		drop_prompt(s, ENDING_MS);
	}
	for (size_t left = p->waiting.count; left && w; left--, w = next) {
		next = w->next;
		if (!w->topic.confirms)
			tv_waiting_retry(w);
	}
}

void tv_prompt_lock(struct tv_server *s)
{
	drop_prompt(s, 0);
	tv_rule_answers_forget(&s->uses);
	while (s->prompt.waiting.first)
		tv_waiting_reply(s->prompt.waiting.first, tv_status_errno(TV_LOCKED));
}

void tv_prompt_drop_surface(struct tv_server *s, const struct tv_surface *surface)
{
	struct tv_waiting *next;

	for (struct tv_waiting *w = s->prompt.waiting.first; w; w = next) {
		next = w->next;
		if (fuse_req_userdata(w->open.req) == surface)
			tv_waiting_reply(w, ENODEV);
	}
	if (!s->prompt.is_left && !tv_waiting_wants(&s->prompt.waiting, &s->prompt.topic))
		drop_prompt(s, 0);
}

int tv_prompt_timeout(const struct tv_server *s)
{
	int64_t left;

	if (!s->prompt.waiting.first)
		return -1;
	left = s->prompt.waiting.next_deadline - tv_now_ms();
	return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

/* Whoever waited for the prompt, when nobody does any more; else NULL. */
static const struct tv_waiting *find_leaver(const struct tv_prompt *p)
{
	const struct tv_waiting *w = p->waiting.first;

	if (!p->is_running || p->is_over || p->is_left || tv_waiting_wants(&p->waiting, &p->topic))
		return NULL;
	while (w && !tv_topic_is(&w->topic, &p->topic))
		w = w->next;
	return w;
}

/* Who was interrupted may well be dying, and can't before it has an answer. The last one waits for what becomes
 * of the prompt: it may be on the terminal that is somebody else's as soon as the reader is gone. */
static void notice_interrupts(struct tv_server *s, int64_t now)
{
	struct tv_prompt *p = &s->prompt;
	const struct tv_waiting *leaver;
	struct tv_waiting *next;

	if (!p->waiting.any_interrupted)
		return;
	p->waiting.any_interrupted = false;
	p->waiting.next_deadline = now;
	leaver = find_leaver(p);
	if (leaver) {
		p->is_left = true;
		tv_errand_leave_prompt(s, p->number, fuse_req_ctx(leaver->open.req)->pid);
	}
	for (struct tv_waiting *w = p->waiting.first; w; w = next) {
		next = w->next;
		if (!w->is_interrupted)
			continue;
		if (!p->is_running || !p->is_left || !tv_topic_is(&w->topic, &p->topic))
			tv_waiting_reply(w, EINTR);
		else if (w->deadline > now + INTERRUPTED_MS)
			w->deadline = now + INTERRUPTED_MS;
	}
}

void tv_prompt_hurry(struct tv_server *s)
{
	struct tv_prompt *p = &s->prompt;
	struct tv_waiting *next;
	int64_t now;

	if (!p->waiting.first)
		return;
	now = tv_now_ms();
	notice_interrupts(s, now);
	if (!p->waiting.first || now < p->waiting.next_deadline)
		return;
	if (p->is_running && !p->is_over && now >= p->deadline) {
		p->last = TV_CANCELLED;
		p->any_ended = true;
		refuse_all(p);
		drop_prompt(s, 0);
	}
	p->waiting.next_deadline = 0;
	for (struct tv_waiting *w = p->waiting.first; w; w = next) {
		next = w->next;
		if (w->deadline <= now)
			tv_waiting_refuse(w);
		else
			tv_waiting_hurry_by(&p->waiting, w->deadline);
	}
}

bool tv_prompt_report(struct tv_json *object, const struct tv_server *s)
{
	const struct tv_prompt *p = &s->prompt;
	const int64_t pause = p->paused_until - tv_now_ms();
	struct tv_json *j = tv_json_object();

	return tv_json_put(object, "prompt", j) &&
	       tv_json_put_bool(j, "on", s->kept.unlock_on_open) &&
	       tv_json_put_int(j, "waiting", (int64_t)p->waiting.count) &&
	       tv_json_put_int(j, "pause", pause > 0 ? (pause + 999) / 1000 : 0) &&
	       tv_json_put_text(j, "last", p->any_ended ? tv_status_name(p->last) : NULL);
}
