/*
 * The vault's file on disk: reading it, and replacing it so that at every moment, through a crash
 * and a full disk, the old bytes or the new ones are there, whole.
 */
#ifndef TV_STORE_H
#define TV_STORE_H

#include <stdbool.h>

#include "vault/secret.h"
#include "vault/status.h"

struct tv_store;

/* For the vault at path (absolute; a symbolic link is followed once, here, so that a save replaces
 * the file and not the link). The file need not exist yet; its directory must. */
enum tv_status tv_store_open(struct tv_store **out, const char *path,
			     struct tv_error *err) TV_MUST_CHECK;
void tv_store_free(struct tv_store *s);
void tv_store_cleanup(struct tv_store **s);
#define tv_auto_store __attribute__((cleanup(tv_store_cleanup))) struct tv_store

/* Takes the lock that all savers share (a file of its own), waiting at most 60 s: TV_BUSY. Not recursive. */
enum tv_status tv_store_lock(struct tv_store *s, struct tv_error *err) TV_MUST_CHECK;
void tv_store_unlock(struct tv_store *s);

/* Under the lock: clears away what a crash between writing and renaming left, the new file or the old one. */
void tv_store_clear(const struct tv_store *s);
/* The same, and makes the new file, which is as before where nothing is committed. tv_store_commit does it where it is
 * not done yet: it takes a while, in which who makes the bytes can be at work. */
enum tv_status tv_store_prepare(struct tv_store *s, struct tv_error *err) TV_MUST_CHECK;

/* Of the bytes that are going to be committed, the first `have` of `whole` are there: what may be written already is. */
void tv_store_take(struct tv_store *s, const unsigned char *data, size_t have, size_t whole);

/* The whole file. TV_NO_VAULT when there is none, TV_DAMAGED when it is larger than a vault can
 * be or no regular file. Needs no lock. */
enum tv_status tv_store_read(struct tv_bytes *out, struct tv_store *s,
			     struct tv_error *err) TV_MUST_CHECK;

/* As much of the file as tells a state of the vault from others: its header, if its length is as that says; else all of it. */
enum tv_status tv_store_read_front(struct tv_bytes *out, struct tv_store *s,
				   struct tv_error *err) TV_MUST_CHECK;
/* TV_NO_VAULT when there is none. */
enum tv_status tv_store_exists(const struct tv_store *s, struct tv_error *err) TV_MUST_CHECK;

enum tv_backup {
	TV_BACKUP_KEEP, /* the old file becomes PATH.bak */
	TV_BACKUP_DROP, /* PATH.bak goes away, first: it holds what was to be forgotten */
};

/* Replaces the file, under the lock. With `fresh` there must be no file yet (TV_EXISTS). When it
 * returns TV_OK the bytes are on the disk, were read back, and the directory is synced. */
enum tv_status tv_store_commit(struct tv_store *s, const struct tv_bytes *file, bool fresh,
			       enum tv_backup backup, struct tv_error *err) TV_MUST_CHECK;
/* The same in two steps: between them everybody sees the new file, which a power cut may still take back. */
enum tv_status tv_store_place(struct tv_store *s, const struct tv_bytes *file, bool fresh,
			      enum tv_backup backup, struct tv_error *err) TV_MUST_CHECK;
enum tv_status tv_store_settle(const struct tv_store *s, struct tv_error *err) TV_MUST_CHECK;

/* A sealed memfd with a copy of bytes, and back: how the keeper hands it to the server. Reading
 * refuses (TV_BAD_VALUE) what is not a memfd sealed against change, so that no reader can be made to
 * wait or to see the bytes move. *fd is the caller's to close. */
enum tv_status tv_memfd_write(int *fd, const struct tv_bytes *bytes,
			      struct tv_error *err) TV_MUST_CHECK;
enum tv_status tv_memfd_read(struct tv_bytes *out, int fd, struct tv_error *err) TV_MUST_CHECK;

#endif
