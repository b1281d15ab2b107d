/*
 * The journal: what we made on the user's disk, so that exactly this is taken away again, also by the
 * next run after this one was killed. Each record is a letter (d: directory, f: placeholder, w: directory
 * to be removed with all that is in it, o: directory in which an overlay may leave traces, m: the same,
 * which the overlay may make, too), an absolute path and a NUL, appended by one write(2) before the thing
 * is made; a torn last record is thus of nothing that exists.
 */
#ifndef TV_JOURNAL_H
#define TV_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "vault/vault.h"

struct tv_made {
	char kind;
	char *path;
};

struct tv_journal {
	const char *path; /* the caller's */
	struct tv_made *made;
	size_t count;
	bool is_ending; /* all of it is being undone: the file is written once, at the end */
};

/* Reads what an earlier run left; a missing file is an empty journal. */
enum tv_status tv_journal_load(struct tv_journal *j, const char *path,
			       struct tv_error *err) TV_MUST_CHECK;
void tv_journal_free(struct tv_journal *j);

enum tv_status tv_journal_add(struct tv_journal *j, char kind, const char *path,
			      struct tv_error *err) TV_MUST_CHECK;
bool tv_journal_has(const struct tv_journal *j, char kind, const char *path);
/* Makes a directory, 0700, and records it. */
enum tv_status tv_journal_make(struct tv_journal *j, const char *path,
			       struct tv_error *err) TV_MUST_CHECK;
/* Strikes a placeholder, which is gone, and removes those of our directories above it that have
 * become empty. */
void tv_journal_strike(struct tv_journal *j, const char *path);
/* Removes everything that is recorded, is still as we made it, and but for w is empty. */
void tv_journal_undo(struct tv_journal *j);

/* Whether a thing at a path is one of our placeholders: an empty file of ours that nobody can read. */
bool tv_is_placeholder(const struct stat *st);

#endif
