/* Raises veils, outer ones first, and makes do without those that can't be raised. */
#include "fusefs/run/veils.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fusefs/removal.h"
#include "fusefs/run/scrub.h"

void tv_veils_init(struct tv_veils *all, const struct tv_fs_config *config,
		   struct tv_journal *journal)
{
	*all = (struct tv_veils){.config = config,
				 .journal = journal,
				 .watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
}

/* What leads from one directory down to another: "", or "/name"; NULL where it lies elsewhere. */
static const char *way_down(const char *from, const char *to)
{
	const size_t len = strlen(from);

	if (strncmp(from, to, len) != 0)
		return NULL;
	return !to[len] || to[len] == '/' ? to + len : NULL;
}

/* Whether it was removed: what is bound over a veil stays then, and takes nothing more. */
static bool is_gone(const char *directory)
{
	struct statx x;

	return !statx(AT_FDCWD, directory, AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC, STATX_NLINK, &x) &&
	       !x.stx_nlink;
}

/* The deepest veil that is up over a directory, or over one above it; but for the veil except. */
static struct tv_veil *over(const struct tv_veils *all, const char *directory,
			    const struct tv_veil *except)
{
	struct tv_veil *deepest = NULL;

	for (size_t i = 0; i < all->count; i++) {
		struct tv_veil *v = all->at[i];

		if (v->is_up && v != except && way_down(v->path, directory) &&
		    (!deepest || strlen(v->path) > strlen(deepest->path)))
			deepest = v;
	}
	return deepest;
}

/* Opens a directory as it was before anything of ours lay over it; old is the veil that does, if any. */
static int open_real(const struct tv_veils *all, const char *directory, const struct tv_veil *old)
{
	const struct tv_veil *v = over(all, directory, old);
	char path[PATH_MAX];

	if (!v)
		return old ? openat(old->real, ".", O_PATH | O_DIRECTORY | O_CLOEXEC)
			   : open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	snprintf(path, sizeof path, ".%s", way_down(v->path, directory));
	return openat(v->real, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* An outer veil would bind those below it, with what they show, to where nobody could take them away. */
static void lower_below(const struct tv_veils *all, const char *directory)
{
	for (size_t i = 0; i < all->count; i++) {
		struct tv_veil *v = all->at[i];

		if (!v->is_up || !way_down(directory, v->path))
			continue;
		tv_veil_lower(v, all->journal);
		v->is_over = true;
	}
}

static bool make_skeleton(char out[static PATH_MAX], struct tv_veils *all)
{
	return snprintf(out, PATH_MAX, "%s/skeleton-%u", all->config->tree, all->n_skeletons++) <
		       PATH_MAX &&
	       !mkdir(out, 0700);
}

/* Nothing that is up is to be lowered in vain. */
static bool can_be_raised(struct tv_veils *all, struct tv_veil *v)
{
	bool would_lower = false;
	char at[PATH_MAX];
	bool good;

	for (size_t i = 0; i < all->count; i++)
		would_lower |= all->at[i]->is_up && way_down(v->path, all->at[i]->path);
	if (!would_lower)
		return true;
	good = make_skeleton(at, all) && tv_veil_try(v, at, all->journal, all->config);
	rmdir(at);
	return good;
}

static struct tv_veil *add(struct tv_veils *all, const char *path, const struct tv_veil *old)
{
	struct tv_veil **grown = reallocarray(all->at, all->count + 1, sizeof *grown);
	struct tv_veil *v;

	if (!grown)
		return NULL;
	all->at = grown;
	v = tv_veil_new(path, open_real(all, path, old));
	if (!v || (!old && !can_be_raised(all, v))) {
		tv_veil_free(v);
		return NULL;
	}
	lower_below(all, path);
	grown[all->count++] = v;
	return v;
}

/* The veil over a directory, or one that shows it, being all that there is of it by now. */
static struct tv_veil *find(const struct tv_veils *all, const char *directory)
{
	struct tv_veil *v;

	for (size_t i = 0; i < all->count; i++)
		if (!strcmp(all->at[i]->path, directory) && !all->at[i]->is_over)
			return all->at[i];
	v = over(all, directory, NULL);
	return v && (tv_veil_has(v, directory) || is_gone(directory)) ? v : NULL;
}

/* Another one in its place, with all that it shows: what lies under a veil that is up can't be added to. */
static struct tv_veil *replace(struct tv_veils *all, const struct tv_veil *old)
{
	struct tv_veil *v = add(all, old->path, old);

	for (size_t i = 0; v && i < old->n_names; i++)
		if (!tv_veil_add(v, old->names[i]))
			return NULL;
	return v;
}

enum tv_status tv_veils_cover(struct tv_veils *all, const char *directory, const char *name,
			      struct tv_error *err)
{
	struct tv_veil *v = find(all, directory);
	char path[PATH_MAX];

	if (snprintf(path, sizeof path, "%s/%s", v ? way_down(v->path, directory) : "", name) >=
	    (int)sizeof path)
		return tv_fail(err, TV_IO, "%s: path too long", directory);
	if (!v)
		v = add(all, directory, NULL);
	else if (v->is_up)
		v = replace(all, v);
	if (!v)
		return tv_fail(err, TV_IO, "%s: %s", directory, strerror(errno));
	return tv_veil_add(v, path + 1) ? TV_OK : tv_fail(err, TV_NO_MEMORY, "a veil");
}

/* The last resort. */
static enum tv_status place_real(struct tv_veils *all, const char *directory, const char *name,
				 struct tv_error *err)
{
	char path[PATH_MAX];
	enum tv_status status;
	int fd;

	if (snprintf(path, sizeof path, "%s/%s", directory, name) >= (int)sizeof path)
		return tv_fail(err, TV_IO, "%s: path too long", directory);
	status = tv_journal_has(all->journal, 'f', path)
			 ? TV_OK
			 : tv_journal_add(all->journal, 'f', path, err);
	if (status)
		return status;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0);
	if (fd < 0)
		return tv_fail(err, TV_IO, "%s: %s", path, strerror(errno));
	close(fd);
	if (!all->n_real++)
		snprintf(all->said, sizeof all->said,
			 "no overlay is possible there, so an empty file that nobody can read "
			 "stands at %s until the command has ended",
			 path);
	return TV_OK;
}

/* Makes the directories above a name, and covers the last one instead. */
static enum tv_status cover_deeper(struct tv_veils *all, const char *directory, const char *name,
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
			status = tv_journal_make(all->journal, path, err);
	}
	return status ? status : tv_veils_cover(all, path, last + 1, err);
}

static enum tv_status do_without(struct tv_veils *all, struct tv_veil *v, struct tv_error *err)
{
	enum tv_status status = TV_OK;

