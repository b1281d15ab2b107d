/* That fusermount3 will still mount: of all FUSE file systems together it allows so many. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/checkup/look.h"

#define USUAL 1000 /* fusermount3's own, where /etc/fuse.conf says nothing */

/* The last line that says so counts, written as fusermount3 reads it. */
static int limit_of(struct tv_checkup *c)
{
	tv_auto_bytes text = {0};
	int limit = USUAL, number;
	char *at, *line;

	if (!tv_look_read(&text, c, "/etc/fuse.conf"))
		return limit;
	at = (char *)text.data;
	while ((line = tv_look_line(&at))) {
		line[strcspn(line, "#")] = '\0';
		if (sscanf(line, " mount_max = %i", &number) == 1)
			limit = number;
	}
	return limit;
}

static int count(const struct tv_mounted_list *mounts)
{
	int n = 0;

	for (size_t i = 0; i < mounts->count; i++) {
		const char *type = mounts->at[i].type;

		n += !strcmp(type, "fuse") || !strncmp(type, "fuse.", 5);
	}
	return n;
}

static void look(struct tv_checkup *c)
{
	tv_auto_mounted mounts = {0};
	const int limit = limit_of(c);
	int now;

	if (!tv_look_mounts(&mounts, c)) {
		tv_remark_unknown(c, "/proc/self/mountinfo can't be read: is /proc mounted?");
		return;
	}
	now = count(&mounts);
	/* Root is not counted. */
	if (limit < 0 || !geteuid())
		tv_remark_fine(c, "%d FUSE file systems are mounted, and there is no limit", now);
	else if (now >= limit)
		tv_remark_wrong(c,
				"%d FUSE file systems are mounted, and fusermount3 allows %d; as "
				"root write mount_max = %d into /etc/fuse.conf",
				now, limit, limit * 2 > now ? limit * 2 + 10 : now * 2);
	else if (now > limit - limit / 10 - 1)
		tv_remark_note(c,
			       "%d FUSE file systems are mounted, and fusermount3 allows %d; "
			       "mount_max in /etc/fuse.conf says so, root can raise it",
			       now, limit);
	else
		tv_remark_fine(c, "%d FUSE file systems are mounted of %d allowed", now, limit);
}

const struct tv_check tv_check_mount_max = {.name = "mount_max", .look = look};
