/* Serves the server's requests, and looks after it. */
#include "fusefs/duty.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fusefs/address.h"
#include "fusefs/approved.h"
#include "fusefs/events.h"
#include "fusefs/link.h"
#include "fusefs/mountinfo.h"
#include "fusefs/ownfile.h"
#include "fusefs/remembered.h"
#include "fusefs/run/ground.h"
#include "fusefs/run/kin.h"

#define LINGER_MS 1000 /* of a prompt that nobody waits for just now */
#define PACKETS	  64   /* of questions, before anything else has its turn */
#define ALL	  4096 /* of them: more than a pipe has room for */
#define MOUNTS	  16   /* at once */
#define STOP_MS	  5000 /* how long the server may take to end before it is killed */

static void tell_server(struct tv_duty *k, enum tv_link_kind kind, uint32_t view,
			enum tv_status status, const char *text, int fd)
{
	struct tv_link_message m = {.kind = kind, .view = view, .status = (uint32_t)status};

	strncpy(m.text, text, sizeof m.text - 1);
	/* When the server is gone its pidfd says so. */
	(void)!tv_link_send(k->link, &m, fd);
}

/* false: it failed, which is told. */
static bool is_good(struct tv_duty *k, uint32_t view, enum tv_status status,
		    const struct tv_error *err)
{
	if (status)
		tell_server(k, TV_LINK_FAILED, view, status, err->detail, -1);
	return !status;
}

static bool begin_mount(struct tv_mounting *out, struct tv_duty *k, const struct tv_link_message *m)
{
	const char *path = m->view == TV_VIEW_TREE ? NULL : m->text;
	struct tv_error err = {""};
	enum tv_status status = TV_OK;

	/* The server may have been taken over: it is not to choose where its bytes appear. */
	if (path && !tv_view_is_place(path, k->providers) &&
	    !tv_approved_has(k->config->approved, path))
		status = tv_fail(&err, TV_REFUSED,
				 "~/%s is no service's own place, and not approved on this "
				 "machine; to approve it: tokenvault view add PROVIDER/FILE ~/%s",
				 path, path);
	if (!status)
		status = tv_mount_begin(out, &k->mounts, m->view, path, &err);
	return is_good(k, m->view, status, &err);
}

static void end_mount(struct tv_duty *k, struct tv_mounting *mounting)
{
	const uint32_t view = mounting->mount.view;
	struct tv_error err = {""};
	int fd = -1;

	if (!is_good(k, view, tv_mount_end(&fd, mounting, &k->mounts, &err), &err))
		return;
	/* The server, which shares it, may not change that itself, and is never to wait there. */
	if (fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK)) {
		is_good(k, view, tv_fail(&err, TV_FAILED, "/dev/fuse: %s", strerror(errno)), &err);
		tv_mount_remove(&k->mounts, view);
		close(fd);
		return;
	}
	tell_server(k, TV_LINK_MOUNTED, view, TV_OK, "", fd);
	/* As when it changes, the kernel is to learn its size, by which sendfile(2) goes: until somebody asks for
	 * it a file seems empty to who only opens it and sends it on. */
	if (view != TV_VIEW_TREE)
		tv_changes_note(&k->changes, view);
	/* Were it kept, readers would wait for ever when the server dies. */
	close(fd);
}

/* What a mount takes is mostly its helper's time, so those that are asked for one behind the other are made side by
 * side. None behind the directory view: a link may lead the way to its place into that. */
static void serve_mounts(struct tv_duty *k, struct tv_link_message *m)
{
	const size_t most = tv_mounts_are_parallel(&k->mounts) ? MOUNTS : 1;
	struct tv_mounting begun[MOUNTS];
	struct tv_error err = {""};
	size_t asked = 0, n = 0, started = 0;

	do
		n += begin_mount(&begun[n], k, m);
	while (++asked < most && m->view != TV_VIEW_TREE &&
	       tv_link_peek(k->link) == TV_LINK_MOUNT && tv_link_receive(m, NULL, k->link));
	for (struct tv_mounting *b = begun; b < begun + n; b++)
		if (is_good(k, b->mount.view, tv_mount_start(b, &k->mounts, &err), &err))
			begun[started++] = *b;
	for (size_t i = 0; i < started; i++)
		end_mount(k, &begun[i]);
}

