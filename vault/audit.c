/* Writes the audit log: lines come in, and go out in batches under the lock, before the key that follows. */
#include "vault/audit.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vault/auditsync.h"
#include "vault/when.h"

struct tv_audit {
	struct tv_audit_files files;
	struct tv_audit_state state;
	bool is_known;	       /* the state is */
	struct tv_bytes lines; /* from their "at" on, each with a line end */
	size_t n_lines;
	struct tv_bytes out;
	bool is_begin; /* an epoch is to begin with the first of them */
	bool is_begin_unless_there;
	struct tv_audit_epoch epoch;
	enum tv_gap gap; /* that is to be said */
	uint64_t lost;	 /* lines that could not be written since the last one that could */
	char lost_why[160];
	int64_t lost_at;
};

enum tv_status tv_audit_open(struct tv_audit **out, const char *directory, const char *name,
			     off_t most, struct tv_error *err)
{
	struct tv_audit *a = calloc(1, sizeof *a);
	enum tv_status status;

	if (!a)
		return tv_fail(err, TV_NO_MEMORY, "for the audit log");
	status = tv_audit_files_start(&a->files, directory, name, most, err);
	if (status) {
		tv_audit_free(a);
		return status;
	}
	*out = a;
	return TV_OK;
}

bool tv_audit_lend(struct tv_audit_lent *out, const struct tv_audit *a)
{
	return tv_audit_files_lend(out, &a->files);
}

enum tv_status tv_audit_borrow(struct tv_audit **out, struct tv_audit_lent *lent, off_t most,
			       struct tv_error *err)
{
	struct tv_audit *a = calloc(1, sizeof *a);
	enum tv_status status;

	if (!a) {
		tv_audit_lent_close(lent);
		return tv_fail(err, TV_NO_MEMORY, "for the audit log");
	}
	status = tv_audit_files_borrow(&a->files, lent, most, err);
	*lent = TV_AUDIT_LENT_NONE;
	if (status)
		tv_audit_free(a);
	else
		*out = a;
	return status;
}

void tv_audit_free(struct tv_audit *a)
{
	if (!a)
		return;
	tv_audit_files_free(&a->files);
	tv_bytes_free(&a->lines);
	tv_bytes_free(&a->out);
	sodium_memzero(a, sizeof *a);
	free(a);
}

static void put(struct tv_bytes *out, const char *text)
{
	tv_bytes_append(out, text, strlen(text));
}

/* "2027-08-19T00:18:59.123Z" */
static void put_now(struct tv_bytes *out)
{
	char text[TV_WHEN_CHARS + 8], second[TV_WHEN_CHARS];
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	tv_when_print(second, now.tv_sec);
	snprintf(text, sizeof text, "%.19s.%03dZ", second, (int)(now.tv_nsec / 1000000) % 1000);
	tv_line_text(out, "at", text);
}

/* What can't be written by what was lent is for whoever has lent it. */
void tv_audit_lost(struct tv_audit *a, uint64_t count, const char *why)
{
	if (a->files.is_lent)
		return;
	if (!a->lost)
		a->lost_at = time(NULL);
	a->lost += count;
	snprintf(a->lost_why, sizeof a->lost_why, "%s", why);
}

bool tv_audit_add(struct tv_audit *a, const struct tv_bytes *event, const struct tv_bytes *caller)
{
	const size_t before = a->lines.len;

	if (event->failed || (caller && caller->failed) ||
	    !tv_line_is_sound((const char *)event->data, event->len, TV_LINE_EVENT_MAX) ||
	    (caller &&
	     !tv_line_is_sound((const char *)caller->data, caller->len, TV_LINE_CALLER_MAX))) {
		tv_audit_lost(a, 1, "it can't stand in a line");
		return false;
	}
	put_now(&a->lines);
	put(&a->lines, ",");
	tv_bytes_append(&a->lines, event->data, event->len);
	if (caller) {
		put(&a->lines, ",");
		tv_bytes_append(&a->lines, caller->data, caller->len);
	}
	put(&a->lines, "\n");
	if (!a->lines.failed) {
		a->n_lines++;
		return true;
	}
	a->lines.failed = false;
	a->lines.len = before;
	tv_audit_lost(a, 1, "there was no memory for it");
	return false;
}

void tv_audit_begin(struct tv_audit *a, const struct tv_audit_epoch *epoch, bool unless_there)
{
	struct tv_error ignored;

	/* What can't be written is counted. */
	if (a->n_lines && tv_audit_write(a, &ignored))
		a->n_lines = 0;
	a->is_begin = true;
	a->is_begin_unless_there = unless_there;
	a->epoch = *epoch;
}

