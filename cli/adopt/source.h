/* A plaintext file on the disk: read it without being led elsewhere, know it again, destroy it. */
#ifndef TV_ADOPT_SOURCE_H
#define TV_ADOPT_SOURCE_H

#include <sys/types.h>

#include "vault/vault.h"

struct tv_source {
	char *path; /* absolute */
	dev_t dev;
	ino_t ino;
	ino_t place; /* of the placeholder that a destruction has put there; 0: none */
	struct tv_secret text;
};

/* Reads a plain file of the user's. TV_NO_ENTRY when there is none: nothing is there, or it is one of
 * our own mounts or placeholders, or empty. TV_IN_THE_WAY when it is to be left alone: the detail says
 * what it is (a link and where it leads, a file with other names, a directory, …). */
enum tv_status tv_source_read(struct tv_source *out, const char *path,
			      struct tv_error *err) TV_MUST_CHECK;
void tv_source_free(struct tv_source *s);
/* Whether it is what a destruction that was cut short leaves: NUL bytes, from the first one on. */
bool tv_source_is_left_over(const struct tv_source *s);
/* Whether it can be taken away: TV_IN_THE_WAY when its directory can't be written to. */
enum tv_status tv_source_check_removable(const struct tv_source *s,
					 struct tv_error *err) TV_MUST_CHECK;
/* Overwrites it with zeros, and takes it away; on the disk when this returns TV_OK. TV_BUSY when it is no
 * longer what was read, or another program has it open, TV_IN_THE_WAY when it can't be taken away; then
 * nothing was done. Where it holds the place, the keeper's kind of placeholder takes the path in the same
 * instant, for a tool that finds no file may make one. */
enum tv_status tv_source_destroy(struct tv_source *s, bool holds_place,
				 struct tv_error *err) TV_MUST_CHECK;
/* Takes away what a destruction that was killed has left beside the path: an empty file, or zeros. A new
 * file that got there is put back where nothing is in its place. */
void tv_source_sweep(const char *path);
/* Removes that placeholder, unless it is mounted over. */
void tv_source_give_up_place(const struct tv_source *s);
/* The first directory between home and the file that others can write to, into out; false: none. */
bool tv_source_is_exposed(char *out, size_t size, const char *home, const char *path);

#endif
