/* That the helper which mounts for a normal user is there, and is root's. */
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "cli/checkup/look.h"

static void look_at(struct tv_checkup *c, const char *path)
{
	struct statvfs fs;
	struct stat st;

	if (stat(path, &st) || !geteuid())
		return;
	if (st.st_uid || !(st.st_mode & S_ISUID))
		tv_remark_wrong(c,
				"%s is not setuid root, so it can't mount for you; as root: chown "
				"root %s && chmod 4755 %s, or install the package fuse3 again",
				path, path, path);
	else if (!statvfs(path, &fs) && fs.f_flag & ST_NOSUID)
		tv_remark_wrong(c,
				"%s lies on a file system that is mounted nosuid, where setuid "
				"does nothing; mount that without nosuid",
				path);
	else if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		tv_remark_wrong(c, "this session has no_new_privs set, so that fusermount3 gets no "
				   "rights; run tokenvault outside of that sandbox or container");
}

static void look(struct tv_checkup *c)
{
	struct tv_program helper;
	struct tv_error ignored;

	/* As the keeper finds it: by PATH alone. */
	if (tv_program_find_out(&helper, "fusermount3", NULL, &ignored))
		tv_remark_wrong(c, "fusermount3 is not in PATH; install the package fuse3");
	else
		look_at(c, *helper.script ? helper.script : helper.path);
}

const struct tv_check tv_check_fusermount = {
	.name = "fusermount",
	.fine = "fusermount3 is found, and setuid root",
	.look = look,
};