	for (size_t i = 0; i < v->n_names && !status; i++)
		status = strchr(v->names[i], '/') ? cover_deeper(all, v->path, v->names[i], err)
						  : place_real(all, v->path, v->names[i], err);
	return status;
}

void tv_veils_watch(const struct tv_veils *all, const char *directory)
{
	inotify_add_watch(all->watch, directory,
			  IN_CREATE | IN_DELETE | IN_MOVE | IN_MOVE_SELF | IN_ONLYDIR);
}

static void watch(const struct tv_veils *all, const struct tv_veil *v)
{
	char link[40];

	snprintf(link, sizeof link, "/proc/self/fd/%d", v->real);
	tv_veils_watch(all, link);
}

static enum tv_status raise_one(struct tv_veils *all, struct tv_veil *v, bool is_again,
				struct tv_error *err)
{
	struct tv_error why = {""};
	char skeleton[PATH_MAX];

	if (!make_skeleton(skeleton, all))
		return tv_fail(err, TV_IO, "%s: %s", skeleton, strerror(errno));
	if (!tv_veil_raise(v, skeleton, all->journal, all->config, &why)) {
		watch(all, v);
		return TV_OK;
	}
	tv_removal_tree(skeleton);
	v->is_over = true;
	return is_again && !all->n_real ? TV_OK : do_without(all, v, err);
}

static int outer_first(const void *a, const void *b)
{
	return strcmp((*(struct tv_veil *const *)a)->path, (*(struct tv_veil *const *)b)->path);
}

/* Those that are added on the way lie deeper than the one in whose stead they are. */
static enum tv_status raise_all(struct tv_veils *all, bool is_again, struct tv_error *err)
{
	enum tv_status status = TV_OK;

	if (all->count)
		qsort(all->at, all->count, sizeof(*all->at), outer_first);
	for (size_t i = 0; i < all->count && !status; i++)
		if (!all->at[i]->is_up && !all->at[i]->is_over)
			status = raise_one(all, all->at[i], is_again, err);
	return status;
}

enum tv_status tv_veils_raise(struct tv_veils *all, struct tv_error *err)
{
	return raise_all(all, false, err);
}

void tv_veils_raise_again(struct tv_veils *all)
{
	struct tv_error ignored;

	raise_all(all, true, &ignored);
}

/* What the command itself does there is told too, which costs a little and harms nothing. */
void tv_veils_refresh(struct tv_veils *all)
{
	char events[4096];

	while (read(all->watch, events, sizeof events) > 0)
		;
	for (size_t i = 0; i < all->count; i++)
		tv_veil_refresh(all->at[i]);
}

/* What was renamed meanwhile has another path than the journal says. What an overlay made is known by its traces. */
static void scrub(const struct tv_veils *all, const struct tv_veil *v)
{
	if (!tv_journal_has(all->journal, 'm', v->path))
		tv_scrub_attributes(v->real);
}

void tv_veils_forget_lost(struct tv_veils *all)
{
	size_t kept = 0;

	for (size_t i = 0; i < all->count; i++) {
		struct tv_veil *v = all->at[i];
		const bool is_lost = v->is_up && !tv_veil_is_there(v);

		if (is_lost) {
			tv_veil_lower(v, all->journal);
			scrub(all, v);
		}
		if (is_lost || v->is_over)
			tv_veil_free(v);
		else
			all->at[kept++] = v;
	}
	all->count = kept;
}

void tv_veils_lower(struct tv_veils *all)
{
	for (size_t i = all->count; i-- > 0;)
		tv_veil_lower(all->at[i], all->journal);
	for (size_t i = all->count; i-- > 0;) {
		scrub(all, all->at[i]);
		tv_veil_free(all->at[i]);
	}
	free(all->at);
	if (all->watch >= 0)
		close(all->watch);
}
