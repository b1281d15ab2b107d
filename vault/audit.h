/*
 * The audit log: who opened what, who was refused, what was locked, unlocked and changed. Lines of JSON, to
 * which are appended; each has a MAC by a key that evolves with it and is erased, so that whoever comes
 * later can't change what was written before and not be found out. AUDIT.md has the whole of it.
 */
#ifndef TV_AUDIT_H
#define TV_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "vault/auditline.h"
#include "vault/header.h"
#include "vault/secret.h"
#include "vault/status.h"

#define TV_AUDIT_FILES	    8 /* NAME.audit, and NAME.audit.1 to .7 */
#define TV_AUDIT_FILE_BYTES ((off_t)16 << 20)

/* Lines have MACs by the keys of an epoch, which whoever opened the vault begins. */
struct tv_audit_epoch {
	unsigned char id[TV_EPOCH_BYTES]; /* random */
	unsigned char vault[TV_ID_BYTES];
	unsigned char key[TV_KEY_BYTES]; /* as tv_doc_epoch_key makes it */
};

struct tv_audit;

/* For the log DIRECTORY/NAME.audit, whose files hold at most most bytes each. Nothing is touched yet. */
enum tv_status tv_audit_open(struct tv_audit **out, const char *directory, const char *name,
			     off_t most, struct tv_error *err) TV_MUST_CHECK;
void tv_audit_free(struct tv_audit *a);

/* What another process needs to write to the log as well: descriptors of its key, to be read and
 * written; of its newest file, to be appended to; and of that to be read, so that neither lets what
 * is there be written over. */
enum { TV_LENT_KEY, TV_LENT_LOG, TV_LENT_TAIL, TV_LENT_ALL };
#define TV_AUDIT_LENT_NONE ((struct tv_audit_lent){{-1, -1, -1}})
struct tv_audit_lent {
	int fd[TV_LENT_ALL];
};

/* The caller's to close. They are to be asked for again every second, or it might go on with a
 * file that was put away. false: there is no log yet, or it lies on a network. */
bool tv_audit_lend(struct tv_audit_lent *out, const struct tv_audit *a);
void tv_audit_lent_close(struct tv_audit_lent *lent);
/* The log by what was lent, which is taken over, also on failure. Nothing is opened, mended or
 * waited for: where one would have to, tv_audit_write fails at once, and what was added is for
 * whoever lent it to write. TV_BUSY: another one is writing just now. */
enum tv_status tv_audit_borrow(struct tv_audit **out, struct tv_audit_lent *lent, off_t most,
			       struct tv_error *err) TV_MUST_CHECK;

/* Adds a line to those that are to be written: the members of an event, and those of who made it or
 * NULL. false: it is no part of a line, or has no room, and is counted as lost. */
bool tv_audit_add(struct tv_audit *a, const struct tv_bytes *event, const struct tv_bytes *caller);
/* The next line is the first one of an epoch. unless_there: only if lines have no key of this vault yet.
 * Lines that were added before are written first. */
void tv_audit_begin(struct tv_audit *a, const struct tv_audit_epoch *epoch, bool unless_there);
/* Writes the lines that were added, and the key that comes after them. TV_IO, TV_BUSY: they are lost, and a
 * line will say how many as soon as one can be written. */
enum tv_status tv_audit_write(struct tv_audit *a, struct tv_error *err) TV_MUST_CHECK;
/* Lines that another could not even pass on. */
void tv_audit_lost(struct tv_audit *a, uint64_t count, const char *why);

/* The log as it is at one moment: rotation and further lines do not disturb those who read it. */
struct tv_audit_log;

enum tv_status tv_audit_log_open(struct tv_audit_log **out, const char *directory, const char *name,
				 struct tv_error *err) TV_MUST_CHECK;
void tv_audit_log_free(struct tv_audit_log *log);
/* The next line, oldest first; its text is good until the next call. *file is the name of the file that it is
 * in, and *number which line there it is, from 1. *end: there is none. */
enum tv_status tv_audit_log_next(struct tv_line *line, bool *end, const char **file,
				 uint64_t *number, struct tv_audit_log *log,
				 struct tv_error *err) TV_MUST_CHECK;
/* Where the key's state says that the log ends. */
struct tv_audit_end {
	bool has_last;
	struct tv_line_place last; /* the last line, or one before it: lines are written first */
	bool has_key;
	struct tv_line_place next; /* the first one that the key has not seen */
};

/* false where there is no such state. */
bool tv_audit_log_end(struct tv_audit_end *out, const struct tv_audit_log *log);
/* Whether there are as many files as there have to be when the oldest one has this number. */
bool tv_audit_log_is_whole(const struct tv_audit_log *log, uint64_t part);

#endif