static void serve_check(struct tv_duty *k)
{
	tv_auto_mountpoints points = {0};
	struct tv_error err;

	if (tv_mountinfo_read(&points, k->config->source, &err))
		return;
	for (size_t i = 0; i < k->mounts.count; i++) {
		const struct tv_mount *m = &k->mounts.at[i];
		const char *now = tv_mount_present_path(&points, m);

		if (!now)
			tell_server(k, TV_LINK_LOST, m->view, TV_OK, "", -1);
		else
			tell_server(k, TV_LINK_MOVED, m->view, TV_OK,
				    strcmp(now, m->path) ? now : "", -1);
	}
}

/* Pieces that do not join are of a server that is not ours any more: nothing comes of them. */
static void hear_shown(struct tv_duty *k, const struct tv_link_message *m)
{
	if (!m->number)
		tv_bytes_free(&k->shown);
	if (m->number == k->shown.len && k->shown.len < TV_REMEMBERED_MAX)
		tv_bytes_append(&k->shown, m->text, strlen(m->text));
}

static void remember(struct tv_duty *k, uint32_t len)
{
	struct tv_error err = {""};
	enum tv_status status = tv_bytes_check(&k->shown, &err);

	if (!status && k->shown.len != len)
		status = tv_fail(&err, TV_FAILED, "it did not arrive");
	if (!status)
		status = tv_own_file_replace(k->config->shown, &k->shown, &err);
	tv_bytes_free(&k->shown);
	tell_server(k, TV_LINK_REMEMBERED, 0, status, err.detail, -1);
}

void tv_duty_clear(struct tv_duty *k)
{
	if (k->cleared)
		return;
	k->cleared = true;
	tv_mounts_remove_all(&k->mounts);
	unlink(k->config->socket);
	tv_claim_drop(&k->claim, k->config);
}

static void tell_prompt(struct tv_duty *k, enum tv_link_kind kind, uint32_t number,
			enum tv_status status)
{
	const struct tv_link_message m = {
		.kind = kind, .number = number, .status = (uint32_t)status};

	/* When the server is gone its pidfd says so. */
	if (!tv_link_send(k->link, &m, -1))
		return;
}

static void serve_prompt(struct tv_duty *k, const struct tv_link_message *m)
{
	enum tv_status status = tv_prompter_start(&k->prompter, k->config, m);

	if (status)
		tell_prompt(k, TV_LINK_PROMPTED, m->number, status);
}

/* Whoever is not going to end will open again at once, and the person need not begin anew. But whoever was
 * interrupted at a terminal has it back before a prompt there is gone. */
static void serve_leave(struct tv_duty *k, const struct tv_link_message *m)
{
	if (m->number != k->prompter.number)
		return;
	if (tv_proc_is_to_end((pid_t)m->view)) {
		tv_prompter_limit(&k->prompter, 0);
		return;
	}
	tv_prompter_limit(&k->prompter, LINGER_MS);
	tell_prompt(k, TV_LINK_STAYS, m->number, TV_OK);
}

static void serve_prompter(struct tv_duty *k)
{
	uint32_t number = 0;
	enum tv_status status = tv_prompter_reap(&number, &k->prompter);

	tell_prompt(k, TV_LINK_PROMPTED, number, status);
}

/* Readers wait for this, so it goes before all else. It goes on where a packet had so many questions; mostly it has one, and no
 * other is there. */
