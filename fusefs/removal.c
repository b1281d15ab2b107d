/* Walks a tree, opening what is closed, and removes it from the leaves up. */
#include "fusefs/removal.h"

#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define TREE_FDS 32

/* A tool may have made directories that it can't read itself. */
static int open_up(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)ftw;
	if (type == FTW_D || type == FTW_DNR)
		chmod(path, (st->st_mode & 07777) | 0700);
	return 0;
}

static int take_away(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	remove(path);
	return 0;
}

void tv_removal_tree(const char *path)
{
	/* Twice: a directory that was closed is entered only once it has been opened up. */
	for (int i = 0; i < 2 && !access(path, F_OK); i++) {
		nftw(path, open_up, TREE_FDS, FTW_PHYS | FTW_MOUNT);
		nftw(path, take_away, TREE_FDS, FTW_PHYS | FTW_MOUNT | FTW_DEPTH);
	}
}
