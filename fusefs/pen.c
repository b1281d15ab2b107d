/* Writes lines with what the keeper has lent. */
#include "fusefs/pen.h"

#include <string.h>
#include <unistd.h>

#include "fusefs/errand.h"
#include "fusefs/server.h"

/* A log that was renamed meanwhile may be written to still, as by the keeper. */
#define GOOD_MS	 1000
#define AHEAD_MS 100
#define ASK_MS	 50 /* what is not lent is not asked for more often */

void tv_pen_start(struct tv_pen *p)
{
	*p = (struct tv_pen){.lent = TV_AUDIT_LENT_NONE};
}

void tv_pen_drop(struct tv_pen *p)
{
	tv_audit_free(p->audit);
	p->audit = NULL;
	tv_audit_lent_close(&p->lent);
}

/* One that does not come next is of another time. */
static bool keep(struct tv_audit_lent *l, uint32_t which, int fd)
{
	for (uint32_t i = 0; i < which; i++)
		if (i >= TV_LENT_ALL || l->fd[i] < 0)
			return false;
	if (which >= TV_LENT_ALL || l->fd[which] >= 0)
		return false;
	l->fd[which] = fd;
	return fd >= 0;
}

void tv_pen_take(struct tv_server *s, uint32_t which, int fd)
{
	struct tv_pen *p = &s->pen;
	struct tv_error ignored;

	if (!which)
		tv_pen_drop(p);
	if (!keep(&p->lent, which, fd)) {
		tv_audit_lent_close(&p->lent);
		if (fd >= 0)
			close(fd);
		return;
	}
	if (which == TV_LENT_ALL - 1) {
		/* Where there is no memory for it the keeper writes. */
		if (tv_audit_borrow(&p->audit, &p->lent, TV_AUDIT_FILE_BYTES, &ignored))
			p->audit = NULL;
		p->until = tv_now_ms() + GOOD_MS;
		p->is_asked = false;
	}
	/* Whom it was for is forgotten. */
	if (!s->who.openers.until)
		tv_pen_drop(p);
}

static void ask_for_it(struct tv_server *s, int64_t now)
{
	if (now < s->pen.asks_at)
		return;
	/* What does not come is not asked for as often. */
	s->pen.asks_at = now + (s->pen.is_asked ? GOOD_MS : ASK_MS);
	s->pen.is_asked = true;
	tv_errand_lend(s);
}

static bool is_good(struct tv_server *s)
{
	const int64_t now = tv_now_ms();
	const int64_t left = s->pen.audit ? s->pen.until - now : 0;

	if (left < AHEAD_MS)
		ask_for_it(s, now);
	return left > 0;
}

bool tv_pen_write(struct tv_server *s, const struct tv_bytes *event, const struct tv_caller *caller)
{
	const char *line = tv_caller_text(caller, caller->line);
	const struct tv_bytes who = {.data = (unsigned char *)(uintptr_t)line, .len = strlen(line)};
	struct tv_audit *audit;
	struct tv_error ignored;
	enum tv_status status;

	if (!who.len || event->failed || !is_good(s) || tv_who_is_behind(&s->who))
		return false;
	audit = s->pen.audit;
	if (!tv_audit_add(audit, event, &who))
		return false;
	status = tv_audit_write(audit, &ignored);
	if (status && status != TV_BUSY)
		tv_pen_drop(&s->pen);
	return !status;
}