static void serve_who(struct tv_duty *k, int packets, int least)
{
	struct tv_auditor *a = &k->auditor;

	while (packets-- > 0 && tv_auditor_serve(a, &k->who) >= least)
		;
	if (a->has_edit && tv_watch_expect(&k->watch))
		tv_events_watch_not(k);
	a->has_edit = false;
	if (!tv_auditor_wait(a))
		tv_auditor_hurry(a);
	if (a->is_told)
		return;
	a->is_told = true;
	tell_server(k, TV_LINK_LOG, 0, *a->trouble.detail ? TV_IO : TV_OK, a->trouble.detail, -1);
}

/* Where there is nothing to lend nobody waits for it. */
static void lend(struct tv_duty *k)
{
	struct tv_audit_lent lent;

	if (!tv_auditor_lend(&lent, &k->auditor))
		return;
	for (uint32_t i = 0; i < TV_LENT_ALL; i++)
		tell_server(k, TV_LINK_LENT, i, TV_OK, "", lent.fd[i]);
	tv_audit_lent_close(&lent);
}

static void serve(struct tv_duty *k, struct tv_link_message *m)
{
	switch (m->kind) {
	case TV_LINK_MOUNT:
		serve_mounts(k, m);
		break;
	case TV_LINK_UNMOUNT:
		tv_mount_remove(&k->mounts, m->view);
		break;
	case TV_LINK_CHECK:
		serve_check(k);
		break;
	case TV_LINK_CLEAR:
		tv_duty_clear(k);
		break;
	case TV_LINK_CHANGED:
		tv_changes_note(&k->changes, m->view);
		break;
	case TV_LINK_PROMPT:
	case TV_LINK_CONFIRM:
		serve_prompt(k, m);
		break;
	case TV_LINK_LEAVE_PROMPT:
		serve_leave(k, m);
		break;
	case TV_LINK_LIMIT_PROMPT:
		if (m->number == k->prompter.number)
			tv_prompter_limit(&k->prompter, (int)m->view);
		break;
	case TV_LINK_LOCKED:
		tv_watcher_tell(&k->watcher, m->number);
		break;
	case TV_LINK_SHOWN:
		hear_shown(k, m);
		break;
	case TV_LINK_LEND:
		lend(k);
		break;
	case TV_LINK_REMEMBER:
		remember(k, m->number);
		break;
	case TV_LINK_SYNC:
		/* What was to be written before is written. */
		serve_who(k, ALL, 0);
		tv_link_send(k->link, m, -1);
		break;
	default:
		break;
	}
}

/* Of what was touched it is told once more when that has been seen. */
static void look_at_vault(struct tv_duty *k)
{
	const bool was_felt = k->watch.drain_at;
	const bool is_due = tv_watch_hurry(&k->watch);
	struct tv_error err = {""};
	enum tv_status status;
	int fd = -1;

	if (was_felt && !k->watch.drain_at)
		tv_events_watch_again(k);
	if (!is_due)
		return;
	status = tv_watch_read(&fd, &k->watch, &err);
	tell_server(k, TV_LINK_VAULT, 0, status, err.detail, fd);
	if (fd >= 0)
		close(fd);
}

/* The sooner of two times, the second of which may be −1: never. */
static int sooner(int a, int b)
{
	return b < 0 || a < b ? a : b;
}

/* The server decides whether it is to be locked: only it knows the settings. */
static void serve_watcher(struct tv_duty *k)
{
	struct tv_link_message m = {.kind = TV_LINK_LOCK};
	struct tv_bus_message heard;

	if (!tv_watcher_hear(&heard, &k->watcher))
		return;
	m.number = heard.number;
	strncpy(m.text, heard.what == TV_BUS_SLEEP ? "sleep" : "screen", sizeof m.text - 1);
	if (heard.kind == TV_BUS_WATCHES) {
		m.kind = TV_LINK_WATCHED;
		m.number = heard.what;
	}
	/* When the server is gone its pidfd says so. */
	if (!tv_link_send(k->link, &m, -1))
		return;
}

