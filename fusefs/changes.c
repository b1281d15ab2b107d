/* Raises inotify(7) events for files that have other bytes than before. */
#include "fusefs/changes.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct place {
	const char *path;
	dev_t dev;
};

void tv_changes_note(struct tv_changes *c, uint32_t view)
{
	uint32_t *grown = reallocarray(c->views, c->count + 1, sizeof *grown);

	if (!grown)
		return;
	c->views = grown;
	grown[c->count++] = view;
}

/* Both times at once are an IN_ATTRIB, that of the contents alone is an IN_MODIFY: some watchers listen for
 * the one, some for the other. Who can't be told goes without. */
static void raise_events(int fd, const struct stat *st)
{
	const struct timespec both[] = {st->st_atim, st->st_mtim};
	const struct timespec one[] = {{.tv_nsec = UTIME_OMIT}, st->st_mtim};
	char link[40];

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	if (!utimensat(AT_FDCWD, link, both, 0) && utimensat(AT_FDCWD, link, one, 0))
		return;
}

/* The path only leads to it: it is not opened, which would be a read of the token. */
static void raise_in_place(const struct place *p)
{
	int fd = open(p->path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return;
	if (!fstat(fd, &st) && st.st_dev == p->dev)
		raise_events(fd, &st);
	close(fd);
}

static void raise_beneath(const struct tv_mount *m)
{
	struct stat st;

	if (!fstat(m->placeholder, &st))
		raise_events(m->placeholder, &st);
}

/* Nobody's child for long, so that nobody has to wait for it. */
static void raise_apart(const struct place *places, size_t n)
{
	pid_t child = fork();
	sigset_t none;

	if (child > 0)
		waitpid(child, NULL, 0);
	if (child)
		return;
	if (fork())
		_exit(0);
	close_range(3, ~0U, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (size_t i = 0; i < n; i++)
		raise_in_place(&places[i]);
	_exit(0);
}

static const struct tv_mount *mount_of(const struct tv_mounts *mounts, uint32_t view)
{
	for (size_t i = 0; i < mounts->count; i++)
		if (mounts->at[i].view == view && !mounts->at[i].is_tree)
			return &mounts->at[i];
	return NULL;
}

void tv_changes_tell(struct tv_changes *c, const struct tv_mounts *mounts)
{
	struct place *places = calloc(c->count + 1, sizeof *places);
	tv_auto_mountpoints points = {0};
	struct tv_error ignored;
	size_t n = 0;

	if (places && !tv_mountinfo_read(&points, mounts->config->source, &ignored))
		for (size_t i = 0; i < c->count; i++) {
			const struct tv_mount *m = mount_of(mounts, c->views[i]);
			const char *path = m ? tv_mount_present_path(&points, m) : NULL;

			if (!path)
				continue;
			raise_beneath(m);
			places[n++] = (struct place){path, m->dev};
		}
	if (n)
		raise_apart(places, n);
	free(places);
	tv_changes_free(c);
}

void tv_changes_free(struct tv_changes *c)
{
	free(c->views);
	*c = (struct tv_changes){0};
}
