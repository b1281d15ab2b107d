/* Goes through an audit log and tells what is wrong with it. */
#include "vault/auditverify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A line whose MAC is not checked yet, without its text. */
struct waiting {
	struct tv_line line;
	const char *gap;
	const char *file;
	uint64_t number;
};

struct verify {
	const struct tv_audit_judge *judge;
	struct tv_audit_report *report;
	const unsigned char *vault;
	struct tv_error *err;
	enum tv_status status; /* of the judge */

	struct tv_audit_page page;
	struct waiting waiting[TV_AUDIT_PAGE];

	struct tv_line_place last; /* that was in its place */
	bool has_last;
	struct tv_line_place loose; /* the last one without a MAC, which stands beside that */
	bool has_loose;
	uint64_t n_bad;	 /* lines that were not, since then */
	bool has_signed; /* some had a MAC */
	bool is_other;	 /* the page's epoch is another vault's */

	struct tv_audit_finding finding; /* which may go on */
	bool has_finding;
	struct tv_line_place gone; /* of the removed ones that it tells of: the first */
};

const char *tv_audit_fault_name(enum tv_audit_fault fault)
{
	static const char *const names[] = {
		[TV_AUDIT_CHANGED] = "changed", [TV_AUDIT_REMOVED] = "removed",
		[TV_AUDIT_MOVED] = "misplaced", [TV_AUDIT_CUT] = "cut",
		[TV_AUDIT_NO_KEY] = "no key",	[TV_AUDIT_UNSIGNED] = "unsigned",
		[TV_AUDIT_GAP] = "gap",		[TV_AUDIT_OTHER] = "another vault's",
	};

	return names[fault];
}

bool tv_audit_fault_is_grave(enum tv_audit_fault fault)
{
	return fault < TV_AUDIT_UNSIGNED;
}

static void tell(struct verify *v)
{
	if (v->has_finding && !v->status)
		v->status = v->judge->found(&v->finding, v->judge->arg, v->err);
	v->has_finding = false;
}

/* Whether a finding only is the one before it, going on. */
static bool goes_on(const struct verify *v, enum tv_audit_fault fault, const struct waiting *w)
{
	const struct tv_audit_finding *f = &v->finding;

	return v->has_finding && f->fault == fault && f->file == w->file && f->number &&
	       f->number + f->count == w->number &&
	       (fault == TV_AUDIT_CHANGED || fault == TV_AUDIT_UNSIGNED || fault == TV_AUDIT_OTHER);
}

static void find(struct verify *v, enum tv_audit_fault fault, const struct waiting *w,
		 uint64_t count, const char *detail)
{
	if (goes_on(v, fault, w)) {
		v->finding.count += count;
		return;
	}
	tell(v);
	v->finding = (struct tv_audit_finding){
		.fault = fault, .file = w->file, .number = w->number, .count = count};
	snprintf(v->finding.detail, sizeof v->finding.detail, "%s", detail);
	v->has_finding = true;
}

static bool is_same_epoch(const struct tv_line_place *a, const struct tv_line_place *b)
{
	return a->has_epoch == b->has_epoch &&
	       (!a->has_epoch || !memcmp(a->epoch, b->epoch, sizeof a->epoch));
}

static void find_removed(struct verify *v, const struct waiting *w, uint64_t count)
{
	find(v, TV_AUDIT_REMOVED, w, count, "lines before this one are missing");
	v->gone = v->last;
}

/* One that is late was not removed: what was told of it is taken back, if nobody has heard it yet. */
static void find_moved(struct verify *v, const struct waiting *w)
{
	const struct tv_line_place *p = &w->line.place;
	struct tv_audit_finding *f = &v->finding;

	if (v->has_finding && f->fault == TV_AUDIT_REMOVED && f->count == 1 &&
	    is_same_epoch(&v->gone, p) && v->gone.n + 1 == p->n)
		v->has_finding = false;
	find(v, TV_AUDIT_MOVED, w, 1, "it does not belong here, or is there twice");
}

/* The first line that there is. Where files were rotated away it may be any. */
static void begin(struct verify *v, const struct waiting *w)
{
	const struct tv_line *line = &w->line;

	v->report->part = line->part;
	if (!line->part ||
	    (line->part == 1 && (line->place.n || (line->place.has_epoch && !line->is_after_none))))
		find_removed(v, w, 0);
}

