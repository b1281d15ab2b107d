/* Prints lines of the audit log, with no JSON value in between: there are thousands a second. */
#include "vault/auditline.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "vault/utf8.h"
#include "vault/when.h"

static void put(struct tv_bytes *out, const char *text)
{
	tv_bytes_append(out, text, strlen(text));
}

/* What can stand in a JSON string as it is. */
static size_t plain(const char *text)
{
	const char *at = text;

	while ((unsigned char)*at >= ' ' && (unsigned char)*at < 0x7f && *at != '"' && *at != '\\')
		at++;
	return (size_t)(at - text);
}

/* One that can't: its length, and what is to stand there in its place. */
static size_t escape(char out[static 8], const char *text)
{
	const size_t len = tv_utf8_length(text);
	const unsigned char c = (unsigned char)*text;

	if (len > 1) {
		memcpy(out, text, len);
		out[len] = 0;
		return len;
	}
	if (c == '"' || c == '\\')
		snprintf(out, 8, "\\%c", c);
	else
		snprintf(out, 8, len ? "\\u%04x" : "\\\\x%02x", c);
	return 1;
}

static void quote(struct tv_bytes *out, const char *text)
{
	char other[8];

	put(out, "\"");
	for (;;) {
		const size_t len = plain(text);

		tv_bytes_append(out, text, len);
		text += len;
		if (!*text)
			break;
		text += escape(other, text);
		put(out, other);
	}
	put(out, "\"");
}

static void put_key(struct tv_bytes *out, const char *key)
{
	const unsigned char last = out->len ? out->data[out->len - 1] : '{';

	put(out, last == '{' || last == '\n' ? "\"" : ",\"");
	put(out, key);
	put(out, "\":");
}

void tv_line_text(struct tv_bytes *out, const char *key, const char *text)
{
	put_key(out, key);
	if (text)
		quote(out, text);
	else
		put(out, "null");
}

void tv_line_int(struct tv_bytes *out, const char *key, int64_t number)
{
	char text[24];

	snprintf(text, sizeof text, "%lld", (long long)number);
	put_key(out, key);
	put(out, text);
}

void tv_line_bool(struct tv_bytes *out, const char *key, bool truth)
{
	put_key(out, key);
	put(out, truth ? "true" : "false");
}

static void put_entry(struct tv_bytes *out, const struct tv_entry *e)
{
	char name[32 + 1 + TV_LABEL_MAX + 1], id[9], since[TV_WHEN_CHARS];

	snprintf(name, sizeof name, "%s/%s", e->provider, e->now.label);
	snprintf(id, sizeof id, "%.8s", e->id);
	tv_when_print(since, e->now.since);
	put(out, "{");
	tv_line_text(out, "entry", name);
	tv_line_text(out, "id", id);
	tv_line_int(out, "version", (int64_t)e->n_history + 1);
	tv_line_text(out, "since", e->now.since ? since : NULL);
	put(out, "}");
}

void tv_line_entries(struct tv_bytes *out, const struct tv_entry *const *entries, size_t n)
{
	put_key(out, "entries");
	put(out, "[");
	for (size_t i = 0; i < n && i < TV_LINE_ENTRIES; i++) {
		put(out, i ? "," : "");
		put_entry(out, entries[i]);
	}
	put(out, "]");
	if (n > TV_LINE_ENTRIES)
		tv_line_int(out, "more", (int64_t)(n - TV_LINE_ENTRIES));
}

void tv_line_entry_name(struct tv_bytes *out, const char *provider, const char *label)
{
	char name[32 + 1 + TV_LABEL_MAX + 1];

	snprintf(name, sizeof name, "%s/%s", provider, label);
	put_key(out, "entries");
	put(out, "[{");
	tv_line_text(out, "entry", name);
	put(out, "}]");
}

static const char *text_or_null(const struct tv_caller *c, uint16_t at)
{
	return at ? tv_caller_text(c, at) : NULL;
}

static void put_program(struct tv_bytes *out, const struct tv_caller *c,
			const struct tv_caller_program *p)
{
	tv_line_int(out, "pid", p->pid);
	tv_line_text(out, "program", text_or_null(c, p->path));
	/* Of another user's process no more is known than its name. */
	if (!p->path && p->name)
		tv_line_text(out, "name", tv_caller_text(c, p->name));
	if (*tv_caller_script(c, p))
		tv_line_text(out, "script", tv_caller_script(c, p));
	else if (p == &c->self)
		tv_line_text(out, "script", NULL);
}

void tv_line_caller(struct tv_bytes *out, const struct tv_caller *c)
{
	put_program(out, c, &c->self);
	if (c->trouble)
		tv_line_text(out, "trouble", tv_caller_words(c->trouble));
	put_key(out, "ancestors");
	put(out, "[");
	for (size_t i = 0; i < c->n_ancestors; i++) {
		put(out, i ? ",{" : "{");
		put_program(out, c, &c->ancestors[i]);
		put(out, "}");
	}
	put(out, "]");
	if (c->is_foreign)
		tv_line_bool(out, "foreign", true);
}

