/* Prepares the ground: spots, veils over what has to be covered, and what stands in for veils. */
#include "fusefs/run/ground.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fusefs/run/spot.h"
#include "fusefs/run/veil.h"

struct tv_ground {
	const struct tv_fs_config *config;
	struct tv_journal *journal;
	bool has_room;
	struct tv_spot *spots;
	size_t n_spots;
	struct tv_veil **veils; /* outer ones first */
	size_t n_veils;
	unsigned n_skeletons;
	int watch;
	size_t n_real; /* placeholders that had to be real */
	char said[PATH_MAX + 200];
};

static enum tv_status no_memory(struct tv_error *err)
{
	return tv_fail(err, TV_NO_MEMORY, "places");
}

static enum tv_status make_real(struct tv_journal *j, const char *path, struct tv_error *err)
{
	enum tv_status status = tv_journal_add(j, 'd', path, err);

	if (!status && mkdir(path, 0700))
		status = tv_fail(err, TV_IO, "%s: %s", path, strerror(errno));
	return status;
}

static enum tv_status make_room(struct tv_ground *g, struct tv_error *err)
{
	enum tv_status status = make_real(g->journal, tv_ground_room(g), err);

	if (status)
		return status;
	if (mount("tokenvault", tv_ground_room(g), "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		  "mode=0700,size=4m"))
		return tv_fail(err, TV_NO_FUSE, "a file system in memory: %s", strerror(errno));
	g->has_room = true;
	return TV_OK;
}

static struct tv_veil *add_veil(struct tv_ground *g, const char *path)
{
	struct tv_veil **grown = reallocarray(g->veils, g->n_veils + 1, sizeof *grown);
	struct tv_veil *v = grown ? tv_veil_new(path) : NULL;

	if (grown)
		g->veils = grown;
	if (v)
		grown[g->n_veils++] = v;
	return v;
}

/* Has a name show below a directory. */
static enum tv_status cover(struct tv_ground *g, const char *path, const char *name,
			    struct tv_error *err)
{
	struct tv_veil *v = NULL;

	for (size_t i = 0; i < g->n_veils && !v; i++)
		if (!strcmp(g->veils[i]->path, path) && !g->veils[i]->is_refused)
			v = g->veils[i];
	if (!v)
		v = add_veil(g, path);
	if (!v)
		return tv_fail(err, TV_IO, "%s: %s", path, strerror(errno));
	return tv_veil_add(v, name) ? TV_OK : no_memory(err);
}

static enum tv_status find_spots(struct tv_ground *g, struct tv_error *err)
{
	const struct tv_fs_config *c = g->config;
	enum tv_status status = TV_OK;

	g->spots = calloc(c->n_places + 1, sizeof *g->spots);
	if (!g->spots)
		return no_memory(err);
	for (size_t i = 0; i < c->n_places && !status; i++) {
		struct tv_spot *s = &g->spots[i];

		status = tv_spot_find(s, c->home, c->places[i], err);
		if (!status)
			g->n_spots++;
		if (!status && s->name)
			status = cover(g, s->above, s->name, err);
	}
	return status;
}

static int outer_first(const void *a, const void *b)
{
	return strcmp((*(struct tv_veil *const *)a)->path, (*(struct tv_veil *const *)b)->path);
}

/* The last resort. */
static enum tv_status place_real(struct tv_ground *g, const char *directory, const char *name,
				 struct tv_error *err)
{
	char path[PATH_MAX];
	enum tv_status status;
	int fd;

	if (snprintf(path, sizeof path, "%s/%s", directory, name) >= (int)sizeof path)
		return tv_fail(err, TV_IO, "%s: path too long", directory);
	status = tv_journal_add(g->journal, 'f', path, err);
	if (status)
		return status;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0);
	if (fd < 0)
		return tv_fail(err, TV_IO, "%s: %s", path, strerror(errno));
	close(fd);
	if (!g->n_real++)
		snprintf(g->said, sizeof g->said,
			 "no overlay is possible there, so an empty file that nobody can read "
			 "stands at %s until the command has ended",
			 path);
	return TV_OK;
}

/* Makes the directories above a name, and covers the last one instead. */
static enum tv_status cover_deeper(struct tv_ground *g, const char *directory, const char *name,
				   struct tv_error *err)
{
	const char *last = strrchr(name, '/');
	enum tv_status status = TV_OK;
	char path[PATH_MAX];
	struct stat st;

