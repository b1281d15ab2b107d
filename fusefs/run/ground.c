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
#define RESTORES_MAX 400
#define REST_MS	     100 /* while what was lost can't be restored: somebody is at work there */

/* A spot, and what shows there. */
struct shown {
	struct tv_spot spot;
	char *file; /* NULL: nothing */
	dev_t dev;
};

struct tv_ground {
	const struct tv_fs_config *config;
	bool has_room;
	struct shown *at;
	size_t count;
	struct tv_veils veils;
	int mountinfo; /* wakes up when something is mounted or unmounted here */
	int watch;     /* epoll of that and the veils' */
	unsigned restored;
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

static enum tv_status find_spot(struct tv_ground *g, struct tv_spot *s, const char *place,
				struct tv_error *err)
{
	enum tv_status status = tv_spot_find(s, g->config->home, place, err);

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
static dev_t device_at(const char *path)
{
	struct statx x;

	if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC,
		  STATX_TYPE, &x))
		return 0;
	return makedev(x.stx_dev_major, x.stx_dev_minor);
}

static bool bind_file(struct shown *s)
{
	if (mount(s->file, s->spot.target, NULL, MS_BIND, NULL))
		return false;
	s->dev = device_at(s->file);
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

static void hide(struct shown *s)
{
	if (s->file)
		umount2(s->spot.target, MNT_DETACH | UMOUNT_NOFOLLOW);
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

static bool is_lost(const struct shown *s)
{
	return s->file && device_at(s->spot.target) != s->dev;
}

/* Finds the spots of what is lost anew; false when nothing is. */
static bool find_lost(struct tv_ground *g)
{
	struct tv_error ignored;
	bool any = false;

	for (size_t i = 0; i < g->count; i++) {
		struct tv_spot now = {0};

		if (!is_lost(&g->at[i]))
			continue;
		any = true;
		if (!find_spot(g, &now, g->at[i].spot.place, &ignored)) {
			tv_spot_free(&g->at[i].spot);
			g->at[i].spot = now;
		}
	}
	return any;
}

/* A file that was mounted over was removed or replaced, or a veiled directory removed: Linux lets that be done
 * outside, and takes what is mounted there away. More than one turn, for a veil that is replaced loses what it
 * had. false: it is to be tried again. */
static bool restore(struct tv_ground *g)
{
	struct tv_error ignored;

	for (int turn = 0; turn < TURNS && g->restored < RESTORES_MAX; turn++) {
		tv_veils_forget_lost(&g->veils);
		if (!find_lost(g))
			return true;
		g->restored++;
		if (tv_veils_raise_again(&g->veils, &ignored))
			return false;
		for (size_t i = 0; i < g->count; i++)
			if (is_lost(&g->at[i]))
				bind_file(&g->at[i]);
	}
	return g->restored >= RESTORES_MAX || !find_lost(g);
}

void tv_ground_follow(struct tv_ground *g)
{
	struct epoll_event seen[2];
	const int n = epoll_wait(g->watch, seen, 2, 0);

	for (int i = 0; i < n; i++)
		if (seen[i].events & EPOLLIN)
			tv_veils_refresh(&g->veils);
	/* What we mount ourselves is told, too: without a rest the tries would be over before whoever is at work
	 * there is. */
	g->rest_until = restore(g) ? 0 : now_ms() + REST_MS;
}

void tv_ground_clear(struct tv_ground *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < g->count; i++) {
		hide(&g->at[i]);
		tv_spot_free(&g->at[i].spot);
	}
	tv_veils_lower(&g->veils);
	if (g->has_room)
		umount2(tv_ground_room(g), MNT_DETACH | UMOUNT_NOFOLLOW);
	if (g->mountinfo >= 0)
		close(g->mountinfo);
	if (g->watch >= 0)
		close(g->watch);
	free(g->at);
	free(g);
}
