/* Whether the vault lies where something else copies or changes it. */
#include <dirent.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/checkup/look.h"

/* What marks a directory: a member of it, or its own name. */
static const struct {
	const char *member;
	const char *name;
	const char *what;
} marks[] = {
	{".git", NULL, "git"},
	{".hg", NULL, "Mercurial"},
	{".svn", NULL, "Subversion"},
	{".stfolder", NULL, "Syncthing"},
	{".dropbox", "Dropbox*", "Dropbox"},
	{".nextcloudsync.log", "Nextcloud*", "Nextcloud"},
	{".sync_*.db", NULL, "Nextcloud"},
	{"._sync_*.db", NULL, "ownCloud"},
	{".owncloudsync.log", "ownCloud*", "ownCloud"},
	{NULL, "OneDrive*", "OneDrive"},
	{NULL, "Google Drive*", "Google Drive"},
	{NULL, "GoogleDrive*", "Google Drive"},
	{NULL, "iCloud*", "iCloud"},
	{NULL, "MEGA*", "MEGA"},
	{NULL, "pCloud*", "pCloud"},
	{NULL, "Seafile*", "Seafile"},
	{".sync", "Resilio Sync*", "Resilio Sync"},
	{".unison", NULL, "Unison"},
};

static bool has_member(const char *path, const char *pattern)
{
	DIR *dir = pattern ? opendir(path) : NULL;
	struct dirent *member = NULL;

	while (dir && (member = readdir(dir)) && fnmatch(pattern, member->d_name, 0))
		;
	if (dir)
		closedir(dir);
	return member;
}

static const char *what_copies(const char *path)
{
	const char *name = strrchr(path, '/') + 1;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if ((marks[i].name && !fnmatch(marks[i].name, name, 0)) ||
		    has_member(path, marks[i].member))
			return marks[i].what;
	}
	return NULL;
}

/* What such a tool makes of two changes at once. */
static void look_for_conflicts(struct tv_checkup *c, const char *directory)
{
	static const char *const patterns[] = {"*conflict*.vault*", "*.sync-conflict-*",
					       "*onflicted copy*"};
	DIR *dir = opendir(directory);
	struct dirent *member;

	while (dir && (member = readdir(dir))) {
		bool found = false;

		for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
			found |= !fnmatch(patterns[i], member->d_name, 0);
		if (found && strstr(member->d_name, ".vault"))
			tv_remark_wrong(
				c,
				"%s/%s is another state of the vault, from two changes at "
				"once; tokenvault import tokenvault takes over what only it "
				"has, then remove it",
				directory, member->d_name);
	}
	if (dir)
		closedir(dir);
}

static void look(struct tv_checkup *c)
{
	char path[PATH_MAX], real[PATH_MAX], shown[PATH_MAX];
	const char *what = NULL;

	snprintf(path, sizeof(path), "%s",
		 realpath(c->cli->paths.vault, real) ? real : c->cli->paths.vault);
	*strrchr(path, '/') = '\0';
	look_for_conflicts(c, path);
	while (*path && !what) {
		what = what_copies(path);
		if (!what)
			*strrchr(path, '/') = '\0';
	}
	if (what)
		tv_remark_note(c,
			       "the vault lies in %s, which %s copies: old states stay there, and "
			       "open with the passphrase of their time; change it from one machine "
			       "at a time",
			       tv_look_tilde(shown, c, path), what);
}

const struct tv_check tv_check_synced = {
	.name = "synced",
	.fine = "no sync or version control was found where the vault lies",
	.look = look,
};
