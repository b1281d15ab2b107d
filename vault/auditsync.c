/* Finds out where in the audit log the key stands. */
#include "vault/auditsync.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOO_LONG 4 /* times what a file is to have at most */

/* Whether the last line is of the key's epoch, and one that the key has not seen. */
static bool is_behind(const struct tv_audit_state *s, const struct tv_line_place *last)
{
	return s->has_key && last->has_epoch && !memcmp(s->epoch, last->epoch, sizeof s->epoch) &&
	       last->n >= s->key.n;
}

static bool is_at(const struct tv_audit_state *s, const struct tv_line_place *last)
{
	return s->has_last && tv_line_places_are_same(&s->last, last);
}

/* What this process knows, unless another one has gone further, as the log shows: one that does not fit
 * it was put there by somebody. */
static bool is_to_be_taken(const struct tv_audit_state *found, const struct tv_audit_state *ours,
			   bool known, const struct tv_line_place *last)
{
	return !known || (!is_at(ours, last) && (is_at(found, last) || is_behind(found, last)));
}

static bool is_next(const struct tv_audit_state *s, const struct tv_line_place *p)
{
	return p->has_epoch && !memcmp(p->epoch, s->epoch, sizeof p->epoch) && p->n == s->key.n;
}

/* Takes a line that the key has not seen yet; false when it is not the next one, or not what was
 * written. */
static bool catch_up(struct tv_audit_state *s, const struct tv_line *line)
{
	unsigned char digest[32], mac[TV_LINE_MAC_BYTES];

	if (!line->is_understood || !is_next(s, &line->place))
		return false;
	tv_line_digest(digest, line);
	tv_ratchet_mac(mac, &s->key, digest);
	if (sodium_memcmp(mac, line->place.mac, sizeof mac))
		return false;
	s->last = line->place;
	s->has_last = true;
	if (line->part)
		s->part = line->part;
	tv_ratchet_to(&s->key, s->key.n + 1);
	return true;
}

/* From the first line of the newest file that the key has not seen, which a process that was killed had
 * written, to the end. */
static bool catch_up_all(struct tv_audit_state *s, const struct tv_bytes *text)
{
	const char *at = (const char *)text->data, *end = at + text->len, *next;
	bool good = false;

	for (; at < end; at = next + 1) {
		struct tv_line line;

		next = memchr(at, '\n', (size_t)(end - at));
		if (!next)
			return false;
		tv_line_look(&line, at, (size_t)(next - at));
		if (!good && !(line.is_understood && is_next(s, &line.place)))
			continue;
		good = catch_up(s, &line);
		if (!good)
			return false;
	}
	return good;
}

static enum tv_status read_newest(struct tv_bytes *out, const struct tv_audit_files *files,
				  struct tv_error *err)
{
	ssize_t n = 0;

	if (!tv_bytes_extend(out, (size_t)files->size))
		return tv_bytes_check(out, err);
	for (size_t at = 0; at < out->len; at += (size_t)n) {
		n = pread(tv_audit_files_reader(files), out->data + at, out->len - at, (off_t)at);
		if (n <= 0)
			return tv_fail(err, TV_IO, "%s/%s: %s", files->directory, files->name,
				       n ? strerror(errno) : "it shrinks");
	}
	return TV_OK;
}

/* Where there is no key lines are only counted. */
static enum tv_gap without_key(struct tv_audit_state *s, const struct tv_line *last)
{
	const bool had_key = last->place.has_epoch;
	const uint64_t part = s->part;

	*s = (struct tv_audit_state){.part = part};
	if (!last->is_understood)
		return last->len ? TV_GAP_CHANGED : TV_GAP_NONE;
	s->has_last = true;
	s->last = last->place;
	s->key.n = had_key ? 0 : last->place.n + 1;
	return had_key ? TV_GAP_KEY : TV_GAP_NONE;
}

static enum tv_status compare(enum tv_gap *gap, struct tv_audit_state *s,
			      const struct tv_line *last, const struct tv_audit_files *files,
			      struct tv_error *err)
{
	tv_auto_bytes text = {0};
	enum tv_status status;

	if (!s->has_key) {
		*gap = without_key(s, last);
		return TV_OK;
	}
	if (!last->len) {
		*gap = s->has_last ? TV_GAP_MISSING : TV_GAP_NONE;
		return TV_OK;
	}
	if (last->is_understood && is_at(s, &last->place))
		return TV_OK;
	if (!last->is_understood || !is_behind(s, &last->place)) {
		*gap = last->is_understood && last->place.n < s->key.n && s->has_last
			       ? TV_GAP_MISSING
			       : TV_GAP_CHANGED;
		return TV_OK;
	}
	/* Nobody who is honest makes it so long; what comes next is written to another one. */
	if (files->size > TOO_LONG * files->most) {
		*gap = TV_GAP_CHANGED;
		return TV_OK;
	}
	status = read_newest(&text, files, err);
	if (!status && !catch_up_all(s, &text))
		*gap = TV_GAP_CHANGED;
	return status;
}

enum tv_status tv_audit_sync(enum tv_gap *gap, struct tv_audit_state *state, bool known,
			     const struct tv_audit_files *files, struct tv_error *err)
{
	struct tv_audit_state found;
	const bool is_found = tv_audit_state_read(&found, files->key);
	tv_auto_bytes text = {0};
	struct tv_line last = {0};
	enum tv_status status = tv_audit_files_last(&text, files, err);

	*gap = TV_GAP_NONE;
	if (!status && text.len)
		tv_line_look(&last, (const char *)text.data, text.len);
	if (!status) {
		if (is_found && is_to_be_taken(&found, state, known, &last.place))
			*state = found;
		status = compare(gap, state, &last, files, err);
	}
	sodium_memzero(&found, sizeof found);
	return status;
}
