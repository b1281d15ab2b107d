/*
 * The files beside a file by which it is replaced.
 *
 * One of them is spared: what was the backup before a save is kept, hidden, and written over by the next one. That costs
 * neither new space nor the journal of the file system, and nothing is given back that the next one would take again. It has
 * its name only while it can be taken. Whoever takes it gives it that of a new file, and a save that is killed leaves it under
 * that, as what is left over: until the directory is on the disk a power cut may bring back the name that it had before, which
 * may be the vault's.
 */
#ifndef TV_TEMPORARY_H
#define TV_TEMPORARY_H

#include <stdbool.h>
#include <stddef.h>

#include "vault/status.h"

#define TV_TEMPORARY_CHARS 300

/* What a new file is called, so that nobody guesses it: like name, but hidden and with a random end. */
enum tv_status tv_temporary_name(char out[static TV_TEMPORARY_CHARS], const char *name,
				 struct tv_error *err) TV_MUST_CHECK;

/* What a directory's member is called such a file of; false: of nothing. */
bool tv_temporary_of(char name[static TV_TEMPORARY_CHARS], const char *member);
/* Whether a directory's member is such a file of name that nobody goes on with. What is spared is none, while there is what
 * it is spared for. */
bool tv_temporary_is_left_over(int dirfd, const char *member, const char *name);
/* Removes all of those. Only for who keeps others from writing name meanwhile. */
void tv_temporary_clear(int dirfd, const char *name);
/* The same, with what is spared, all but one: the errno of what stays, or 0. */
int tv_temporary_clear_all(int dirfd, const char *name, const char *but);

/*
 * Takes the spare file under a temporary name, for who keeps others from writing name: its descriptor, the caller's, and how
 * long it is; −1: there is none that is ours alone, or somebody has it open, by whatever name it had before. Who opens it from
 * now on waits until it is closed here.
 */
int tv_spare_take(size_t *had, int dirfd, const char *temporary, const char *name);

/* Spares the file that has the temporary name, if it can be taken; else removes it. Only once the directory is on the disk
 * (fsync), or where it was a spare one before. */
void tv_spare_keep(int dirfd, const char *temporary, const char *name);

#endif
