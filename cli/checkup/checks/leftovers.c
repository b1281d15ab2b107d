/* What a save that was killed has left beside the vault, the state and the list of approved paths. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/checkup/look.h"

#define OLD 60 /* seconds: no save takes so long */

/* A file of any name's that only we could have made, and nobody else has another name for. */
static bool is_left_over(char name[static TV_TEMPORARY_CHARS], struct stat *st, int dir,
			 const char *member)
{
	return tv_temporary_of(name, member) && tv_temporary_is_left_over(dir, member, name) &&
	       !fstatat(dir, member, st, AT_SYMLINK_NOFOLLOW) && S_ISREG(st->st_mode) &&
	       st->st_uid == geteuid() && st->st_nlink == 1;
}

/* The first of them, and how many there are. */
static size_t find(const char *directory, char first[static PATH_MAX])
{
	DIR *dir = opendir(directory);
	char name[TV_TEMPORARY_CHARS];
	struct dirent *member;
	struct stat st;
	size_t n = 0;

	while (dir && (member = readdir(dir)))
		if (is_left_over(name, &st, dirfd(dir), member->d_name) && !n++)
			snprintf(first, PATH_MAX, "%.3000s/%s", directory, member->d_name);
	if (dir)
		closedir(dir);
	return n;
}

/* Of a vault's, with the lock that its savers share, all. */
static enum tv_status clear_vault(const char *directory, const char *name, struct tv_error *err)
{
	tv_auto_store *store = NULL;
	char path[PATH_MAX];
	enum tv_status status;

	snprintf(path, sizeof(path), "%.3000s/%s", directory, name);
	status = tv_store_open(&store, path, err);
	if (!status)
		status = tv_store_lock(store, err);
	if (!status)
		tv_store_clear(store);
	return status;
}

/* Takes away what is surely nobody's any more. Where there is no lock it has to be old. */
static enum tv_status clear(const char *directory, struct tv_error *err)
{
	DIR *dir = opendir(directory);
	char name[TV_TEMPORARY_CHARS], lock[TV_TEMPORARY_CHARS + 8];
	enum tv_status status = TV_OK;
	struct dirent *member;
	struct stat st;

	while (!status && dir && (member = readdir(dir))) {
		if (!is_left_over(name, &st, dirfd(dir), member->d_name))
			continue;
		snprintf(lock, sizeof(lock), ".%s.lock", name);
		if (!faccessat(dirfd(dir), lock, F_OK, AT_SYMLINK_NOFOLLOW))
			status = clear_vault(directory, name, err);
		else if (st.st_mtime + OLD < time(NULL))
			unlinkat(dirfd(dir), member->d_name, 0);
	}
	if (dir)
		closedir(dir);
	return status;
}

static void directory_of(char out[static PATH_MAX], const char *path)
{
	char real[PATH_MAX];

	snprintf(out, PATH_MAX, "%s", realpath(path, real) ? real : path);
	*strrchr(out, '/') = '\0';
}

/* Which may be one and the same. */
static void list(const char *out[static 3], char beside[static PATH_MAX], const struct tv_paths *p)
{
	directory_of(beside, p->vault);
	out[0] = beside;
	out[1] = p->state;
	out[2] = p->config;
}

static void look(struct tv_checkup *c)
{
	char beside[PATH_MAX], first[PATH_MAX], shown[PATH_MAX];
	const char *directories[3];

	list(directories, beside, &c->cli->paths);
	for (size_t i = 0; i < 3; i++) {
		const size_t n = find(directories[i], first);

		if (!n)
			continue;
		tv_remark_note(c, "%s%s: left by a save that was killed, or of what is gone; rm %s",
			       tv_look_tilde(shown, c, first), n > 1 ? " and others" : "", shown);
		tv_remark_can_mend(c);
	}
}

static enum tv_status mend(struct tv_checkup *c, struct tv_error *err)
{
	char beside[PATH_MAX];
	const char *directories[3];
	enum tv_status status = TV_OK;

	list(directories, beside, &c->cli->paths);
	for (size_t i = 0; !status && i < 3; i++)
		status = clear(directories[i], err);
	return status;
}

const struct tv_check tv_check_leftovers = {
	.name = "leftovers",
	.fine = "no save that was killed left a file",
	.look = look,
	.mend = mend,
};
