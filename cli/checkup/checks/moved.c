/* Mounts that went along when a directory above them was renamed: tools find nothing at the path. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/checkup/look.h"

#define PATIENCE 50 /* tenths of a second until the server has noticed */

/* Where the kernel has a view's mount, its directory's links resolved; false: there is no such directory. */
static bool place_of(char out[static PATH_MAX], const char *path)
{
	const char *base = strrchr(path, '/') + 1;
	char directory[PATH_MAX], real[PATH_MAX];

	snprintf(directory, sizeof(directory), "%.*s", (int)(base - path), path);
	if (!realpath(directory, real))
		return false;
	snprintf(out, PATH_MAX, "%.3000s/%s", real, base);
	return true;
}

static bool is_there(const struct tv_mounted_list *mounts, const char *path)
{
	char place[PATH_MAX];

	if (!place_of(place, path))
		return false;
	for (size_t i = 0; i < mounts->count; i++) {
		if (mounts->at[i].is_ours && !strcmp(mounts->at[i].path, place))
			return true;
	}
	return false;
}

static bool is_expected(const struct tv_checkup *c, const char *mounted)
{
	const char *tree = tv_json_get_text(c->server, "tree");
	const struct tv_json *views = tv_json_get(c->server, "views");
	char place[PATH_MAX];

	if (tree && place_of(place, tree) && !strcmp(place, mounted))
		return true;
	for (const struct tv_json *v = tv_json_first(views); v; v = tv_json_next(v)) {
		if (place_of(place, tv_json_get_text(v, "path")) && !strcmp(place, mounted))
			return true;
	}
	return false;
}

/* What this vault's server says its mounts are of: as that of one is which is where it should be. */
static const char *source_of_server(const struct tv_checkup *c,
				    const struct tv_mounted_list *mounts)
{
	for (size_t i = 0; i < mounts->count; i++) {
		if (mounts->at[i].is_ours && is_expected(c, mounts->at[i].path))
			return mounts->at[i].source;
	}
	return NULL;
}

/* The view that such a mount is of: one that is not at its place and has that name. */
static const struct tv_json *view_of(const struct tv_checkup *c,
				     const struct tv_mounted_list *mounts, const char *stray)
{
	const struct tv_json *views = tv_json_get(c->server, "views");

	for (const struct tv_json *v = tv_json_first(views); v; v = tv_json_next(v)) {
		const char *path = tv_json_get_text(v, "path");

		if (tv_json_get_true(v, "mounted") && !is_there(mounts, path) &&
		    !strcmp(strrchr(path, '/'), strrchr(stray, '/')))
			return v;
	}
	return NULL;
}

static void visit(struct tv_checkup *c,
		  void (*deed)(struct tv_checkup *c, const char *stray, const struct tv_json *view,
			       void *arg),
		  void *arg)
{
	tv_auto_mounted mounts = {0};
	const char *source;

	if (!c->server || !tv_look_mounts(&mounts, c))
		return;
	source = source_of_server(c, &mounts);
	for (size_t i = 0; i < mounts.count && source; i++) {
		const struct tv_mounted *m = &mounts.at[i];
		const struct tv_json *v = NULL;

		if (m->is_ours && !strcmp(m->source, source) && !is_expected(c, m->path))
			v = view_of(c, &mounts, m->path);
		if (v)
			deed(c, m->path, v, arg);
	}
}

static void say(struct tv_checkup *c, const char *stray, const struct tv_json *view, void *arg)
{
	char path[PATH_MAX], now[PATH_MAX];

	(void)arg;
	tv_look_tilde(path, c, tv_json_get_text(view, "path"));
	tv_look_tilde(now, c, stray);
	tv_remark_wrong(c,
			"the directory of %s was renamed, and its mount is now %s; rename it back, "
			"or fusermount3 -u %s and tokenvault mount",
			path, now, now);
	tv_remark_can_mend(c);
}

static void look(struct tv_checkup *c)
{
	visit(c, say, NULL);
}

struct moving {
	struct tv_json *names;
	struct tv_json *paths;
	bool failed;
};

static bool has(const struct tv_json *list, const char *text)
{
	for (const struct tv_json *j = tv_json_first(list); j; j = tv_json_next(j)) {
		if (!strcmp(tv_json_text(j), text))
			return true;
	}
	return false;
}

static void take_away(struct tv_checkup *c, const char *stray, const struct tv_json *view,
		      void *arg)
{
	const char *argv[] = {"fusermount3", "-u", "-z", "--", stray, NULL};
	const char *provider = tv_json_get_text(view, "provider");
	struct moving *m = arg;
	tv_auto_bytes said = {0};

	(void)c;
	if (tv_look_run(&said, argv)) {
		m->failed = true;
		return;
	}
	if ((!has(m->names, provider) && !tv_json_put_text(m->names, NULL, provider)) ||
	    !tv_json_put_text(m->paths, NULL, tv_json_get_text(view, "path")))
		m->failed = true;
}

static bool is_still_mounted(struct tv_checkup *c, const struct tv_json *paths)
{
	tv_auto_json *reply = NULL;
	struct tv_error ignored;

	if (tv_cli_call(&reply, c->cli, TV_AGENT_status, NULL, &ignored))
		return false;
	for (const struct tv_json *v = tv_json_first(tv_json_get(reply, "views")); v;
	     v = tv_json_next(v)) {
		if (tv_json_get_true(v, "mounted") && has(paths, tv_json_get_text(v, "path")))
			return true;
	}
	return false;
}

/* What stands in the way at the old path is told by the checks of plaintext and of files. */
static enum tv_status mount_again(struct tv_checkup *c, struct tv_json *names,
				  const struct tv_json *paths, struct tv_error *err)
{
	tv_auto_json *request = tv_json_object();

	if (!tv_json_put(request, "providers", names))
		return tv_fail(err, TV_NO_MEMORY, "a request");
	for (int i = 0; i < PATIENCE && is_still_mounted(c, paths); i++)
		nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
	return tv_cli_call(NULL, c->cli, TV_AGENT_mount, request, err);
}

static enum tv_status mend(struct tv_checkup *c, struct tv_error *err)
{
	tv_auto_json *paths = tv_json_array();
	struct moving m = {.names = tv_json_array(), .paths = paths};

	/* A locked server mounts nothing: better a file at the wrong place than none. */
	if (tv_json_get_true(c->server, "locked")) {
		tv_json_free(m.names);
		return tv_fail(err, TV_LOCKED,
			       "so nothing is mounted anew; tokenvault unlock, then doctor --fix");
	}
	visit(c, take_away, &m);
	if (m.failed) {
		tv_json_free(m.names);
		return tv_fail(err, TV_FAILED, "fusermount3 can't unmount what was moved");
	}
	return mount_again(c, m.names, paths, err);
}

const struct tv_check tv_check_moved = {
	.name = "moved",
	.fine = "every mount is where it was made",
	.look = look,
	.mend = mend,
};