static void put_hex(struct tv_bytes *out, const char *key, const unsigned char *data, size_t len)
{
	char hex[2 * TV_ID_BYTES + 1];

	sodium_bin2hex(hex, sizeof hex, data, len);
	tv_line_text(out, key, hex);
}

static void put_place(struct tv_bytes *out, const struct tv_line_place *p)
{
	put(out, "{");
	if (p->has_epoch)
		put_hex(out, "epoch", p->epoch, sizeof p->epoch);
	else
		tv_line_text(out, "epoch", NULL);
	tv_line_int(out, "n", (int64_t)p->n);
	if (p->has_mac)
		put_hex(out, "mac", p->mac, sizeof p->mac);
}

/* What the first line of an epoch says: which line was before it, and whose vault this is. */
static void put_beginning(struct tv_bytes *out, const struct tv_audit_state *s)
{
	put(out, ",\"after\":");
	if (s->has_last)
		put_place(out, &s->last);
	put(out, s->has_last ? "}" : "null");
	put_hex(out, "vault", s->vault, sizeof s->vault);
}

static void put_mac(struct tv_bytes *out, size_t start, struct tv_line_place *place,
		    const struct tv_audit_state *s)
{
	unsigned char digest[32];

	if (out->failed)
		return;
	crypto_generichash(digest, sizeof digest, out->data + start, out->len - start, NULL, 0);
	tv_ratchet_mac(place->mac, &s->key, digest);
	place->has_mac = true;
	put_hex(out, "mac", place->mac, sizeof place->mac);
}

/* A line from its "at" on; the state moves on to the next one. */
static void put_line(struct tv_bytes *out, struct tv_audit_state *s, bool is_first_of_file,
		     const char *text, size_t len)
{
	struct tv_line_place place = {.has_epoch = s->has_key, .n = s->key.n};
	const size_t start = out->len;

	memcpy(place.epoch, s->epoch, sizeof place.epoch);
	put_place(out, &place);
	if (is_first_of_file)
		tv_line_int(out, "part", (int64_t)++s->part);
	if (s->has_key && !s->key.n)
		put_beginning(out, s);
	put(out, ",");
	tv_bytes_append(out, text, len);
	if (s->has_key)
		put_mac(out, start, &place, s);
	put(out, "}\n");
	s->last = place;
	s->has_last = true;
	if (s->has_key)
		tv_ratchet_to(&s->key, s->key.n + 1);
	else
		s->key.n++;
}

/* What is to be said before anything else: that lines are missing. */
static void put_gaps(struct tv_audit *a, struct tv_audit_state *s, bool is_first_of_file)
{
	static const char *const words[] = {
		[TV_GAP_MISSING] = "missing", [TV_GAP_CHANGED] = "changed", [TV_GAP_KEY] = "key"};
	char since[TV_WHEN_CHARS];
	tv_auto_bytes text = {0};

	if (a->gap) {
		put_now(&text);
		tv_line_text(&text, "event", "gap");
		tv_line_text(&text, "why", words[a->gap]);
		put_line(&a->out, s, is_first_of_file, (const char *)text.data, text.len);
		is_first_of_file = false;
	}
	if (!a->lost)
		return;
	text.len = 0;
	put_now(&text);
	tv_line_text(&text, "event", "gap");
	tv_line_text(&text, "why", "unwritten");
	tv_line_int(&text, "count", (int64_t)a->lost);
	tv_when_print(since, a->lost_at);
	tv_line_text(&text, "since", since);
	tv_line_text(&text, "detail", a->lost_why);
	put_line(&a->out, s, is_first_of_file, (const char *)text.data, text.len);
}

static void start_epoch(struct tv_audit *a, struct tv_audit_state *s)
{
	s->has_key = true;
	memcpy(s->epoch, a->epoch.id, sizeof s->epoch);
	memcpy(s->vault, a->epoch.vault, sizeof s->vault);
	tv_ratchet_start(&s->key, a->epoch.key);
}

/* All lines. A gap is said under a key where there is one. */
static void compose(struct tv_audit *a, struct tv_audit_state *s)
{
	bool is_first = !a->files.size;
	bool is_gap_later = a->is_begin && !s->has_key;
	const char *at = (const char *)a->lines.data, *end = at + a->lines.len, *next;

	a->out.len = 0;
	if (!is_gap_later) {
		put_gaps(a, s, is_first);
		is_first = is_first && !a->out.len;
	}
	if (a->is_begin)
		start_epoch(a, s);
	for (; at < end; at = next + 1) {
		next = memchr(at, '\n', (size_t)(end - at));
		put_line(&a->out, s, is_first, at, (size_t)(next - at));
		if (is_gap_later)
			put_gaps(a, s, false);
		is_first = is_gap_later = false;
	}
}

