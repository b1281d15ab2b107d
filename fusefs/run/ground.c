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
#include <sys/sysmacros.h>
#include <time.h>
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
	bool is_found; /* the spot, since it was lost */
};

struct tv_ground {
	const struct tv_fs_config *config;
	bool has_room;
	struct shown *at;
	size_t count;
	struct tv_veils veils;
	int mountinfo;	    /* wakes up when something is mounted or unmounted here */
	int watch;	    /* epoll of that and the veils' */
	unsigned in_vain;   /* tries since nothing was lost */
	int64_t rest_until; /* in ms of CLOCK_MONOTONIC; 0: no rest */
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

static enum tv_status find_spots(struct tv_ground *g, struct tv_error *err)
{
	const struct tv_fs_config *c = g->config;
	enum tv_status status = TV_OK;

	g->at = calloc(c->n_places + 1, sizeof *g->at);
	if (!g->at)
		return tv_fail(err, TV_NO_MEMORY, "places");
	for (size_t i = 0; i < c->n_places && !status; i++)
		status = find_spot(g, &g->at[g->count++].spot, c->places[i], err);
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

/* Without asking a server that may hang. */
static dev_t device_at(const char *path, int flags)
{
	struct statx x;

	if (statx(AT_FDCWD, path, flags | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC, STATX_TYPE, &x))
		return 0;
	return makedev(x.stx_dev_major, x.stx_dev_minor);
}

static bool bind_file(struct shown *s)
{
	if (mount(s->file, s->spot.target, NULL, MS_BIND, NULL))
		return false;
	s->dev = device_at(s->file, AT_SYMLINK_NOFOLLOW);
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
	while (s->dev && device_at(s->spot.target, AT_SYMLINK_NOFOLLOW) == s->dev)
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

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int tv_ground_watch(const struct tv_ground *g)
{
	return g && !g->rest_until ? g->watch : -1;
}

int tv_ground_wait(const struct tv_ground *g)
{
	int64_t left;

	if (!g || !g->rest_until)
		return -1;
	left = g->rest_until - now_ms();
	return left < 0 ? 0 : (int)left;
}

/* Where its tool looks for it, through links as they are now. */
static bool is_lost(const struct tv_ground *g, const struct shown *s)
{
	char path[PATH_MAX];

	return s->file &&
	       snprintf(path, sizeof path, "%s/%s", g->config->home, s->spot.place) <
		       (int)sizeof path &&
	       device_at(path, 0) != s->dev;
}

static bool any_is_lost(const struct tv_ground *g)
{
	for (size_t i = 0; i < g->count; i++)
		if (is_lost(g, &g->at[i]))
			return true;
	return false;
}

/* Finds the spots of what is lost anew. */
static void find_lost(struct tv_ground *g)
{
	struct tv_error ignored;

	for (size_t i = 0; i < g->count; i++) {
		struct tv_spot now = {0};

		g->at[i].is_found =
			is_lost(g, &g->at[i]) && !find_spot(g, &now, g->at[i].spot.place, &ignored);
		if (!g->at[i].is_found) {
			tv_spot_free(&now);
			continue;
		}
		take_away(&g->at[i]);
		tv_spot_free(&g->at[i].spot);
		g->at[i].spot = now;
	}
}

/* A file that was mounted over was removed or replaced, or a veiled directory removed: Linux lets that be done
 * outside, and takes what is mounted there away. More than one turn, for a veil that is replaced loses what it
 * had. false: it is to be tried again. */
static bool restore(struct tv_ground *g)
{
	struct tv_error ignored;

	for (int turn = 0; turn < TURNS; turn++) {
		tv_veils_forget_lost(&g->veils);
		if (!any_is_lost(g)) {
			g->in_vain = 0;
			return true;
		}
		g->in_vain++;
		find_lost(g);
		if (tv_veils_raise_again(&g->veils, &ignored))
			return false;
		for (size_t i = 0; i < g->count; i++)
			if (g->at[i].is_found && is_lost(g, &g->at[i]))
				bind_file(&g->at[i]);
	}
	return !any_is_lost(g);
}

void tv_ground_follow(struct tv_ground *g)
{
	struct epoll_event seen[2];
	const int n = epoll_wait(g->watch, seen, 2, 0);

	for (int i = 0; i < n; i++)
		if (seen[i].events & EPOLLIN)
			tv_veils_refresh(&g->veils);
	/* What we mount ourselves is told, too: without a rest there would be no end of it. */
	if (restore(g))
		g->rest_until = 0;
	else
		g->rest_until = now_ms() + (g->in_vain < LONG_AFTER ? REST_MS : LONG_REST_MS);
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
