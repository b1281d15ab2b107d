/* That what can't be kept out of swap is at least encrypted there. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "cli/checkup/look.h"
#include "cli/checkup/memory.h"

#define DEPTH_MAX 8

static bool is_crypt(const struct tv_checkup *c, const char *block)
{
	tv_auto_bytes uuid = {0};
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%.4000s/dm/uuid", block);
	return tv_look_read(&uuid, c, path) && !strncmp((const char *)uuid.data, "CRYPT-", 6);
}

/* By itself, or all that it is made of: a volume on an encrypted disk. */
static bool is_encrypted(const struct tv_checkup *c, const char *block, int depth)
{
	char path[PATH_MAX], at[PATH_MAX];
	struct dirent *member;
	bool all = true;
	size_t n = 0;
	DIR *dir;

	if (is_crypt(c, block))
		return true;
	snprintf(path, sizeof(path), "%.4000s/slaves", block);
	dir = depth < DEPTH_MAX ? opendir(tv_look_path(at, c, path)) : NULL;
	while (dir && all && (member = readdir(dir))) {
		if (member->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/sys/class/block/%s", member->d_name);
		all = is_encrypted(c, path, depth + 1);
		n++;
	}
	if (dir)
		closedir(dir);
	return n && all;
}

/* Where the kernel tells of the device that a line of /proc/swaps is about. */
static void find_block(char out[static PATH_MAX], const char *name, const char *type)
{
	char real[PATH_MAX];
	const char *base;
	struct stat st;

	if (!strcmp(type, "file") && !stat(name, &st)) {
		snprintf(out, PATH_MAX, "/sys/dev/block/%u:%u", major(st.st_dev), minor(st.st_dev));
		return;
	}
	base = strrchr(realpath(name, real) ? real : name, '/');
	snprintf(out, PATH_MAX, "/sys/class/block/%.4000s", base ? base + 1 : name);
}

/* The first that is not encrypted, into text itself; zram is memory. */
static const char *find_open(const struct tv_checkup *c, char *text)
{
	char block[PATH_MAX], name[512], type[32];
	char *line = tv_look_line(&text); /* heads */

	while (line && (line = tv_look_line(&text))) {
		if (sscanf(line, "%511s %31s", name, type) != 2 || strstr(name, "/zram"))
			continue;
		find_block(block, name, type);
		if (!is_encrypted(c, block, 0)) {
			line[strcspn(line, " \t")] = '\0';
			return line;
		}
	}
	return NULL;
}

static void look(struct tv_checkup *c)
{
	tv_auto_bytes swaps = {0};
	const char *open = NULL;

	if (tv_look_read(&swaps, c, "/proc/swaps"))
		open = find_open(c, (char *)swaps.data);
	if (!open)
		return;
	if (tv_memory_is_locked(c) == TV_KNOWN_SO)
		tv_remark_fine(c, "swap on %s is not encrypted, but what is secret stays out of it",
			       open);
	else
		tv_remark_wrong(c,
				"swap on %s is not encrypted, and secrets may get there (see "
				"memory); raise that limit, or encrypt swap (crypttab's option "
				"swap)",
				open);
}

const struct tv_check tv_check_swap = {
	.name = "swap",
	.fine = "there is no swap that is not encrypted",
	.look = look,
};
