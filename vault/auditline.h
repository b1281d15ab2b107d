/* Lines of the audit log: the pieces that they are made of, and what is to be seen of one without
 * understanding it. AUDIT.md has the whole. */
#ifndef TV_AUDITLINE_H
#define TV_AUDITLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vault/caller.h"
#include "vault/doc.h"
#include "vault/secret.h"

#define TV_EPOCH_BYTES	   8
#define TV_LINE_MAC_BYTES  16
#define TV_LINE_MAX	   (64 << 10) /* bytes of a line */
#define TV_LINE_EVENT_MAX  (24 << 10) /* of an event's members, without who made it */
#define TV_LINE_CALLER_MAX (32 << 10) /* of who made it */
#define TV_LINE_ENTRIES	   16	      /* that are named in one line */

/* An event's members are a text like `"event":"open","file":"/x"`, which grows by these. A NULL text is null. What is
 * no UTF-8 in a text comes out as \xHH, in characters of which the first is a backslash. A failure sticks
 * to the buffer. */
void tv_line_text(struct tv_bytes *out, const char *key, const char *text);
void tv_line_int(struct tv_bytes *out, const char *key, int64_t number);
void tv_line_bool(struct tv_bytes *out, const char *key, bool truth);
/* The member entries: what each is called, its version's number and since when that is; at most
 * TV_LINE_ENTRIES of them, then `more` is how many there are besides. */
void tv_line_entries(struct tv_bytes *out, const struct tv_entry *const *entries, size_t n);
/* The same where only its name is known. */
void tv_line_entry_name(struct tv_bytes *out, const char *provider, const char *label);
/* The members pid, program, script, ancestors; trouble, where it can't be told. */
void tv_line_caller(struct tv_bytes *out, const struct tv_caller *caller);
/* Whether members that came from elsewhere can be a part of a line: UTF-8 without control characters. */
bool tv_line_is_sound(const char *members, size_t len, size_t most);

/* Which line it is: of what epoch, and which there. */
struct tv_line_place {
	bool has_epoch; /* false: none had begun */
	unsigned char epoch[TV_EPOCH_BYTES];
	uint64_t n;
	bool has_mac;
	unsigned char mac[TV_LINE_MAC_BYTES];
};

/* What can be seen of a line, which is without its line end. */
struct tv_line {
	const char *text;
	size_t len;
	bool is_understood; /* else nothing of what follows is */
	struct tv_line_place place;
	uint64_t part; /* the first of a file's lines says its number; 0: it does not */
	bool has_after;
	bool is_after_none; /* the very first one */
	struct tv_line_place after;
	bool has_vault;
	unsigned char vault[16]; /* whose epoch this is, as its first line says */
	const char *rest;	 /* from its "at" on */
	size_t covered;		 /* bytes that the MAC is for */
};

void tv_line_look(struct tv_line *out, const char *text, size_t len);
/* BLAKE2b-256 of the bytes that the MAC is for. */
void tv_line_digest(unsigned char digest[static 32], const struct tv_line *line);
/* Why the log says itself that it has a gap: "missing", "changed", "key", "unwritten"; NULL: it does not. */
const char *tv_line_gap(const struct tv_line *line);
bool tv_line_places_are_same(const struct tv_line_place *a, const struct tv_line_place *b);

#endif
