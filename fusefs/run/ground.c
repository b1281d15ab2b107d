/* Prepares the ground, and has files show on it. */
#include "fusefs/run/ground.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fusefs/run/spot.h"
#include "fusefs/run/veils.h"

#define TURNS	     4
#define REST_MS	     100 /* while what was lost can't be restored: somebody is at work there */
#define LONG_AFTER   400 /* tries in vain */
#define LONG_REST_MS 2000

/* A spot, and what shows there. */
struct shown {
	struct tv_spot spot;
	char *file; /* NULL: nothing */
	dev_t dev;
	bool is_due;	    /* it was lost, and is to be restored now */
	bool is_found;	    /* the spot, since then */
	int in_vain;	    /* tries since it was lost */
	int64_t rest_until; /* in ms of CLOCK_MONOTONIC; 0: no rest */
};

struct tv_ground {
	const struct tv_fs_config *config;
	bool has_room;
	struct shown *at;
	size_t count;
	struct tv_veils veils;
	int mountinfo; /* wakes up when something is mounted or unmounted here */
	int watch;     /* epoll of that and the veils' */
};

static enum tv_status make_room(struct tv_ground *g, struct tv_journal *j, struct tv_error *err)
{
	enum tv_status status = tv_journal_make(j, tv_ground_room(g), err);