	for (const char *slash = strchr(name, '/'); slash && !status;
	     slash = strchr(slash + 1, '/')) {
		if (snprintf(path, sizeof path, "%s/%.*s", directory, (int)(slash - name), name) >=
		    (int)sizeof path)
			return tv_fail(err, TV_IO, "%s: path too long", directory);
		if (stat(path, &st))
			status = make_real(g->journal, path, err);
	}
	return status ? status : cover(g, path, last + 1, err);
}

static enum tv_status do_without(struct tv_ground *g, struct tv_veil *v, struct tv_error *err)
{
	enum tv_status status = TV_OK;

	v->is_refused = true;
	for (size_t i = 0; i < v->n_names && !status; i++)
		status = strchr(v->names[i], '/') ? cover_deeper(g, v->path, v->names[i], err)
						  : place_real(g, v->path, v->names[i], err);
	return status;
}

static enum tv_status raise_one(struct tv_ground *g, struct tv_veil *v, struct tv_error *err)
{
	struct tv_error why = {""};
	char skeleton[PATH_MAX];

	if (snprintf(skeleton, sizeof skeleton, "%s/skeleton-%u", tv_ground_room(g),
		     g->n_skeletons++) >= (int)sizeof skeleton ||
	    mkdir(skeleton, 0700))
		return tv_fail(err, TV_IO, "%s: %s", skeleton, strerror(errno));
	return tv_veil_raise(v, skeleton, g->journal, g->config, &why) ? do_without(g, v, err)
								       : TV_OK;
}

/* Those that are added on the way lie deeper than the one in whose stead they are. */
static enum tv_status raise_all(struct tv_ground *g, struct tv_error *err)
{
	enum tv_status status = TV_OK;

	if (g->n_veils)
		qsort(g->veils, g->n_veils, sizeof(*g->veils), outer_first);
	for (size_t i = 0; i < g->n_veils && !status; i++)
		status = raise_one(g, g->veils[i], err);
	return status;
}

static void watch_all(struct tv_ground *g)
{
	char link[40];

	g->watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	for (size_t i = 0; g->watch >= 0 && i < g->n_veils; i++) {
		snprintf(link, sizeof link, "/proc/self/fd/%d", g->veils[i]->real);
		if (!g->veils[i]->is_refused)
			inotify_add_watch(g->watch, link,
					  IN_CREATE | IN_DELETE | IN_MOVE | IN_ONLYDIR);
	}
}

enum tv_status tv_ground_prepare(struct tv_ground **out, const struct tv_fs_config *config,
				 struct tv_journal *journal, struct tv_error *err)
{
	struct tv_ground *g = calloc(1, sizeof *g);
	enum tv_status status;

	if (!g)
		return no_memory(err);
	*g = (struct tv_ground){.config = config, .journal = journal, .watch = -1};
	*out = g;
	status = make_room(g, err);
	if (!status)
		status = find_spots(g, err);
	if (!status)
		status = raise_all(g, err);
	if (!status)
		watch_all(g);
	return status;
}

const char *tv_ground_target(const struct tv_ground *g, const char *place)
{
	for (size_t i = 0; i < g->n_spots; i++)
		if (!strcmp(g->spots[i].place, place))
			return g->spots[i].target;
	return NULL;
}

/* Where an instance that is no run has its directory view. */
const char *tv_ground_room(const struct tv_ground *g)
{
	return g->config->tree;
}

const char *tv_ground_said(const struct tv_ground *g)
{
	return g->said;
}

int tv_ground_watch(const struct tv_ground *g)
{
	return g ? g->watch : -1;
}

/* What the command itself does there is told too, which costs a little and harms nothing. */
void tv_ground_follow(struct tv_ground *g)
{
	char events[4096];

	while (read(g->watch, events, sizeof events) > 0)
		;
	for (size_t i = 0; i < g->n_veils; i++)
		tv_veil_refresh(g->veils[i]);
}

void tv_ground_clear(struct tv_ground *g)
{
	if (!g)
		return;
	for (size_t i = g->n_veils; i-- > 0;) {
		tv_veil_lower(g->veils[i]);
		tv_veil_free(g->veils[i]);
	}
	if (g->has_room)
		umount2(tv_ground_room(g), MNT_DETACH | UMOUNT_NOFOLLOW);
	for (size_t i = 0; i < g->n_spots; i++)
		tv_spot_free(&g->spots[i]);
	if (g->watch >= 0)
		close(g->watch);
	free(g->spots);
	free(g->veils);
	free(g);
}