bool tv_line_is_sound(const char *members, size_t len, size_t most)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)members[i] < ' ')
			return false;
	return len && len <= most && tv_utf8_is_valid(members, len);
}

/* Reads what stands there as it was printed, byte for byte: anything else is not understood. */
struct cursor {
	const char *at;
	const char *end;
	bool good;
};

static bool take(struct cursor *c, const char *text)
{
	const size_t len = strlen(text);

	if (!c->good || (size_t)(c->end - c->at) < len || memcmp(c->at, text, len) != 0)
		return false;
	c->at += len;
	return true;
}

static void need(struct cursor *c, const char *text)
{
	c->good = take(c, text);
}

static void take_hex(unsigned char *out, struct cursor *c, size_t len)
{
	const char *end = NULL;
	size_t got = 0;

	c->good = c->good && (size_t)(c->end - c->at) >= 2 * len &&
		  !sodium_hex2bin(out, len, c->at, 2 * len, NULL, &got, &end) && got == len;
	for (size_t i = 0; c->good && i < 2 * len; i++)
		c->good = c->at[i] < 'A' || c->at[i] > 'F';
	if (c->good)
		c->at += 2 * len;
}

/* Without zeroes in front, and below 2^53. */
static uint64_t take_number(struct cursor *c)
{
	const char *start = c->at;
	uint64_t n = 0;

	while (c->good && c->at < c->end && *c->at >= '0' && *c->at <= '9' && n < 1ULL << 49)
		n = 10 * n + (uint64_t)(*c->at++ - '0');
	c->good = c->good && c->at > start && (*start != '0' || c->at == start + 1);
	return n;
}

static void take_place(struct tv_line_place *p, struct cursor *c)
{
	if (take(c, "\"epoch\":null,\"n\":")) {
		p->n = take_number(c);
		return;
	}
	p->has_epoch = true;
	need(c, "\"epoch\":\"");
	take_hex(p->epoch, c, sizeof p->epoch);
	need(c, "\",\"n\":");
	p->n = take_number(c);
}

static void take_mac(struct tv_line_place *p, struct cursor *c)
{
	need(c, ",\"mac\":\"");
	take_hex(p->mac, c, sizeof p->mac);
	need(c, "\"");
	p->has_mac = true;
}

/* What the line before it was, as the first line of an epoch says. */
static void take_after(struct tv_line *line, struct cursor *c)
{
	line->has_after = true;
	line->is_after_none = take(c, "null");
	if (line->is_after_none)
		return;
	need(c, "{");
	take_place(&line->after, c);
	if (line->after.has_epoch)
		take_mac(&line->after, c);
	need(c, "}");
}

#define MAC_PART (8 + 2 * TV_LINE_MAC_BYTES + 2) /* ,"mac":"…"} */

void tv_line_look(struct tv_line *out, const char *text, size_t len)
{
	struct cursor c = {text, text + len, true};
	struct cursor end = {len < MAC_PART ? text : text + len - MAC_PART, text + len, true};

	*out = (struct tv_line){.text = text, .len = len};
	need(&c, "{");
	take_place(&out->place, &c);
	if (take(&c, ",\"part\":"))
		out->part = take_number(&c);
	if (take(&c, ",\"after\":"))
		take_after(out, &c);
	out->has_vault = take(&c, ",\"vault\":\"");
	if (out->has_vault) {
		take_hex(out->vault, &c, sizeof out->vault);
		need(&c, "\"");
	}
	out->rest = c.at + 1;
	need(&c, ",\"at\":\"");
	out->covered = len - 1;
	if (c.good && out->place.has_epoch) {
		end.good = end.at >= c.at;
		take_mac(&out->place, &end);
		need(&end, "}");
		c.good = end.good && end.at == end.end;
		out->covered = len - MAC_PART;
	}
	out->is_understood = c.good && len <= TV_LINE_MAX && text[len - 1] == '}';
}

void tv_line_digest(unsigned char digest[static 32], const struct tv_line *line)
{
	crypto_generichash(digest, 32, (const unsigned char *)line->text, line->covered, NULL, 0);
}

const char *tv_line_gap(const struct tv_line *line)
{
	static const char *const all[] = {"missing", "changed", "key", "unwritten"};
	struct cursor c = {line->rest, line->text + line->covered, line->is_understood};

	/* "at":"2027-08-19T00:18:59.123Z", */
	if (!c.good || c.end - c.at < 32)
		return NULL;
	c.at += 31;
	if (!take(&c, ",\"event\":\"gap\",\"why\":\""))
		return NULL;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (take(&c, all[i]))
			return all[i];
	return NULL;
}

bool tv_line_places_are_same(const struct tv_line_place *a, const struct tv_line_place *b)
{
	return a->has_epoch == b->has_epoch && a->n == b->n && a->has_mac == b->has_mac &&
	       (!a->has_epoch || !memcmp(a->epoch, b->epoch, sizeof a->epoch)) &&
	       (!a->has_mac || !memcmp(a->mac, b->mac, sizeof a->mac));
}
