/* That there is /dev/fuse, and that this user may open it. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/checkup/look.h"

static void say_missing(struct tv_checkup *c)
{
	if (tv_look_has_word(c, "/proc/filesystems", "fuse"))
		tv_remark_wrong(c, "/dev/fuse is missing, though the kernel has FUSE; in a "
				   "container hand it in: --device /dev/fuse");
	else
		tv_remark_wrong(c, "/dev/fuse is missing, and the kernel's module fuse is not "
				   "loaded; as root: modprobe fuse");
}

static void say_closed(struct tv_checkup *c, int why, const struct stat *st)
{
	if (why == EACCES)
		tv_remark_wrong(c,
				"/dev/fuse is closed to you (mode %04o, group %u); as root: chmod "
				"666 /dev/fuse, or a udev rule that does",
				(unsigned)st->st_mode & 07777, (unsigned)st->st_gid);
	else if (why == EPERM)
		tv_remark_wrong(c, "/dev/fuse is there, but this container's rules forbid it; hand "
				   "it in: --device /dev/fuse");
	else
		tv_remark_wrong(c,
				"/dev/fuse can't be opened: %s; as root: modprobe fuse loads the "
				"kernel's module",
				strerror(why));
}

static void look(struct tv_checkup *c)
{
	char path[PATH_MAX];
	struct stat st;
	int fd;

	if (stat(tv_look_path(path, c, "/dev/fuse"), &st)) {
		say_missing(c);
		return;
	}
	if (!S_ISCHR(st.st_mode)) {
		tv_remark_wrong(c, "/dev/fuse is no device; as root remove it, and make it anew: "
				   "mknod -m 666 /dev/fuse c 10 229");
		return;
	}
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		say_closed(c, errno, &st);
	else
		close(fd);
}

const struct tv_check tv_check_fuse = {
	.name = "fuse",
	.fine = "/dev/fuse is there and may be opened",
	.look = look,
};