/* A key that has begun is on the disk before its first line is: whatever comes in between, the one fits
 * the other. */
static enum tv_status announce(struct tv_audit *a, struct tv_error *err)
{
	struct tv_audit_state begun = a->state;
	bool good;

	if (!a->is_begin)
		return TV_OK;
	start_epoch(a, &begun);
	good = tv_audit_state_write(a->files.key, &begun);
	sodium_memzero(&begun, sizeof begun);
	return good ? TV_OK
		    : tv_fail(err, TV_IO, "%s/%s.key can't be written: %s", a->files.directory,
			      a->files.name, strerror(errno));
}

#define HEAD_BYTES 320 /* at most, of a line before its "at" and behind its end */

/* Where it can't be, a file that grows is better than lines that are lost. */
static enum tv_status rotate_if_full(struct tv_audit *a, struct tv_error *err)
{
	const off_t more = (off_t)(a->lines.len + (a->n_lines + 2) * HEAD_BYTES);
	enum tv_status status;

	if (!a->files.size || a->files.size + more <= a->files.most)
		return TV_OK;
	status = tv_audit_files_rotate(&a->files, err);
	return a->files.log < 0 ? status : TV_OK;
}

/* With the lock held. */
static enum tv_status write_lines(struct tv_audit *a, struct tv_error *err)
{
	struct tv_audit_state s;
	enum tv_status status = rotate_if_full(a, err);

	if (a->is_begin_unless_there && a->state.has_key &&
	    !memcmp(a->state.vault, a->epoch.vault, sizeof a->state.vault))
		a->is_begin = false;
	if (!status)
		status = announce(a, err);
	if (status)
		return status;
	s = a->state;
	compose(a, &s);
	status = tv_bytes_check(&a->out, err);
	a->out.failed = false;
	if (!status)
		status = tv_audit_files_append(&a->files, &a->out, err);
	if (!status) {
		a->state = s;
		a->lost = 0;
		a->gap = TV_GAP_NONE;
		a->is_begin = false;
		sodium_memzero(&a->epoch, sizeof a->epoch);
	}
	sodium_memzero(&s, sizeof s);
	return status;
}

/* Where what was lent is not where the key is, whoever has lent it finds out why. */
static enum tv_status catch_up_lent(struct tv_audit *a, struct tv_error *err)
{
	enum tv_gap gap = TV_GAP_NONE;
	enum tv_status status;

	if (a->is_known && tv_audit_files_are_ours(&a->files))
		return TV_OK;
	status = tv_audit_files_reopen(&a->files, err);
	if (!status)
		status = tv_audit_sync(&gap, &a->state, false, &a->files, err);
	if (!status && gap)
		status = tv_fail(err, TV_IO, "the key does not fit it");
	a->is_known = !status;
	return status;
}

static enum tv_status catch_up(struct tv_audit *a, struct tv_error *err)
{
	enum tv_gap gap = TV_GAP_NONE;
	enum tv_status status;

	if (a->files.is_lent)
		return catch_up_lent(a, err);
	if (a->is_known && tv_audit_files_are_ours(&a->files))
		return TV_OK;
	status = tv_audit_files_reopen(&a->files, err);
	if (!status)
		status = tv_audit_sync(&gap, &a->state, a->is_known, &a->files, err);
	a->is_known = a->is_known || !status;
	if (gap)
		a->gap = gap;
	return status;
}

/* What was lent can't be written to any more: the lines are there, and the key comes after them with the next ones. */
static bool leave(struct tv_audit_files *f)
{
	if (f->is_lent)
		tv_audit_files_close(f);
	return f->is_lent;
}

enum tv_status tv_audit_write(struct tv_audit *a, struct tv_error *err)
{
	struct tv_error why = {""};
	enum tv_status status;

	if (!a->n_lines)
		return TV_OK;
	status = tv_audit_files_lock(&a->files, &why);
	if (!status) {
		status = catch_up(a, &why);
		if (!status)
			status = write_lines(a, &why);
		if (status)
			tv_audit_lost(a, a->n_lines, why.detail);
		else if (!tv_audit_state_write(a->files.key, &a->state) && !leave(&a->files))
			status = tv_fail(&why, TV_IO, "%s/%s.key can't be written: %s",
					 a->files.directory, a->files.name, strerror(errno));
		tv_audit_files_unlock(&a->files);
	} else {
		tv_audit_lost(a, a->n_lines, why.detail);
	}
	a->lines.len = 0;
	a->n_lines = 0;
	return status ? tv_fail(err, status, "%s", why.detail) : TV_OK;
}
