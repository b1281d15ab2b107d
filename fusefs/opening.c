/* Opening and reading a view's file: who may, now or once the keeper has said who asks. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fusefs/autolock.h"
#include "fusefs/handle.h"
#include "fusefs/opening.h"
#include "fusefs/record.h"
#include "fusefs/server.h"
#include "fusefs/surface.h"

static const char stranger[] = "it is not of the run's making";
static const char locked[] = "the vault is locked";
/* Where there are no rules nobody has to be known. */
static const struct tv_caller nobody;

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

static void replace(char **to, const char *text)
{
	if (*to && !strcmp(*to, text))
		return;
	free(*to);
	*to = *text ? strdup(text) : NULL;
}

/* Who has it now: for `status`. */
static void note_last(struct tv_shown *shown, fuse_req_t req, const struct tv_caller *caller)
{
	shown->last.at = time(NULL);
	shown->last.pid = caller->self.pid ? caller->self.pid : fuse_req_ctx(req)->pid;
	replace(&shown->last.program, tv_caller_text(caller, caller->self.path));
	replace(&shown->last.script, tv_caller_text(caller, caller->self.script));
}

/* Takes the handle over. */
static void give(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info fi, struct tv_handle *h,
		 const struct tv_caller *caller)
{
	struct tv_surface *surface = fuse_req_userdata(req);

	if (!tv_surface_note_open(surface, ino)) {
		fuse_reply_err(req, ENOMEM);
		tv_handle_free(h);
		return;
	}
	tv_autolock_use(surface->server);
	if (h->shown)
		note_last(h->shown, req, caller);
	fi.fh = (uintptr_t)h;
	fi.direct_io = 1; /* no plaintext in the page cache */
	fi.keep_cache = 0;
	fi.noflush = 1;
	/* The caller was interrupted and will not close what it never got. */
	if (fuse_reply_open(req, &fi))
		tv_handle_free(h);
}

static void reply_open(struct tv_asking *a, const struct tv_caller *caller)
{
	struct tv_handle *h = a->handle;

	a->handle = NULL;
	give(a->req, a->ino, a->fi, h, caller);
}

static void reply_err(struct tv_asking *a, const struct tv_caller *caller)
{
	(void)caller;
	fuse_reply_err(a->req, a->err);
}

/* The line is written before the answer is given. */
static void refuse(const struct tv_asking *open, const char *event, struct tv_shown *shown, int err,
		   const char *why, const char *rule)
{
	struct tv_asking a = *open;

	a.answered = reply_err;
	a.err = err;
	if (a.server->kept.unaudited) {
		reply_err(&a, NULL);
		return;
	}
	if (err == tv_status_errno(TV_LOCKED))
		a.flags = TV_ASK_LOCKED;
	a.question.task = fuse_req_ctx(a.req)->pid;
	tv_record_access(&a.event, a.server, shown, event, err, why, rule);
	tv_who_record(a.server, &a);
}

void tv_open_refuse(const struct tv_asking *open, int err, const char *why)
{
	refuse(open, "open", open->find(open->req, open->ino), err, why, NULL);
}

