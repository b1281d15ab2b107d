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
	pid_t pid;		/* who opened it: the thread, and its process */
	struct tv_caller_program opener;
	bool is_foreign;
	bool is_judged; /* opened under rules */
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

static void reply_open(struct tv_asking *a, struct tv_shown *shown, const struct tv_caller *caller)
{
	struct tv_handle *h = NULL;
	struct fuse_file_info fi = a->fi;
	int err = handle_new(&h, a->req, a->server, shown, caller);

	if (err) {
		fuse_reply_err(a->req, err);
		return;
	}
	tv_autolock_use(a->server);
	fi.fh = (uintptr_t)h;
	fi.direct_io = 1; /* no plaintext in the page cache */
	fi.keep_cache = 0;
	fi.noflush = 1;
	/* The caller was interrupted and will not close what it never got. */
	if (fuse_reply_open(a->req, &fi))
		handle_free(h);
}

static void ask(const struct tv_asking *a)
{
	if (!tv_who_ask(a->server, a))
		fuse_reply_err(a->req, ENOMEM);
}

/* What the vault says may have changed since the keeper was asked, and what is to be found out with it:
 * then it is asked once more. */
static bool ask_again(const struct tv_asking *a, const struct tv_shown *shown,
		      const struct tv_caller *caller)
{
	struct tv_asking again = *a;

	tv_view_question(&again.question, &shown->view, tv_vault_doc(a->server->vault));
	if (tv_caller_answers(caller, &again.question))
		return false;
	ask(&again);
	return true;
}

static void open_answered(struct tv_asking *a, const struct tv_caller *caller)
{
	struct tv_server *s = a->server;
	struct tv_shown *shown = a->find(a->req, a->ino);
	const int64_t now = time(NULL);
	struct tv_judgement judgement;
	const struct tv_doc *doc;
	int err = may_open(a->req, s, shown, a->fi.flags);

	if (err) {
		fuse_reply_err(a->req, err);
		return;
	}
	if (ask_again(a, shown, caller))
		return;
	doc = tv_vault_doc(s->vault);
	tv_view_judge(&judgement, &shown->view, doc, s->providers, caller, &s->uses, now, false);
	if (!judgement.is_allowed ||
	    !tv_view_count(&s->uses, &shown->view, doc, s->providers, caller, now)) {
		fuse_reply_err(a->req, tv_status_errno(TV_REFUSED));
		return;
	}
	tv_shown_follow(shown, doc, s->providers);
	reply_open(a, shown, caller);
}

void tv_handle_open(fuse_req_t req, struct tv_server *server,
		    struct tv_shown *(*find)(fuse_req_t req, fuse_ino_t ino), fuse_ino_t ino,
		    const struct fuse_file_info *fi)
{
	struct tv_shown *shown = find(req, ino);
	struct tv_asking a = {.server = server,
			      .req = req,
			      .answered = open_answered,
			      .find = find,
			      .ino = ino,
			      .fi = *fi};
	int err = may_open(req, server, shown, fi->flags);

	if (err) {
		fuse_reply_err(req, err);
		return;
	}
	/* Without rules it is as with a plain file: nobody is looked at, and nothing waits for the keeper. */
	if (!tv_view_question(&a.question, &shown->view, tv_vault_doc(server->vault))) {
		tv_shown_follow(shown, tv_vault_doc(server->vault), server->providers);
		reply_open(&a, shown, &(struct tv_caller){0});
		return;
	}
	a.question.task = fuse_req_ctx(req)->pid;
	ask(&a);
}

static void reply_read(fuse_req_t req, struct tv_server *server, const struct tv_rendering *r,
		       size_t size, off_t offset)
{
	size_t at = offset < 0 ? 0 : (size_t)offset;

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

static struct tv_handle *handle_of(const struct fuse_file_info *fi)
{
	return (struct tv_handle *)(uintptr_t)fi->fh;
}

/* With rules a reader is looked at each time, for it may run another program now. */
static bool has_rules(const struct tv_handle *h, const struct tv_server *server)
{
	struct tv_caller_question ignored;

	return !h->shown ? h->is_judged
			 : tv_view_question(&ignored, &h->shown->view, tv_vault_doc(server->vault));
}

/* Whether it is who opened the file: they may read on, whatever has become of the rules since, as with
 * any file. */
static bool is_opener(const struct tv_handle *h, const struct tv_caller *caller)
{
	return !caller->trouble && tv_caller_is_same(&caller->self, &h->opener) &&
	       (!caller->is_foreign || h->is_foreign);
}

static bool may_read(const struct tv_asking *a, const struct tv_handle *h,
		     const struct tv_caller *caller)
{
	struct tv_server *s = a->server;
	struct tv_judgement judgement;

	if (!h->shown || !s->vault)
		return false;
	tv_view_judge(&judgement, &h->shown->view, tv_vault_doc(s->vault), s->providers, caller,
		      &s->uses, time(NULL), true);
	return judgement.is_allowed;
}

static void read_answered(struct tv_asking *a, const struct tv_caller *caller)
{
	struct tv_handle *h = handle_of(&a->fi);

	if (!is_opener(h, caller)) {
		if (a->server->vault && h->shown && ask_again(a, h->shown, caller))
			return;
		if (!may_read(a, h, caller)) {
			fuse_reply_err(a->req, tv_status_errno(TV_REFUSED));
			return;
		}
	}
	reply_read(a->req, a->server, h->rendering, a->size, a->offset);
}

void tv_handle_read(fuse_req_t req, struct tv_server *server, size_t size, off_t offset,
		    const struct fuse_file_info *fi)
{
	const struct tv_handle *h = handle_of(fi);
	struct tv_asking a = {.server = server,
			      .req = req,
			      .answered = read_answered,
			      .fi = *fi,
			      .size = size,
			      .offset = offset};

	/* The descriptor may have been handed to another user. */
	if (fuse_req_ctx(req)->uid != server->uid) {
		fuse_reply_err(req, tv_status_errno(TV_REFUSED));
		return;
	}
	if (h->rendering->wiped || !server->vault || !has_rules(h, server)) {
		reply_read(req, server, h->rendering, size, offset);
		return;
	}
	/* Nearly always it is who opened it, which takes little to find out. */
	a.question.task = fuse_req_ctx(req)->pid;
	ask(&a);
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
