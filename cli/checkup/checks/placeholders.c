/* Placeholders that no mount covers: where a server was killed, they keep tools from finding nothing. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "cli/adopt/places.h"
#include "cli/checkup/look.h"
#include "cli/keeper.h"
#include "cli/occupant.h"

/* The keeper's list of what it made, NAME.mounts in the state directory: a letter, a path, a NUL. */
static const char suffix[] = ".mounts";

/* The instances of `run` are called so. */
#define RUN "run."

static bool is_journal(const char *member)
{
	const size_t len = strlen(member), end = strlen(suffix);

	return len > end && !strcmp(member + len - end, suffix);
}

/* Whether a keeper has it; its lock says so. */
static bool is_held(const char *directory, const char *member)
{
	char path[PATH_MAX];
	int fd;
	bool held;

	snprintf(path, sizeof(path), "%.3000s/%s.lock", directory, member);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	held = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB);
	if (fd >= 0)
		close(fd);
	return held;
}

/* The next placeholder that it lists and that is still there; *at starts at its text. */
static const char *next_left(const char **at, const struct tv_bytes *text)
{
	const char *end = (const char *)text->data + text->len;

	while (*at < end) {
		const char *record = *at;

		*at += strnlen(record, (size_t)(end - record)) + 1;
		if (record[0] == 'f' && record[1] == '/' && tv_occupant_is_placeholder(record + 1))
			return record + 1;
	}
	return NULL;
}

static void visit_journals(struct tv_checkup *c,
			   void (*visit)(struct tv_checkup *c, const char *name,
					 const struct tv_bytes *text, void *arg),
			   void *arg)
{
	const char *state = c->cli->paths.state;
	DIR *dir = opendir(state);
	struct dirent *member;

	while (dir && (member = readdir(dir))) {
		tv_auto_bytes text = {0};
		char path[PATH_MAX], name[NAME_MAX + 1];

		if (!is_journal(member->d_name) || is_held(state, member->d_name))
			continue;
		snprintf(path, sizeof(path), "%.3000s/%s", state, member->d_name);
		snprintf(name, sizeof(name), "%.*s", (int)(strlen(member->d_name) - strlen(suffix)),
			 member->d_name);
		if (tv_look_read_own(&text, path))
			visit(c, name, &text, arg);
	}
	if (dir)
		closedir(dir);
}

static void say(struct tv_checkup *c, const char *name, const struct tv_bytes *text, void *arg)
{
	const char *at = (const char *)text->data;
	const char *first = next_left(&at, text);
	char shown[PATH_MAX], option[NAME_MAX + 32] = "";
	size_t more = 0;

	(void)arg;
	if (!first)
		return;
	while (next_left(&at, text))
		more++;
	if (strcmp(name, c->cli->paths.name) != 0)
		snprintf(option, sizeof(option), " --vault %s", name);
	tv_look_tilde(shown, c, first);
	if (more)
		snprintf(shown + strlen(shown), sizeof(shown) - strlen(shown), " and %zu more",
			 more);
	tv_remark_wrong(
		c,
		"%s: placeholders of a server that was killed, which no tool can read; "
		"tokenvault%s mount shows the files again, tokenvault%s unmount clears them "
		"away",
		shown, option, option);
	tv_remark_can_mend(c);
}

struct listed {
	const char *path;
	bool found;
};

static void seek(struct tv_checkup *c, const char *name, const struct tv_bytes *text, void *arg)
{
	struct listed *l = arg;
	const char *at = (const char *)text->data, *path;

	(void)c, (void)name;
	while ((path = next_left(&at, text)))
		l->found |= !strcmp(path, l->path);
}

/* Those that are in no list: of a keeper's, or a running one may be about to mount there. */
static bool is_nobodys(struct tv_checkup *c, const char *path)
{
	struct listed l = {.path = path};

	if (c->server || !tv_occupant_is_placeholder(path))
		return false;
	visit_journals(c, seek, &l);
	return !l.found;
}

static void visit_nobodys(struct tv_checkup *c, bool mends)
{
	struct tv_places places = {0};
	char shown[PATH_MAX];
	struct tv_error ignored;

	if (tv_places_list(&places, c->cli, NULL, 0, &ignored))
		return;
	for (size_t i = 0; i < places.count; i++) {
		const char *path = places.at[i].path;

		if (!is_nobodys(c, path))
			continue;
		if (mends) {
			unlink(path);
			continue;
		}
		tv_look_tilde(shown, c, path);
		tv_remark_wrong(
			c,
			"%s is an empty file that nobody can read, as adopt and mount leave "
			"one when they are killed; rm %s, or tokenvault mount",
			shown, shown);
		tv_remark_can_mend(c);
	}
	tv_places_free(&places);
}

static void look(struct tv_checkup *c)
{
	visit_journals(c, say, NULL);
	visit_nobodys(c, false);
}

struct clearing {
	enum tv_status status;
	struct tv_error *err;
};

static void clear(struct tv_checkup *c, const char *name, const struct tv_bytes *text, void *arg)
{
	struct clearing *all = arg;
	enum tv_status status = tv_keeper_clean_up(&c->cli->paths, name, all->err);

	(void)text;
	if (status && status != TV_NOT_MOUNTED)
		all->status = status;
}

static enum tv_status mend(struct tv_checkup *c, struct tv_error *err)
{
	struct clearing all = {.err = err};

	visit_journals(c, clear, &all);
	visit_nobodys(c, true);
	return all.status;
}

const struct tv_check tv_check_placeholders = {
	.name = "placeholders",
	.fine = "no placeholder stands where there is no mount",
	.look = look,
	.mend = mend,
};