static void stop(struct tv_duty *k)
{
	k->stopping = true;
	tell_server(k, TV_LINK_STOP, 0, TV_OK, "", -1);
}

static void serve_signal(struct tv_duty *k)
{
	struct signalfd_siginfo info;

	if (read(k->signals, &info, sizeof info) != sizeof info)
		return;
	if (info.ssi_signo == SIGUSR1) {
		tell_server(k, TV_LINK_LOCK, 0, TV_OK, "", -1);
		return;
	}
	stop(k);
}

static void serve_address(struct tv_duty *k)
{
	/* It is asked in any case, or poll would tell for ever. */
	if (tv_address_is_gone(k->address, k->config) && !k->stopping && !k->cleared)
		stop(k);
}

static int patience(const struct tv_duty *k)
{
	int soonest;

	if (k->changes.count)
		return 0;
	if (k->stopping)
		return STOP_MS;
	soonest = tv_pulse_wait(&k->pulse, tv_now_ms());
	soonest = sooner(soonest, tv_auditor_wait(&k->auditor));
	soonest = sooner(soonest, tv_watch_wait(&k->watch));
	return sooner(soonest, tv_ground_wait(k->mounts.ground));
}

/* Nothing came for as long as patience goes. false: the server is to be ended. */
static bool serve_nothing(struct tv_duty *k)
{
	/* When there is nothing else to do, and so for all that changed at once. */
	if (k->changes.count) {
		tv_changes_tell(&k->changes, &k->mounts);
		return true;
	}
	if (k->stopping)
		return false;
	look_at_vault(k);
	if (!tv_auditor_wait(&k->auditor))
		tv_auditor_hurry(&k->auditor);
	switch (tv_pulse_beat(&k->pulse, tv_now_ms())) {
	case TV_PULSE_ASK:
		tell_server(k, TV_LINK_PULSE, 0, TV_OK, "", -1);
		return true;
	case TV_PULSE_HANGS:
		return false;
	default:
		return true;
	}
}

static void serve_ready(struct tv_duty *k, unsigned ready)
{
	if (tv_events_have(ready, TV_EVENT_SIGNALS))
		serve_signal(k);
	if (tv_events_have(ready, TV_EVENT_WATCH))
		tv_watch_felt(&k->watch);
	look_at_vault(k);
	if (tv_events_have(ready, TV_EVENT_WATCHER))
		serve_watcher(k);
	if (tv_events_have(ready, TV_EVENT_ADDRESS))
		serve_address(k);
	/* It may have been cleared just now. */
	if (tv_events_have(ready, TV_EVENT_GROUND) && k->mounts.ground)
		tv_ground_follow(k->mounts.ground);
	if (tv_events_have(ready, TV_EVENT_PROMPTER))
		serve_prompter(k);
	else if (tv_events_have(ready, TV_EVENT_TIMER))
		tv_prompter_hurry(&k->prompter);
}

void tv_duty_run(struct tv_duty *k)
{
	struct tv_link_message m;

	tv_pulse_start(&k->pulse, tv_now_ms());
	for (;;) {
		unsigned ready;
		int n;

		if (!tv_ground_wait(k->mounts.ground))
			tv_ground_follow(k->mounts.ground);
		n = tv_events_wait(&ready, k, patience(k));
		if ((n < 0 && errno == EINTR) || (!n && serve_nothing(k)))
			continue;
		if (n <= 0 || tv_events_have(ready, TV_EVENT_SERVER))
			return;
		if (tv_events_have(ready, TV_EVENT_WHO) || tv_events_have(ready, TV_EVENT_LINK))
			tv_pulse_felt(&k->pulse, tv_now_ms());
		if (tv_events_have(ready, TV_EVENT_WHO))
			serve_who(k, PACKETS, 2);
		if (tv_events_have(ready, TV_EVENT_LINK)) {
			if (!tv_link_receive(&m, NULL, k->link))
				return;
			serve(k, &m);
		}
		serve_ready(k, ready);
	}
}
