/* That the helper which mounts for a normal user is there, and is root's. */
#include <stdlib.h>
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

/* As the keeper finds it: by PATH alone, and without one where programs usually are. */
static bool find(struct tv_program *out)
{
	static const char *const usual[] = {"/usr/local/bin/fusermount3", "/usr/bin/fusermount3",
					    "/bin/fusermount3"};
	const char *path = getenv("PATH");
	struct tv_error ignored;

	if (path && *path)
		return !tv_program_find_out(out, "fusermount3", NULL, &ignored);
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		if (!tv_program_find_out(out, usual[i], NULL, &ignored))
			return true;
	}
	return false;
}

static void look(struct tv_checkup *c)
{
	struct tv_program helper;

	if (find(&helper))
		look_at(c, *helper.script ? helper.script : helper.path);
	else
		tv_remark_wrong(c, "fusermount3 is not in PATH; install the package fuse3");
}

const struct tv_check tv_check_fusermount = {
	.name = "fusermount",
	.fine = "fusermount3 is found, and setuid root",
	.look = look,
};
