/* The open files: which bytes each has, and how large a file seems to whom. */
#include "fusefs/handle.h"

#include <errno.h>
#include <stdlib.h>

#include "fusefs/server.h"
#include "fusefs/surface.h"

/* How long a process that opened a file is taken to be asking after what it opened. */
#define FRESH_SECONDS 2

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
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
	const struct tv_doc *doc = tv_vault_doc(server->vault);
	const int64_t now = time(NULL);
	struct tv_error why = {""};
	tv_auto_secret bytes = {0};
	enum tv_status status;

	if (shown->current) {
		tv_rendering_hold(shown->current);
		*out = shown->current;
		return 0;
	}
	status = tv_view_render(&bytes, &shown->view, doc, server->providers, now, &why);
	if (!status)
		status = tv_secret_check(&bytes, &why);
	tv_shown_say(&shown->why, status == TV_EXPIRED ? "" : why.detail);
	if (status == TV_EXPIRED)
		return tv_status_errno(status);
	shown->broken = status;
	if (shown->broken)
		return tv_status_errno(TV_FAILED);
	/* They are kept until then. By the clock of when it was measured that may have been over. */
	shown->stale_at = tv_view_changes_at(&shown->view, doc, server->providers, now);
	*out = tv_rendering_new(&bytes, &shown->current);
	return *out ? 0 : ENOMEM;
}

int tv_handle_new(struct tv_handle **out, fuse_req_t req, const struct tv_server *server,
		  struct tv_shown *shown, const struct tv_caller *caller)
{
	struct tv_handle *h = calloc(1, sizeof *h);
	int err = h ? take_rendering(&h->rendering, server, shown) : ENOMEM;

	if (err) {
		free(h);
		return err;
	}
	h->shown = shown;
	h->pid = fuse_req_ctx(req)->pid;
	h->opener = caller->self;
	h->is_foreign = caller->is_foreign;
	h->is_judged = caller->self.pid != 0;
	h->opened = seconds();
	h->next = shown->handles;
	h->link = &shown->handles;
	if (h->next)
		h->next->link = &h->next;
	shown->handles = h;
	*out = h;
	return 0;
}

void tv_handle_free(struct tv_handle *h)
{
	if (h->shown) {
		*h->link = h->next;
		if (h->next)
			h->next->link = h->link;
	}
	tv_rendering_release(h->rendering);
	free(h);
}

struct tv_handle *tv_handle_of(const struct fuse_file_info *fi)
{
	return (struct tv_handle *)(uintptr_t)fi->fh;
}

void tv_handle_release(fuse_req_t req, const struct fuse_file_info *fi)
{
	struct tv_surface *surface = fuse_req_userdata(req);

	surface->goes_on = true;
	tv_handle_free(tv_handle_of(fi));
	fuse_reply_err(req, 0);
}

void tv_handles_pass(struct tv_shown *shown)
{
	for (struct tv_handle *h = shown->handles; h; h = h->next)
		h->is_past = true;
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
