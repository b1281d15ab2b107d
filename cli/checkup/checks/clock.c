/* That the clock is not behind what it said before: expiry goes by it. */
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cli/checkup/look.h"

#define SLACK 300 /* two machines that share a vault may differ by that */

/* When the vault was last changed, as it says itself or, while it is closed, as its file does. */
static int64_t last_change(const struct tv_checkup *c)
{
	const struct tv_json *entries = tv_json_get(c->entries, "entries");
	int64_t last = 0, updated;
	struct stat st;

	for (const struct tv_json *e = tv_json_first(entries); e; e = tv_json_next(e)) {
		if (tv_json_get_int(e, "updated", &updated) && updated > last)
			last = updated;
	}
	if (!stat(c->cli->paths.vault, &st) && st.st_mtime > last)
		last = st.st_mtime;
	return last;
}

static void look(struct tv_checkup *c)
{
	const int64_t now = (int64_t)time(NULL), last = last_change(c);
	char here[TV_WHEN_CHARS], there[TV_WHEN_CHARS];

	if (last <= now + SLACK)
		return;
	tv_when_print(here, now);
	tv_when_print(there, last);
	tv_remark_wrong(c,
			"the clock says %s, but the vault was changed at %s; set the clock "
			"(timedatectl set-ntp true), for expiry goes by it",
			here, there);
}

const struct tv_check tv_check_clock = {
	.name = "clock",
	.fine = "the clock is not behind the vault's last change",
	.look = look,
};
