/* Small files that are read whole, and replaced so that the old one or the new one is there. */
#ifndef TV_FILE_H
#define TV_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vault/secret.h"
#include "vault/status.h"
#include "vault/temporary.h"

/* What to do about an errno, as the end of an error's detail: "; free some space"; "" if unknown. */
const char *tv_file_remedy(int why);

/* Makes a directory and those above it that are missing, 0700. */
enum tv_status tv_dir_make(const char *path, struct tv_error *err) TV_MUST_CHECK;

/* Writes a new file (0600) that has a temporary name; that goes into temporary. The bytes are on the disk, which gives them
 * back, when this returns TV_OK; else no file is left. */
enum tv_status tv_file_write(char temporary[static TV_TEMPORARY_CHARS], int dirfd, const char *name,
			     const void *data, size_t len, struct tv_error *err) TV_MUST_CHECK;

/* Such a file that is being written. */
struct tv_new_file {
	int fd; /* −1: there is none */
	char temporary[TV_TEMPORARY_CHARS];
	size_t had;	/* bytes, before; 0: it was not there */
	size_t written; /* bytes, ahead of the rest */
	int failed;	/* the errno of the first that could not be; 0: all could */
	int uncleared;	/* the errno of what was left over and stays; 0: nothing does */
};

/* The same in two steps, of which the first one is possible before there are any bytes. Whoever does not go on abandons it. */
enum tv_status tv_file_begin(struct tv_new_file *out, int dirfd, const char *name,
			     struct tv_error *err) TV_MUST_CHECK;
/* For who keeps others from writing name: clears away what is left over, and takes the file that was spared for that instead
 * of a new one, if nobody else has it open. */
enum tv_status tv_file_begin_locked(struct tv_new_file *out, int dirfd, const char *name,
				    struct tv_error *err) TV_MUST_CHECK;
void tv_file_abandon(struct tv_new_file *f, int dirfd, const char *name);
enum tv_status tv_file_end(struct tv_new_file *f, int dirfd, const char *name, const void *data,
			   size_t len, struct tv_error *err) TV_MUST_CHECK;
/* Between the two: of `len` bytes the first `have` are there, and are written where they are many. What fails is told at
 * the end. */
void tv_file_ahead(struct tv_new_file *f, const void *data, size_t have, size_t len);

/* tv_file_write, renamed to name, with the directory synced. */
enum tv_status tv_file_replace(int dirfd, const char *name, const void *data, size_t len,
			       struct tv_error *err) TV_MUST_CHECK;

/* Reads the start of a regular file, at most so many bytes, and tells the size of all. */
enum tv_status tv_file_read_start(struct tv_bytes *out, uint64_t *size, int dirfd, const char *name,
				  size_t most, struct tv_error *err) TV_MUST_CHECK;
/* Reads a regular file whole; TV_DAMAGED beyond limit or for anything but a file. */
enum tv_status tv_file_read(struct tv_bytes *out, int dirfd, const char *name, size_t limit,
			    struct tv_error *err) TV_MUST_CHECK;

#endif
