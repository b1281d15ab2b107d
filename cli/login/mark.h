/* How text of ours in files of others is known again: by a line that says whose it is, and what it was. */
#ifndef TV_MARK_H
#define TV_MARK_H

#include <stdbool.h>
#include <stddef.h>

#include "vault/vault.h"

/* Where ours is in a file: bytes from up to to. */
struct tv_marked {
	bool is_there;
	bool is_unchanged; /* as it was written */
	bool made_file;	   /* a block's file was made for it */
	size_t from, to;
};

/* The text as it is written to a file that is all ours; as a block in a file that there was, or that is made
 * for it. Appends. */
void tv_mark_file(struct tv_bytes *out, const char *text);
void tv_mark_block(struct tv_bytes *out, const char *name, const char *text, bool makes_file);
/* Whether the file was made for a block of ours, be it another one's. */
bool tv_mark_made(const struct tv_bytes *file);
/* Finds it again. */
struct tv_marked tv_mark_find_file(const struct tv_bytes *file);
struct tv_marked tv_mark_find_block(const struct tv_bytes *file, const char *name);

#endif
