/* Open files: what in-place files and the directory view's files have in common. */
#ifndef TV_HANDLE_H
#define TV_HANDLE_H

#include <time.h>

#include "fusefs/fuse.h"
#include "fusefs/shown.h"

struct tv_server;

struct tv_handle {
	struct tv_rendering *rendering;
	struct tv_shown *shown; /* NULL once it is shown no more */
	pid_t pid;		/* who opened it: the thread, and its process */
	struct tv_caller_program opener;
	bool is_foreign;
	bool is_judged; /* opened under rules */
	bool is_past;	/* some of what it holds is not of the entries that are shown there now */
	time_t opened;
	struct tv_handle *next;
	struct tv_handle **link;
};

/* A handle of what is shown, for who asks; 0 or an errno. */
int tv_handle_new(struct tv_handle **out, fuse_req_t req, const struct tv_server *server,
		  struct tv_shown *shown, const struct tv_caller *caller);
void tv_handle_free(struct tv_handle *h);
struct tv_handle *tv_handle_of(const struct fuse_file_info *fi);

/* Replies to getattr (or fills *st) for a file, whose bytes may be those that the asking process has
 * just opened. */
void tv_handle_stat(struct stat *st, fuse_req_t req, const struct tv_server *server,
		    struct tv_shown *shown, fuse_ino_t ino);
/* In opening.c. These reply to the request, now or once it is known who asks. find says what is shown
 * there, then: NULL, it is shown no more. */
void tv_handle_open(fuse_req_t req, struct tv_server *server,
		    struct tv_shown *(*find)(fuse_req_t req, fuse_ino_t ino), fuse_ino_t ino,
		    const struct fuse_file_info *fi);
void tv_handle_read(fuse_req_t req, struct tv_server *server, size_t size, off_t offset,
		    const struct fuse_file_info *fi);
void tv_handle_release(fuse_req_t req, const struct fuse_file_info *fi);

/* What is shown there is going to be other entries' bytes; those who have it open keep theirs. */
void tv_handles_pass(struct tv_shown *shown);
/* The open files of a view that is going away belong to none from now on. */
void tv_handles_orphan(struct tv_shown *shown);

#endif