static void allow(const struct tv_asking *open, struct tv_shown *shown,
		  const struct tv_caller *caller, const char *rule)
{
	struct tv_asking a = *open;
	int err = tv_handle_new(&a.handle, a.req, a.server, shown, caller);

	if (err) {
		refuse(open, "open", shown, err, "", rule);
		return;
	}
	a.answered = reply_open;
	if (a.server->kept.unaudited) {
		reply_open(&a, caller);
		return;
	}
	a.question.task = fuse_req_ctx(a.req)->pid;
	tv_record_access(&a.event, a.server, shown, "open", 0, "", rule);
	if (tv_pen_write(a.server, &a.event, caller)) {
		tv_bytes_free(&a.event);
		reply_open(&a, caller);
		return;
	}
	tv_who_record(a.server, &a);
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

/* In a run the files are for its command, and for nobody else: who is not of its making is refused, and who is
 * in a namespace deeper down, unless a rule says that they may be. */
static bool is_kept_out(const struct tv_server *s, const struct tv_shown *shown,
			const struct tv_caller *caller)
{
	struct tv_caller_question ignored;

	if (!s->config->is_run)
		return false;
	if (caller->trouble || caller->is_stranger)
		return true;
	return caller->is_foreign &&
	       !(shown && s->vault &&
		 tv_view_question(&ignored, &shown->view, tv_vault_doc(s->vault)));
}

static void open_answered(struct tv_asking *a, const struct tv_caller *caller)
{
	struct tv_server *s = a->server;
	struct tv_shown *shown = a->find(a->req, a->ino);
	const int64_t now = time(NULL);
	struct tv_judgement judgement;
	const struct tv_doc *doc;
	int err = may_open(a->req, s, shown, a->fi.flags);

	if (!err && is_kept_out(s, shown, caller))
		err = tv_status_errno(TV_REFUSED);
	if (err) {
		refuse(a, "open", shown, err,
		       err == tv_status_errno(TV_REFUSED) ? stranger : locked, NULL);
		return;
	}
	if (ask_again(a, shown, caller))
		return;
	doc = tv_vault_doc(s->vault);
	tv_view_judge(&judgement, &shown->view, doc, s->providers, caller, &s->uses, now, false);
	if (judgement.asks && tv_prompt_confirm(a, shown, caller, &judgement))
		return;
	if (!judgement.is_allowed ||
	    !tv_view_count(&s->uses, &shown->view, doc, s->providers, caller, now)) {
		refuse(a, "open", shown, tv_status_errno(TV_REFUSED), judgement.why,
		       judgement.rule);
		return;
	}
	tv_shown_follow(shown, doc, s->providers);
	allow(a, shown, caller, judgement.rule);
}

/* Of who may open again: in a run the keeper says, too, of whose making they are. */
static bool is_worth_keeping(const struct tv_asking *a, const struct tv_caller *caller)
{
	return !caller->trouble && !caller->wants && !caller->n_watched &&
	       !a->server->config->is_run;
}

static void open_asked(struct tv_asking *a, const struct tv_caller *caller)
{
	struct tv_who *w = &a->server->who;

	if (is_worth_keeping(a, caller)) {
		tv_openers_keep(&w->openers, a->question.task, caller,
				a->faults ? a->faults : caller->faults, w->stat_file);
		w->stat_file = -1;
	}
	open_answered(a, caller);
}

/* Who is known still need not be asked about, where no more is to be found out. */
static void ask_to_open(const struct tv_asking *open)
{
	struct tv_asking a = *open;
	struct tv_openers *openers = &a.server->who.openers;
	const bool is_plain = !a.question.wants && !a.question.n_watched;
	const struct tv_opener *known;

	a.question.task = fuse_req_ctx(a.req)->pid;
	known = is_plain ? tv_openers_find(openers, a.question.task) : NULL;
	if (known) {
		open_answered(&a, known->caller);
		return;
	}
	if (is_plain && tv_openers_has(openers, a.question.task)) {
		a.faults = tv_openers_faults(openers, a.question.task);
		a.question.with_faults = !a.faults && !tv_openers_follows(openers, a.question.task);
		a.question.with_line = !a.server->kept.unaudited;
	}
	ask(&a);
}

/* Where nothing is to be found out of the caller, and nothing to be noted, there is nobody to wait for. */
static bool open_at_once(fuse_req_t req, const struct tv_server *s, struct tv_shown *shown,
			 fuse_ino_t ino, const struct fuse_file_info *fi)
{
	struct tv_caller_question ignored;
	struct tv_handle *h;

	if (!s->kept.unaudited || s->config->is_run || may_open(req, s, shown, fi->flags) ||
	    tv_view_question(&ignored, &shown->view, tv_vault_doc(s->vault)))
		return false;
	tv_shown_follow(shown, tv_vault_doc(s->vault), s->providers);
	if (tv_handle_new(&h, req, s, shown, &nobody))
		return false;
	give(req, ino, *fi, h, &nobody);
	return true;
}

static void open_by_asking(fuse_req_t req, struct tv_server *server, struct tv_shown *shown,
			   struct tv_shown *(*find)(fuse_req_t req, fuse_ino_t ino), fuse_ino_t ino,
			   const struct fuse_file_info *fi)
{
	struct tv_asking a = {.server = server,
			      .req = req,
			      .answered = open_asked,
			      .find = find,
			      .ino = ino,
			      .fi = *fi};
	int err = may_open(req, server, shown, fi->flags);

	if (err == tv_status_errno(TV_LOCKED) && tv_prompt_unlock(&a))
		return;
	if (err == tv_status_errno(TV_LOCKED)) {
		refuse(&a, "open", shown, err, locked, NULL);
		return;
	}
	/* Nobody's to read: another user's, or a write. */
	if (err) {
		fuse_reply_err(req, err);
		return;
	}
	/* Without rules it is as with a plain file: whoever it is. */
	if (!tv_view_question(&a.question, &shown->view, tv_vault_doc(server->vault)) &&
	    !server->config->is_run) {
		tv_shown_follow(shown, tv_vault_doc(server->vault), server->providers);
		allow(&a, shown, &nobody, NULL);
		return;
	}
	ask_to_open(&a);
}

void tv_handle_open(fuse_req_t req, struct tv_server *server,
		    struct tv_shown *(*find)(fuse_req_t req, fuse_ino_t ino), fuse_ino_t ino,
		    const struct fuse_file_info *fi)
{
	struct tv_shown *shown = find(req, ino);

	if (!open_at_once(req, server, shown, ino, fi))
		open_by_asking(req, server, shown, find, ino, fi);
}

static void reply_read(fuse_req_t req, struct tv_server *server, const struct tv_rendering *r,
		       size_t size, off_t offset)
{
	size_t at = offset < 0 ? 0 : (size_t)offset;
	const void *bytes = NULL;

	if (r->wiped) {
		fuse_reply_err(req, tv_status_errno(TV_LOCKED));
		return;
	}
	tv_autolock_use(server);
	if (at > r->bytes.len)
		at = r->bytes.len;
	if (size > r->bytes.len - at)
		size = r->bytes.len - at;
	/* The kernel takes a reply's pages, and of hidden memory it has none. */
	if (size)
		bytes = tv_window_show(r->bytes.data + at, size);
	if (size && !bytes) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	fuse_reply_buf(req, bytes, size);
	tv_window_close();
}

/* With rules it counts who reads, each time, for it may run another program now. */
static bool has_rules(const struct tv_handle *h, const struct tv_server *server)
{
	struct tv_caller_question ignored;

	if (server->config->is_run || h->is_judged)
		return true;
	return h->shown && tv_view_question(&ignored, &h->shown->view, tv_vault_doc(server->vault));
}

/* Whether it is who opened the file: they may read on, whatever has become of the rules since, as with
 * any file. */
static bool is_opener(const struct tv_handle *h, const struct tv_caller *caller)
{
	return !caller->trouble && tv_caller_is_same(&caller->self, &h->opener) &&
	       (!caller->is_foreign || h->is_foreign);
}

static bool may_read(struct tv_judgement *out, const struct tv_asking *a, const struct tv_handle *h,
		     const struct tv_caller *caller)
{
	struct tv_server *s = a->server;

	*out = (struct tv_judgement){.why = "it is shown no more"};
	if (!h->shown || h->is_past || !s->vault)
		return false;
	tv_view_judge(out, &h->shown->view, tv_vault_doc(s->vault), s->providers, caller, &s->uses,
		      time(NULL), true);
	return out->is_allowed;
}

static void read_answered(struct tv_asking *a, const struct tv_caller *caller)
{
	struct tv_handle *h = tv_handle_of(&a->fi);
	struct tv_judgement judgement;

	if (is_kept_out(a->server, h->shown, caller)) {
		refuse(a, "read", h->shown, tv_status_errno(TV_REFUSED), stranger, NULL);
		return;
	}
	if (!is_opener(h, caller)) {
		if (a->server->vault && h->shown && !h->is_past && ask_again(a, h->shown, caller))
			return;
		if (!may_read(&judgement, a, h, caller)) {
			refuse(a, "read", h->shown, tv_status_errno(TV_REFUSED), judgement.why,
			       judgement.rule);
			return;
		}
	}
	reply_read(a->req, a->server, h->rendering, a->size, a->offset);
}

/* Nearly always it is who opened it, which takes little to find out. */
static void ask_to_read(fuse_req_t req, struct tv_server *server, size_t size, off_t offset,
			const struct fuse_file_info *fi)
{
	struct tv_asking a = {.server = server,
			      .req = req,
			      .answered = read_answered,
			      .fi = *fi,
			      .size = size,
			      .offset = offset,
			      .question.task = fuse_req_ctx(req)->pid};
	const struct tv_opener *known = tv_openers_find(&server->who.openers, a.question.task);

	if (known)
		read_answered(&a, known->caller);
	else
		ask(&a);
}

void tv_handle_read(fuse_req_t req, struct tv_server *server, size_t size, off_t offset,
		    const struct fuse_file_info *fi)
{
	const struct tv_handle *h = tv_handle_of(fi);

	/* The descriptor may have been handed to another user. */
	if (fuse_req_ctx(req)->uid != server->uid) {
		fuse_reply_err(req, tv_status_errno(TV_REFUSED));
		return;
	}
	if (h->rendering->wiped || !server->vault || !has_rules(h, server))
		reply_read(req, server, h->rendering, size, offset);
	else
		ask_to_read(req, server, size, offset, fi);
}