	if (status)
		return status;
	if (mount("tokenvault", tv_ground_room(g), "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		  "mode=0700,size=4m"))
		return tv_fail(err, TV_NO_FUSE, "a file system in memory: %s", strerror(errno));
	g->has_room = true;
	return TV_OK;
}

/* Has what becomes of the directories on the way to a place wake us up: as they are, for links and renames. */
static void watch_way(const struct tv_ground *g, const char *place)
{
	char path[PATH_MAX];

	tv_veils_watch(&g->veils, g->config->home);
	for (const char *slash = strchr(place, '/'); slash; slash = strchr(slash + 1, '/'))
		if (snprintf(path, sizeof path, "%s/%.*s", g->config->home, (int)(slash - place),
			     place) < (int)sizeof path)
			tv_veils_watch(&g->veils, path);
}

static enum tv_status find_spot(struct tv_ground *g, struct tv_spot *s, const char *place,
				struct tv_error *err)
{
	enum tv_status status = tv_spot_find(s, g->config->home, place, err);

	watch_way(g, place);
	if (!status && s->name)
		status = tv_veils_cover(&g->veils, s->above, s->name, err);
	return status;
}

/* Of two places that are one file by links only one can have it. */
static bool is_taken(const struct tv_ground *g, const struct tv_spot *spot)
{
	for (size_t i = 0; i < g->count; i++) {
		const struct tv_spot *other = &g->at[i].spot;

		if (other->target && strcmp(other->place, spot->place) != 0 &&
		    !strcmp(other->target, spot->target))
			return true;
	}
	return false;
}

static enum tv_status find_first(struct tv_ground *g, const char *place, struct tv_error *err)
{
	struct tv_spot *s = &g->at[g->count++].spot;
	enum tv_status status = find_spot(g, s, place, err);

	if (!status && is_taken(g, s))
		status = tv_fail(err, TV_IN_THE_WAY,
				 "%s is another service's file, too, by a link; take the link away",
				 s->target);
	return status;
}

static enum tv_status find_spots(struct tv_ground *g, struct tv_error *err)
{
	const struct tv_fs_config *c = g->config;
	enum tv_status status = TV_OK;

	g->at = calloc(c->n_places + 1, sizeof *g->at);
	if (!g->at)
		return tv_fail(err, TV_NO_MEMORY, "places");
	for (size_t i = 0; i < c->n_places && !status; i++)
		status = find_first(g, c->places[i], err);
	return status ? status : tv_veils_raise(&g->veils, err);
}

/* Without it the run goes on: what is changed outside is noticed later, or not. */
static void start_watch(struct tv_ground *g)
{
	struct epoll_event changes = {.events = EPOLLIN}, mounts = {.events = EPOLLPRI};

	g->mountinfo = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	g->watch = epoll_create1(EPOLL_CLOEXEC);
	epoll_ctl(g->watch, EPOLL_CTL_ADD, g->veils.watch, &changes);
	epoll_ctl(g->watch, EPOLL_CTL_ADD, g->mountinfo, &mounts);
}

enum tv_status tv_ground_prepare(struct tv_ground **out, const struct tv_fs_config *config,
				 struct tv_journal *journal, struct tv_error *err)
{
	struct tv_ground *g = calloc(1, sizeof *g);
	enum tv_status status;

	if (!g)
		return tv_fail(err, TV_NO_MEMORY, "places");
	*g = (struct tv_ground){.config = config, .mountinfo = -1, .watch = -1};
	tv_veils_init(&g->veils, config, journal);
	*out = g;
	status = make_room(g, journal, err);
	if (!status)
		status = find_spots(g, err);
	if (!status)
		start_watch(g);
	return status;
}

static bool bind_file(struct shown *s)
{
	if (mount(s->file, s->spot.target, NULL, MS_BIND, NULL))
		return false;
	s->dev = tv_device_at(s->file, AT_SYMLINK_NOFOLLOW);
	return true;
}

enum tv_status tv_ground_show(const char **target, struct tv_ground *g, const char *place,
			      const char *file, struct tv_error *err)
{
	struct shown *s = g->at, *end = g->at + g->count;

	while (s < end && (strcmp(s->spot.place, place) != 0 || s->file))
		s++;
	if (s == end)
		return tv_fail(err, TV_REFUSED, "~/%s was not asked for", place);
	s->file = strdup(file);
	if (!s->file || !bind_file(s)) {
		tv_fail(err, TV_NO_FUSE, "%s: %s", s->spot.target, strerror(errno));
		free(s->file);
		s->file = NULL;
		return TV_NO_FUSE;
	}
	*target = s->spot.target;
	return TV_OK;
}

/* A veil that was raised above it has bound it once more. */
static void take_away(const struct shown *s)
{
	while (s->dev && tv_device_at(s->spot.target, AT_SYMLINK_NOFOLLOW) == s->dev)
		if (umount2(s->spot.target, MNT_DETACH | UMOUNT_NOFOLLOW))
			return;
}

static void hide(struct shown *s)
{
	take_away(s);
	free(s->file);
	s->file = NULL;
}

void tv_ground_hide(struct tv_ground *g, const char *file)
{
	for (size_t i = 0; i < g->count; i++)
		if (g->at[i].file && !strcmp(g->at[i].file, file))
			hide(&g->at[i]);
}

/* Where an instance that is no run has its directory view. */
const char *tv_ground_room(const struct tv_ground *g)
{
	return g->config->tree;
}

const char *tv_ground_said(const struct tv_ground *g)
{
	return g->veils.said;
}

int tv_ground_watch(const struct tv_ground *g)
{
	return g ? g->watch : -1;
}

int tv_ground_wait(const struct tv_ground *g)
{
	int64_t soonest = INT64_MAX;

	for (size_t i = 0; g && i < g->count; i++)
		if (g->at[i].rest_until && g->at[i].rest_until < soonest)
			soonest = g->at[i].rest_until;
	if (soonest == INT64_MAX)
		return -1;
	soonest -= tv_now_ms();
	return soonest < 0 ? 0 : (int)soonest;
}

/* Where its tool looks for it, through links as they are now. */
static bool is_lost(const struct tv_ground *g, const struct shown *s)
{
	char path[PATH_MAX];

	return s->file &&
	       snprintf(path, sizeof path, "%s/%s", g->config->home, s->spot.place) <
		       (int)sizeof path &&
	       tv_device_at(path, 0) != s->dev;
}

/* Those that are lost, and not to be tried later. */
static bool any_is_due(struct tv_ground *g)
{
	const int64_t now = tv_now_ms();
	bool any = false;

	for (size_t i = 0; i < g->count; i++) {
		struct shown *s = &g->at[i];

		s->is_due = is_lost(g, s);
		if (!s->is_due) {
			s->in_vain = 0;
			s->rest_until = 0;
		}
		s->is_due = s->is_due && s->rest_until <= now;
		any = any || s->is_due;
	}
	return any;
}

static void find_anew(struct tv_ground *g, struct shown *s)
{
	struct tv_error ignored;
	struct tv_spot now = {0};

	s->in_vain++;
	s->is_found = !find_spot(g, &now, s->spot.place, &ignored) && !is_taken(g, &now);
	if (!s->is_found) {
		tv_spot_free(&now);
		return;
	}
	take_away(s);
	tv_spot_free(&s->spot);
	s->spot = now;
}

static void restore_due(struct tv_ground *g)
{
	for (size_t i = 0; i < g->count; i++)
		if (g->at[i].is_due)
			find_anew(g, &g->at[i]);
	tv_veils_raise_again(&g->veils);
	for (size_t i = 0; i < g->count; i++)
		if (g->at[i].is_due && g->at[i].is_found && is_lost(g, &g->at[i]))
			bind_file(&g->at[i]);
}

/* A file that was mounted over was removed or replaced, or a veiled directory removed: Linux lets that be done
 * outside, and takes what is mounted there away. More than one turn, for a veil that is replaced loses what it
 * had. What can't be restored has a rest: somebody is at work there, and what we mount ourselves is told, too. */
static void restore(struct tv_ground *g)
{
	for (int turn = 0; turn < TURNS; turn++) {
		tv_veils_forget_lost(&g->veils);
		if (!any_is_due(g))
			return;
		restore_due(g);
	}
	if (!any_is_due(g))
		return;
	for (size_t i = 0; i < g->count; i++)
		if (g->at[i].is_due)
			g->at[i].rest_until =
				tv_now_ms() +
				(g->at[i].in_vain < LONG_AFTER ? REST_MS : LONG_REST_MS);
}

void tv_ground_follow(struct tv_ground *g)
{
	struct epoll_event seen[2];
	const int n = epoll_wait(g->watch, seen, 2, 0);

	for (int i = 0; i < n; i++)
		if (seen[i].events & EPOLLIN)
			tv_veils_refresh(&g->veils);
	restore(g);
}

/* What veils were raised over shows again once they are lowered. */
void tv_ground_clear(struct tv_ground *g)
{
	if (!g)
		return;
	tv_veils_lower(&g->veils);
	for (size_t i = 0; i < g->count; i++) {
		hide(&g->at[i]);
		tv_spot_free(&g->at[i].spot);
	}
	if (g->has_room)
		umount2(tv_ground_room(g), MNT_DETACH | UMOUNT_NOFOLLOW);
	if (g->mountinfo >= 0)
		close(g->mountinfo);
	if (g->watch >= 0)
		close(g->watch);
	free(g->at);
	free(g);
}
