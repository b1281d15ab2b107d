/* Opens, reads and closes a view's file: who may, and which bytes they see. */
#include "fusefs/handle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fusefs/autolock.h"
#include "fusefs/server.h"

/* How long a process that opened a file is taken to be asking after what it opened. */
#define FRESH_SECONDS 2

struct tv_handle {
	struct tv_rendering *rendering;
	struct tv_shown *shown; /* NULL once it is shown no more */
	pid_t pid;		/* who opened it */
	time_t opened;
	struct tv_handle *next;
	struct tv_handle **link;
};

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* The kernel asks for a size without saying of which open file. A reader that opens, asks for the
 * size and reads so much would lose the end of its bytes when a change falls in between; so who has
 * just opened the file is told the size of what it opened. */
static uint64_t size_for(pid_t pid, const struct tv_shown *shown)
{
	for (const struct tv_handle *h = shown->handles; h; h = h->next)
		if (h->pid == pid && !h->rendering->wiped && seconds() - h->opened <= FRESH_SECONDS)
			return h->rendering->bytes.len;
	return shown->size;
}

void tv_handle_stat(struct stat *st, fuse_req_t req, const struct tv_server *server,
		    struct tv_shown *shown, fuse_ino_t ino)
{
	uint64_t size;

	if (server->vault)
		tv_shown_follow(shown, tv_vault_doc(server->vault), server->providers);
	size = size_for(fuse_req_ctx(req)->pid, shown);
	*st = (struct stat){
		.st_ino = ino,
		.st_mode = S_IFREG | shown->view.mode,
		.st_nlink = 1,
		.st_uid = server->uid,
		.st_gid = server->gid,
		.st_size = (off_t)size,
		.st_blksize = 4096,
		.st_blocks = (blkcnt_t)((size + 511) / 512),
		.st_atim.tv_sec = shown->view.mtime,
		.st_mtim.tv_sec = shown->view.mtime,
		.st_ctim.tv_sec = shown->view.mtime,
	};
}

/* The bytes of the document as it is: those that somebody holds already, or new ones. */
static int take_rendering(struct tv_rendering **out, const struct tv_server *server,
			  struct tv_shown *shown)
{
	tv_auto_secret bytes = {0};
	enum tv_status status;

	if (shown->current) {
		tv_rendering_hold(shown->current);
		*out = shown->current;
		return 0;
	}
	shown->why.detail[0] = 0;
	status = tv_view_render(&bytes, &shown->view, tv_vault_doc(server->vault),
				server->providers, time(NULL), &shown->why);
	if (status == TV_EXPIRED) {
		shown->why.detail[0] = 0;
		return tv_status_errno(status);
	}
	shown->broken = status ? status : tv_secret_check(&bytes, &shown->why);
	if (shown->broken)
		return tv_status_errno(TV_FAILED);
	*out = tv_rendering_new(&bytes, &shown->current);
	return *out ? 0 : ENOMEM;
}

static int may_open(fuse_req_t req, const struct tv_server *server, const struct tv_shown *shown,
		    int flags)
{
	if (fuse_req_ctx(req)->uid != server->uid)
		return tv_status_errno(TV_REFUSED);
	if ((flags & O_ACCMODE) != O_RDONLY)
		return EROFS;
	if (!shown)
		return ESTALE;
	return server->vault ? 0 : tv_status_errno(TV_LOCKED);
}

static int handle_new(struct tv_handle **out, fuse_req_t req, const struct tv_server *server,
		      struct tv_shown *shown)
{
	struct tv_handle *h = calloc(1, sizeof *h);
	int err = h ? take_rendering(&h->rendering, server, shown) : ENOMEM;

	if (err) {
		free(h);
		return err;
	}
	h->shown = shown;
	h->pid = fuse_req_ctx(req)->pid;
	h->opened = seconds();
	h->next = shown->handles;
	h->link = &shown->handles;
	if (h->next)
		h->next->link = &h->next;
	shown->handles = h;
	*out = h;
	return 0;
}

static void handle_free(struct tv_handle *h)
{
	if (h->shown) {
		*h->link = h->next;
		if (h->next)
			h->next->link = h->link;
	}
	tv_rendering_release(h->rendering);
	free(h);
}

void tv_handle_open(fuse_req_t req, struct tv_server *server, struct tv_shown *shown,
		    struct fuse_file_info *fi)
{
	struct tv_handle *h = NULL;
	int err = may_open(req, server, shown, fi->flags);

	if (!err)
		tv_shown_follow(shown, tv_vault_doc(server->vault), server->providers);
	if (!err)
		err = handle_new(&h, req, server, shown);
	if (err) {
		fuse_reply_err(req, err);
		return;
	}
	tv_autolock_use(server);
	fi->fh = (uintptr_t)h;
	fi->direct_io = 1; /* no plaintext in the page cache */
	fi->keep_cache = 0;
	fi->noflush = 1;
	/* The caller was interrupted and will not close what it never got. */
	if (fuse_reply_open(req, fi))
		handle_free(h);
}

void tv_handle_read(fuse_req_t req, struct tv_server *server, size_t size, off_t offset,
		    const struct fuse_file_info *fi)
{
	const struct tv_rendering *r = ((struct tv_handle *)(uintptr_t)fi->fh)->rendering;
	size_t at = offset < 0 ? 0 : (size_t)offset;

	/* The descriptor may have been handed to another user. */
	if (fuse_req_ctx(req)->uid != server->uid) {
		fuse_reply_err(req, tv_status_errno(TV_REFUSED));
		return;
	}
	if (r->wiped) {
		fuse_reply_err(req, tv_status_errno(TV_LOCKED));
		return;
	}
	tv_autolock_use(server);
	if (at > r->bytes.len)
		at = r->bytes.len;
	if (size > r->bytes.len - at)
		size = r->bytes.len - at;
	fuse_reply_buf(req, size ? (const char *)r->bytes.data + at : NULL, size);
}

void tv_handle_release(fuse_req_t req, const struct fuse_file_info *fi)
{
	handle_free((struct tv_handle *)(uintptr_t)fi->fh);
	fuse_reply_err(req, 0);
}

void tv_handles_orphan(struct tv_shown *shown)
{
	struct tv_handle *next;

	for (struct tv_handle *h = shown->handles; h; h = next) {
		next = h->next;
		h->shown = NULL;
		h->next = NULL;
	}
	shown->handles = NULL;
}