/* A line of the same epoch as the last one; false when it does not belong there. */
static bool follow(struct verify *v, const struct waiting *w)
{
	const uint64_t n = w->line.place.n, next = v->last.n + 1;

	if (n < next) {
		find_moved(v, w);
		return false;
	}
	/* What was changed stands for what is missing, and a gap that the log tells of is told of below. */
	if (n - next > v->n_bad && !(w->gap && !strcmp(w->gap, "missing")))
		find_removed(v, w, n - next - v->n_bad);
	return true;
}

/* The first line of an epoch says which one was before it. */
static void turn_over(struct verify *v, const struct waiting *w)
{
	const struct tv_line *line = &w->line;

	if (line->place.n || !line->has_after || line->is_after_none) {
		find_removed(v, w, 0);
		return;
	}
	if ((v->has_last && tv_line_places_are_same(&line->after, &v->last)) ||
	    (v->has_loose && tv_line_places_are_same(&line->after, &v->loose)))
		return;
	if (is_same_epoch(&line->after, &v->last) && line->after.n > v->last.n &&
	    line->after.n - v->last.n <= v->n_bad)
		return;
	find_removed(v, w,
		     is_same_epoch(&line->after, &v->last) && line->after.n > v->last.n
			     ? line->after.n - v->last.n - v->n_bad
			     : 0);
}

static void tell_gap(struct verify *v, const struct waiting *w)
{
	if (!w->gap)
		return;
	if (!strcmp(w->gap, "missing"))
		find(v, TV_AUDIT_CUT, w, 0, "when it was written, lines before it were missing");
	else if (!strcmp(w->gap, "changed"))
		find(v, TV_AUDIT_CHANGED, w, 0, "when it was written, lines before it had changed");
	else if (!strcmp(w->gap, "key"))
		find(v, TV_AUDIT_NO_KEY, w, 0,
		     "when it was written, the key's state was missing: lines before it may be, "
		     "too");
	else
		find(v, TV_AUDIT_GAP, w, 0, "lines before it could not be written");
}

/* A line that is what was written: is it in its place? */
static void place(struct verify *v, const struct waiting *w)
{
	bool belongs = true;

	if (!v->has_last && !v->has_loose && !v->n_bad)
		begin(v, w);
	else if (v->has_last && is_same_epoch(&w->line.place, &v->last))
		belongs = follow(v, w);
	else if (v->has_last || v->has_loose)
		turn_over(v, w);
	tell_gap(v, w);
	if (!belongs)
		return;
	v->last = w->line.place;
	v->has_last = true;
	v->n_bad = 0;
}

/* Nothing vouches for it, nor for its place. */
static void place_loose(struct verify *v, const struct waiting *w)
{
	if (!v->has_last && !v->has_loose && !v->n_bad)
		begin(v, w);
	tell_gap(v, w);
	v->report->n_first += !v->has_signed;
	v->loose = w->line.place;
	v->has_loose = true;
}

static void reject(struct verify *v, const struct waiting *w, const char *why)
{
	find(v, TV_AUDIT_CHANGED, w, 1, why);
	v->n_bad++;
}

/* Has what waits checked, and judges it line by line. */
static void flush(struct verify *v)
{
	bool wrong[TV_AUDIT_PAGE] = {false};
	const size_t n = v->page.n;

	v->page.n = 0;
	if (!n || v->status)
		return;
	v->page.n = n;
	if (!v->is_other)
		v->status = v->judge->check(wrong, &v->page, v->judge->arg, v->err);
	v->page.n = 0;
	for (size_t i = 0; i < n && !v->status; i++) {
		const struct waiting *w = &v->waiting[i];

		if (wrong[i]) {
			reject(v, w, "it is not what was written then");
			continue;
		}
		place(v, w);
		if (v->is_other)
			find(v, TV_AUDIT_OTHER, w, 1,
			     "it is of another vault, and can't be checked with this one");
	}
}

static bool fits_page(const struct verify *v, const struct tv_line *line)
{
	const struct tv_audit_page *p = &v->page;

	return p->n && p->n < TV_AUDIT_PAGE && line->place.n == p->first + p->n &&
	       !memcmp(line->place.epoch, p->epoch, sizeof p->epoch);
}

