/* That the directory of the socket and the directory view is the user's alone, and in memory. */
#include <errno.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cli/checkup/look.h"

static bool is_in_memory(const char *path)
{
	struct statfs fs;

	return !statfs(path, &fs) && (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC);
}

static bool is_open(const struct stat *st)
{
	return st->st_mode & 077;
}

static void look(struct tv_checkup *c)
{
	const char *given = getenv("XDG_RUNTIME_DIR");
	const char *path = c->cli->paths.runtime_base;
	const bool is_set = given && *given == '/';
	struct stat st;

	if (!is_set)
		tv_remark_note(c,
			       "XDG_RUNTIME_DIR is %s, so that %s stands in for it; log in by PAM "
			       "with pam_systemd, or set it yourself",
			       given && *given ? "no absolute path" : "not set", path);
	if (stat(path, &st)) {
		if (is_set || errno != ENOENT)
			tv_remark_wrong(c, "%s: %s; log in anew, or set XDG_RUNTIME_DIR", path,
					strerror(errno));
		return;
	}
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid()) {
		tv_remark_wrong(c, "%s is not a directory of yours; set XDG_RUNTIME_DIR", path);
	} else if (is_open(&st)) {
		tv_remark_wrong(c, "%s is open to others (mode %04o); chmod 700 %s", path,
				(unsigned)st.st_mode & 07777, path);
		tv_remark_can_mend(c);
	} else if (!is_in_memory(path)) {
		tv_remark_note(
			c,
			"%s lies on a disk and not on tmpfs, so that sockets stay there after "
			"a crash; nothing secret is ever written there",
			path);
	}
}

static enum tv_status mend(struct tv_checkup *c, struct tv_error *err)
{
	const char *path = c->cli->paths.runtime_base;

	return chmod(path, 0700) ? tv_fail(err, TV_IO, "%s: %s", path, strerror(errno)) : TV_OK;
}

const struct tv_check tv_check_runtime = {
	.name = "runtime",
	.fine = "XDG_RUNTIME_DIR is yours alone, and in memory",
	.look = look,
	.mend = mend,
};
