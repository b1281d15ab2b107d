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

#define MARK ".saving-"
#define OLD  60 /* seconds: no save takes so long */

/* .NAME.saving-0123456789abcdef, of any name, or what is spared for a save of a file that is not there any more. */
static bool is_left_over(int dir, const char *member)
{
	const char *mark = NULL;
	char name[NAME_MAX + 1];

	for (const char *at = strstr(member, MARK); at; at = strstr(at + 1, MARK))
		mark = at;
	if (!mark || *member != '.' || mark == member)
		return false;
	snprintf(name, sizeof(name), "%.*s", (int)(mark - member - 1), member + 1);
	return tv_temporary_is_left_over(dir, member, name);
}

/* A file that only we could have made, and nobody else has another name for. */
static bool is_temporary(struct stat *st, int dir, const char *member)
{
	return is_left_over(dir, member) && !fstatat(dir, member, st, AT_SYMLINK_NOFOLLOW) &&
	       S_ISREG(st->st_mode) && st->st_uid == geteuid() && st->st_nlink == 1;
}

/* With mends, takes away what is surely nobody's any more. */
static size_t visit(const char *directory, char first[static PATH_MAX], bool mends)
{
	DIR *dir = opendir(directory);
	struct dirent *member;
	struct stat st;
	size_t n = 0;

	while (dir && (member = readdir(dir))) {
		if (!is_temporary(&st, dirfd(dir), member->d_name))
			continue;
		if (mends && st.st_mtime + OLD < time(NULL))
			unlinkat(dirfd(dir), member->d_name, 0);
		if (!n++)
			snprintf(first, PATH_MAX, "%.3000s/%s", directory, member->d_name);
	}
	if (dir)
		closedir(dir);
	return n;
}

static void directory_of(char out[static PATH_MAX], const char *path)
{
	char real[PATH_MAX];

	snprintf(out, PATH_MAX, "%s", realpath(path, real) ? real : path);
	*strrchr(out, '/') = '\0';
}

static void look(struct tv_checkup *c)
{
	const struct tv_paths *p = &c->cli->paths;
	char beside[PATH_MAX], first[PATH_MAX], shown[PATH_MAX];
	const char *const directories[] = {beside, p->state, p->config};

	directory_of(beside, p->vault);
	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
		const size_t n = visit(directories[i], first, false);

		if (!n)
			continue;
		tv_remark_note(c, "%s%s: left by a save that was killed, or of what is gone; rm %s",
			       tv_look_tilde(shown, c, first), n > 1 ? " and others" : "", shown);
		tv_remark_can_mend(c);
	}
}

/* Of the vault's only with the lock that its savers share. */
static enum tv_status mend(struct tv_checkup *c, struct tv_error *err)
{
	tv_auto_store *store = NULL;
	char first[PATH_MAX];
	enum tv_status status;

	visit(c->cli->paths.state, first, true);
	visit(c->cli->paths.config, first, true);
	status = tv_store_open(&store, c->cli->paths.vault, err);
	if (!status)
		status = tv_store_lock(store, err);
	if (!status)
		tv_store_clear(store);
	return status;
}

const struct tv_check tv_check_leftovers = {
	.name = "leftovers",
	.fine = "no save that was killed left a file",
	.look = look,
	.mend = mend,
};
