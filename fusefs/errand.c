/* The server's end of the link. */
#include "fusefs/errand.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "fusefs/autolock.h"
#include "fusefs/custody.h"
#include "fusefs/link.h"
#include "fusefs/memory.h"
#include "fusefs/record.h"
#include "fusefs/surface.h"

struct tv_errand {
	struct tv_errand *next;
	struct tv_link_message message;
};

/* With a SYNC the log is up to date, too: it waits for the lines, which the loop goes on with. */
static bool is_held(struct tv_server *s)
{
	return s->errands && s->errands->message.kind == TV_LINK_SYNC && !tv_who_is_told(s);
}

/* Sends what waits, oldest first, until the link is full. */
static void flush(struct tv_server *s)
{
	bool held;

	while (!(held = is_held(s)) && s->errands) {
		struct tv_errand *first = s->errands;

		if (!tv_link_send(s->link.fd, &first->message, -1))
			break;
		s->errands = first->next;
		if (!s->errands)
			s->errands_end = &s->errands;
		free(first);
	}
	tv_loop_want(s->epoll, &s->link, s->errands && !held ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void tv_errand_go_on(struct tv_server *s)
{
	if (s->errands)
		flush(s);
}

/* The keeper may be busy mounting and the link full: nothing waits for it here. Without memory for a
 * message the server could only go on pretending, so it ends, and the keeper clears up. */
static void post(struct tv_server *s, enum tv_link_kind kind, uint32_t view, uint32_t number,
		 const char *text)
{
	struct tv_errand *e = calloc(1, sizeof *e);

	if (!e)
		_exit(tv_status_exit(TV_NO_MEMORY));
	e->message.kind = kind;
	e->message.view = view;
	e->message.number = number;
	memcpy(e->message.text, text, strnlen(text, sizeof e->message.text - 1));
	*s->errands_end = e;
	s->errands_end = &e->next;
	s->is_unsettled = s->is_unsettled || kind == TV_LINK_MOUNT || kind == TV_LINK_UNMOUNT;
	flush(s);
}

void tv_errand_started(struct tv_server *s, enum tv_status status, const char *detail)
{
	struct tv_link_message m = {.kind = TV_LINK_READY, .status = (uint32_t)status};

	strncpy(m.text, detail, sizeof m.text - 1);
	if (!tv_link_send(s->link.fd, &m, -1))
		_exit(1);
}

static uint32_t sync_errands(struct tv_server *s)
{
	post(s, TV_LINK_SYNC, 0, ++s->sync_asked, "");
	return s->sync_asked;
}

void tv_errand_lend(struct tv_server *s)
{
	post(s, TV_LINK_LEND, 0, 0, "");
}

uint32_t tv_errand_check(struct tv_server *s)
{
	post(s, TV_LINK_CHECK, 0, 0, "");
	return sync_errands(s);
}

uint32_t tv_errand_clear(struct tv_server *s)
{
	for (size_t i = 0; i < s->shown.count; i++)
		if (s->shown.at[i]->state == TV_SHOWN_MOUNTED)
			tv_record_mount(s, s->shown.at[i], false);
	if (s->tree_state == TV_SHOWN_MOUNTED)
		tv_record_mount(s, NULL, false);
	post(s, TV_LINK_CLEAR, 0, 0, "");
	return sync_errands(s);
}

void tv_errand_unmount(struct tv_server *s, uint32_t view)
{
	post(s, TV_LINK_UNMOUNT, view, 0, "");
}

/* One that is mounted only now is new to all who watch. */
void tv_errand_changed(struct tv_server *s)
{
	for (size_t i = 0; i < s->shown.count; i++) {
		struct tv_shown *shown = s->shown.at[i];

		if (shown->is_changed && shown->state == TV_SHOWN_MOUNTED)
			post(s, TV_LINK_CHANGED, shown->number, 0, "");
		shown->is_changed = false;
	}
}

void tv_errand_locked(struct tv_server *s, uint32_t number)
{
	post(s, TV_LINK_LOCKED, 0, number, "");
}

void tv_errand_remember(struct tv_server *s, const struct tv_bytes *text)
{
	static char piece[TV_LINK_TEXT];
	size_t len;

	for (size_t at = 0; at < text->len; at += len) {
		len = text->len - at < sizeof piece - 1 ? text->len - at : sizeof piece - 1;
		memcpy(piece, text->data + at, len);
		piece[len] = 0;
		post(s, TV_LINK_SHOWN, 0, (uint32_t)at, piece);
	}
	post(s, TV_LINK_REMEMBER, 0, (uint32_t)text->len, "");
}

void tv_errand_prompt(struct tv_server *s, bool confirms, pid_t task, uint32_t number,
		      const char *text)
{
	post(s, confirms ? TV_LINK_CONFIRM : TV_LINK_PROMPT, (uint32_t)task, number, text);
}

void tv_errand_limit_prompt(struct tv_server *s, uint32_t number, int ms)
{
	post(s, TV_LINK_LIMIT_PROMPT, (uint32_t)ms, number, "");
}

void tv_errand_leave_prompt(struct tv_server *s, uint32_t number, pid_t task)
{
	post(s, TV_LINK_LEAVE_PROMPT, (uint32_t)task, number, "");
}

bool tv_provider_is_mounted(const struct tv_server *s, const char *provider)
{
	for (size_t i = 0; i < s->n_mounted; i++)
		if (!strcmp(s->mounted[i], provider))
			return true;
	return s->all_providers;
}

/* Whether one path would have to be a directory on the way to the other. */
static bool is_on_the_way(const char *a, const char *b)
{
	const size_t len_a = strlen(a), len_b = strlen(b);
	const char *longer = len_a > len_b ? a : b;
	const size_t len = len_a > len_b ? len_b : len_a;

	return !strncmp(a, b, len) && (longer[len] == '/' || len_a == len_b);
}

static bool is_of_label(const struct tv_view *view)
{
	return view->is_alone && !view->is_own;
}

/* Of the two, the one whose path comes from its label is the one that another label helps. */
static void refuse_clash(const struct tv_server *s, struct tv_shown *shown)
{
	const struct tv_view *other = NULL;
	const struct tv_view *view = &shown->view;
	struct tv_error why;

	for (size_t i = 0; i < s->shown.count && !other; i++)
		if (s->shown.at[i] != shown && is_on_the_way(s->shown.at[i]->view.path, view->path))
			other = &s->shown.at[i]->view;
	shown->state = TV_SHOWN_FAILED;
	if (other && is_of_label(other) && !is_of_label(view))
		view = other;
	shown->failure = tv_fail(&why, TV_IN_THE_WAY,
				 "%s: another entry's file or directory is there; another %s for "
				 "%s/%s helps",
				 shown->view.path, is_of_label(view) ? "label" : "place",
				 view->provider, view->label);
	tv_shown_say(&shown->detail, why.detail);
}

uint32_t tv_errand_mount(struct tv_server *s)
{
	/* A run is for what reads the service's own paths. */
	bool any = (s->all_providers || s->n_mounted) && !s->config->is_run;

	if (any && s->tree_state == TV_SHOWN_ABSENT) {
		post(s, TV_LINK_MOUNT, TV_VIEW_TREE, 0, "");
		s->tree_state = TV_SHOWN_ASKED;
	}
	for (size_t i = 0; i < s->shown.count; i++) {
		struct tv_shown *shown = s->shown.at[i];

		/* It may have been approved since. */
		if (shown->state == TV_SHOWN_FAILED && shown->failure == TV_REFUSED &&
		    shown->view.is_own)
			shown->state = TV_SHOWN_ABSENT;
		if (shown->state != TV_SHOWN_ABSENT ||
		    !tv_provider_is_mounted(s, shown->view.provider))
			continue;
		if (shown->view.clashes) {
			refuse_clash(s, shown);
			continue;
		}
		post(s, TV_LINK_MOUNT, shown->number, 0, shown->view.path);
		shown->state = TV_SHOWN_ASKED;
	}
	tv_memory_changed(s);
	/* Who changed no more than what is in the files need not wait for the keeper. */
	if (s->is_unsettled)
		s->settled = sync_errands(s);
	s->is_unsettled = false;
	return s->settled;
}

void tv_errand_lost(struct tv_server *s, struct tv_surface *surface)
{
	static const char words[] = "unmounted by somebody else; `tokenvault mount` brings it back";

	if (!s->clearing && (surface->is_tree || surface->shown))
		tv_record_mount(s, surface->shown, false);
	if (surface->is_tree) {
		s->tree_state = TV_SHOWN_FAILED;
		tv_fail(&s->tree_detail, TV_NOT_MOUNTED, "%s", words);
		tv_errand_unmount(s, TV_VIEW_TREE);
	} else if (surface->shown) {
		surface->shown->state = TV_SHOWN_FAILED;
		surface->shown->failure = TV_NOT_MOUNTED;
		tv_shown_say(&surface->shown->detail, words);
		tv_errand_unmount(s, surface->shown->number);
	}
}

/* A descriptor to serve; for a view that is no longer shown, nobody wants it. */
static void mounted(struct tv_server *s, uint32_t view, int fd)
{
	struct tv_shown *shown = tv_shown_by_number(&s->shown, view);
	struct tv_surface *surface;
	struct tv_error err = {""};
	enum tv_status status;

	if (fd < 0 || (view != TV_VIEW_TREE && !shown)) {
		if (fd >= 0)
			close(fd);
		tv_errand_unmount(s, view);
		return;
	}
	status = tv_surface_open(&surface, s, fd, shown, &err);
	if (status)
		tv_errand_unmount(s, view);
	else
		tv_record_mount(s, shown, true);
	if (!shown) {
		s->tree_state = status ? TV_SHOWN_FAILED : TV_SHOWN_MOUNTED;
		s->tree_detail = err;
		return;
	}
	shown->state = status ? TV_SHOWN_FAILED : TV_SHOWN_MOUNTED;
	shown->failure = status;
	shown->surface = status ? NULL : surface;
	tv_shown_say(&shown->detail, err.detail);
}

static void failed(struct tv_server *s, const struct tv_link_message *m)
{
	struct tv_shown *shown = tv_shown_by_number(&s->shown, m->view);

	if (m->view == TV_VIEW_TREE) {
		s->tree_state = TV_SHOWN_FAILED;
		tv_fail(&s->tree_detail, TV_FAILED, "%s", m->text);
	}
	if (!shown)
		return;
	shown->state = TV_SHOWN_FAILED;
	shown->failure = (enum tv_status)m->status;
	tv_shown_say(&shown->detail, m->text);
}

static void moved(struct tv_server *s, const struct tv_link_message *m)
{
	struct tv_shown *shown = tv_shown_by_number(&s->shown, m->view);
	struct tv_error where = {""};

	if (!shown || shown->state != TV_SHOWN_MOUNTED)
		return;
	if (*m->text)
		tv_fail(&where, TV_OK, "moved to %s", m->text);
	tv_shown_say(&shown->detail, where.detail);
}

static void lost(struct tv_server *s, uint32_t view)
{
	struct tv_shown *shown = tv_shown_by_number(&s->shown, view);

	if (shown && shown->state == TV_SHOWN_MOUNTED)
		tv_shown_say(&shown->detail, "unmounted by somebody else, while in use");
}

static void hear(struct tv_server *s, const struct tv_link_message *m, int *fd)
{
	switch (m->kind) {
	case TV_LINK_MOUNTED:
		mounted(s, m->view, *fd);
		*fd = -1;
		break;
	case TV_LINK_FAILED:
		failed(s, m);
		break;
	case TV_LINK_MOVED:
		moved(s, m);
		break;
	case TV_LINK_LOST:
		lost(s, m->view);
		break;
	case TV_LINK_VAULT:
		tv_custody_file(s, (enum tv_status)m->status, m->text, *fd);
		break;
	case TV_LINK_LOCK:
		tv_autolock_heard(s, m);
		break;
	case TV_LINK_REMEMBERED:
		tv_memory_told(s, (enum tv_status)m->status, m->text);
		break;
	case TV_LINK_STAYS:
		tv_prompt_stays(s, m->number);
		break;
	case TV_LINK_PROMPTED:
		tv_prompt_ended(s, m->number, (enum tv_status)m->status);
		break;
	case TV_LINK_LOG:
		s->unlogged.detail[0] = 0;
		if (m->status)
			tv_fail(&s->unlogged, (enum tv_status)m->status,
				"the audit log can't be written: %.300s", m->text);
		break;
	case TV_LINK_LENT:
		tv_pen_take(s, m->view, *fd);
		*fd = -1;
		break;
	case TV_LINK_WATCHED:
		s->autolock.watched = m->number;
		break;
	case TV_LINK_STOP:
		tv_server_stop(s);
		break;
	case TV_LINK_PULSE:
		post(s, TV_LINK_PULSE, 0, 0, "");
		break;
	case TV_LINK_SYNC:
		s->sync_done = m->number;
		tv_server_progress(s);
		break;
	default:
		break;
	}
}

void tv_errand_ready(struct tv_source *source, uint32_t events)
{
	struct tv_server *s =
		(struct tv_server *)(void *)((char *)source - offsetof(struct tv_server, link));
	static struct tv_link_message message;
	int fd = -1;

	if (events & EPOLLOUT)
		flush(s);
	if (!(events & ~(uint32_t)EPOLLOUT))
		return;
	if (!tv_link_receive(&message, &fd, s->link.fd)) {
		if (errno == EAGAIN)
			return;
		/* Without a keeper nobody would clear up after us. */
		_exit(1);
	}
	hear(s, &message, &fd);
	if (fd >= 0)
		close(fd);
}