/* With another page another epoch may begin, which says whose it is. */
static void start_page(struct verify *v, const struct tv_line *line)
{
	struct tv_audit_page *p = &v->page;

	flush(v);
	if (line->has_vault)
		v->is_other = memcmp(line->vault, v->vault, sizeof line->vault) != 0;
	else if (memcmp(line->place.epoch, p->epoch, sizeof p->epoch) != 0)
		v->is_other = false;
	memcpy(p->epoch, line->place.epoch, sizeof p->epoch);
	p->first = line->place.n;
}

static void wait_for_check(struct verify *v, const struct waiting *w)
{
	struct tv_audit_page *p = &v->page;

	if (!fits_page(v, &w->line))
		start_page(v, &w->line);
	tv_line_digest(p->digests[p->n], &w->line);
	memcpy(p->macs[p->n], w->line.place.mac, sizeof *p->macs);
	v->waiting[p->n++] = *w;
}

static void take(struct verify *v, const struct waiting *w)
{
	v->report->n_lines++;
	if (w->line.is_understood && w->line.place.has_epoch) {
		v->has_signed = true;
		wait_for_check(v, w);
		return;
	}
	flush(v);
	if (!w->line.is_understood) {
		reject(v, w, "it is no line of the log");
		return;
	}
	place_loose(v, w);
	find(v, TV_AUDIT_UNSIGNED, w, 1, "it has no MAC, so that anybody may have written it");
}

/* Whether the log ends where the key's state says, or behind it, as after a process that was killed. What was
 * changed is told of already, and stands for what is missing. */
static bool is_whole(const struct verify *v, const struct tv_audit_end *end)
{
	if (!end->has_last || (v->has_last && tv_line_places_are_same(&end->last, &v->last)) ||
	    (v->has_loose && tv_line_places_are_same(&end->last, &v->loose)))
		return true;
	if (!v->has_last)
		return false;
	return (end->has_key && is_same_epoch(&end->next, &v->last) && v->last.n >= end->next.n) ||
	       (is_same_epoch(&end->last, &v->last) && end->last.n > v->last.n &&
		end->last.n - v->last.n <= v->n_bad);
}

/* The key's state says where the log has to end. */
static void check_end(struct verify *v, const struct waiting *w, const struct tv_audit_log *log)
{
	struct tv_audit_end end;
	bool is_counted;

	if (!tv_audit_log_end(&end, log)) {
		if (v->has_signed)
			find(v, TV_AUDIT_NO_KEY, w, 0,
			     "the key's state is missing or broken: whether this is the end is not "
			     "known");
		return;
	}
	is_counted = v->has_last && is_same_epoch(&end.last, &v->last) && end.last.n > v->last.n;
	if (!is_whole(v, &end))
		find(v, TV_AUDIT_CUT, w, is_counted ? end.last.n - v->last.n - v->n_bad : 0,
		     "lines after this one are missing");
}

/* Older files than the oldest one there is may have been rotated away, but not before there are all that are
 * kept. */
static void check_files(struct verify *v, const struct waiting *w, const struct tv_audit_log *log)
{
	if (!tv_audit_log_is_whole(log, v->report->part))
		find(v, TV_AUDIT_REMOVED, w, 0, "files before this one are missing");
}

enum tv_status tv_audit_verify(struct tv_audit_report *out, struct tv_audit_log *log,
			       const unsigned char vault[static TV_ID_BYTES],
			       const struct tv_audit_judge *judge, struct tv_error *err)
{
	struct verify *v = calloc(1, sizeof *v);
	struct waiting w = {0}, first = {0};
	enum tv_status status;
	bool end = false;

	if (!v)
		return tv_fail(err, TV_NO_MEMORY, "for the audit log");
	*out = (struct tv_audit_report){0};
	*v = (struct verify){.judge = judge, .report = out, .vault = vault, .err = err};
	while (!(status = v->status)) {
		status = tv_audit_log_next(&w.line, &end, &w.file, &w.number, log, err);
		if (status || end)
			break;
		w.gap = tv_line_gap(&w.line);
		if (!first.file)
			first = w;
		take(v, &w);
	}
	if (!status) {
		flush(v);
		first.number = 0;
		check_files(v, &first, log);
		check_end(v, &w, log);
		tell(v);
		status = v->status;
	}
	free(v);
	return status;
}
