/* Surfaces: the FUSE sessions, one for each mount, all served by the one loop. */
#ifndef TV_SURFACE_H
#define TV_SURFACE_H

#include "fusefs/fuse.h"
#include "fusefs/loop.h"
#include "fusefs/shown.h"

struct tv_server;

struct tv_surface {
	struct tv_source source;
	struct fuse_session *session;
	struct tv_server *server;
	struct tv_shown *shown; /* NULL: the directory view, or a file that is shown no more */
	bool is_tree;
	bool is_greeted; /* the kernel's first request was understood */
	bool dead;	 /* unmounted; stays while the invalidation thread may be looking at it */
	bool goes_on; /* after what is served just now the next is mostly there already, as where nobody waits for this */
	uint32_t asked_last; /* the thread that did; 0: none */
	/* The inodes that were opened since the kernel was last made to forget, sorted: only these may have pages,
	 * and they may when the directory view does not show them any more. */
	uint64_t *opened;
	size_t n_opened;
	struct tv_surface *next;
};

/* Serves a mount's descriptor, which it takes over also when it fails. shown is NULL for the
 * directory view. */
enum tv_status tv_surface_open(struct tv_surface **out, struct tv_server *server, int fd,
			       struct tv_shown *shown, struct tv_error *err) TV_MUST_CHECK;
/* Before an open is allowed. false: no memory, so that it must not be. */
bool tv_surface_note_open(struct tv_surface *surface, fuse_ino_t ino) TV_MUST_CHECK;
/* What it showed is shown no more; open files keep their bytes. */
void tv_surface_disown(struct tv_surface *surface);
/* Frees those that are dead; not while the invalidation thread is at work. */
void tv_surfaces_bury(struct tv_server *server);

/* The operations, by kind of mount. */
extern const struct fuse_lowlevel_ops tv_file_operations;
extern const struct fuse_lowlevel_ops tv_tree_operations;
/* Common to both. */
void tv_surface_init(void *surface, struct fuse_conn_info *connection);
void tv_surface_statfs(fuse_req_t req, fuse_ino_t ino);

#endif
