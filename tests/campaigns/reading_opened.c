/* Ways to open, lock and watch that C programs have: reading_opened METHOD PATH prints the file's bytes. */
#include <poll.h>
#include <sys/fanotify.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#include <linux/openat2.h>

#include "reading.h"

static void o_direct(void)
{
	read_steps(open_it(O_RDONLY | O_DIRECT), 8192);
}

static void o_noatime(void)
{
	read_steps(open_it(O_RDONLY | O_NOATIME), 4096);
}

static void o_nonblock(void)
{
	struct pollfd asked = {.fd = open_it(O_RDONLY | O_NONBLOCK | O_NOFOLLOW), .events = POLLIN};

	must(poll(&asked, 1, -1), "poll");
	read_steps(asked.fd, 4096);
}

static void o_path(void)
{
	char link[64];

	snprintf(link, sizeof link, "/proc/self/fd/%d", open_it(O_PATH));
	path = link;
	read_steps(open_it(O_RDONLY), 4096);
}

static void openat2_beneath(void)
{
	struct open_how how = {.flags = O_RDONLY,
			       .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};

	read_steps((int)must(syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how), "openat2"),
		   4096);
}

static void openat2_no_xdev(void)
{
	struct open_how how = {.flags = O_RDONLY, .resolve = RESOLVE_NO_XDEV};

	read_steps((int)must(syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how), "openat2"),
		   4096);
}

static void by_handle(void)
{
	struct {
		struct file_handle head;
		unsigned char bytes[MAX_HANDLE_SZ];
	} handle = {.head.handle_bytes = MAX_HANDLE_SZ};
	int mount;

	must(name_to_handle_at(AT_FDCWD, path, &handle.head, &mount, 0), "name_to_handle_at");
	read_steps(open_it(O_RDONLY), 4096);
}

static void stat_x(void)
{
	struct statx st;

	must(statx(AT_FDCWD, path, AT_STATX_FORCE_SYNC, STATX_BASIC_STATS, &st), "statx");
	if (!S_ISREG(st.stx_mode) || (st.stx_mask & STATX_BASIC_STATS) != STATX_BASIC_STATS)
		die("not all is known");
	read_steps(open_it(O_RDONLY), st.stx_size);
}

static void xattrs(void)
{
	char names[1000];

	if (listxattr(path, names, sizeof names) < 0 && errno != EOPNOTSUPP && errno != ENOSYS)
		die("listxattr");
	if (getxattr(path, "user.mime_type", names, sizeof names) >= 0 ||
	    (errno != ENODATA && errno != EOPNOTSUPP && errno != ENOSYS))
		die("getxattr");
	read_steps(open_it(O_RDONLY), 4096);
}

static void with_flock(void)
{
	int fd = open_it(O_RDONLY);

	must(flock(fd, LOCK_SH | LOCK_NB), "LOCK_SH");
	must(flock(fd, LOCK_EX | LOCK_NB), "LOCK_EX");
	read_steps(fd, 4096);
}

static void with_lock(int command)
{
	struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
	int fd = open_it(O_RDONLY);

	must(fcntl(fd, command, &lock), "fcntl");
	read_steps(fd, 4096);
}

static void posix_lock(void)
{
	with_lock(F_SETLK);
}

static void ofd_lock(void)
{
	with_lock(F_OFD_SETLK);
}

static void with_lease(void)
{
	int fd = open_it(O_RDONLY);

	must(fcntl(fd, F_SETLEASE, F_RDLCK), "F_SETLEASE");
	read_steps(fd, 4096);
}

/* The events of a reader come, and the bytes too. */
static void with_inotify(void)
{
	char events[4096];
	int watch = (int)must(inotify_init1(IN_NONBLOCK), "inotify_init1");
	int fd;

	must(inotify_add_watch(watch, path, IN_OPEN | IN_ACCESS | IN_CLOSE), "inotify_add_watch");
	fd = open_it(O_RDONLY);
	read_steps(fd, 4096);
	close(fd);
	must(read(watch, events, sizeof events), "no event");
}

static void with_fanotify(void)
{
	int watch = (int)must(fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_FID, O_RDONLY),
			      "fanotify_init");

	must(fanotify_mark(watch, FAN_MARK_ADD, FAN_OPEN | FAN_ACCESS, AT_FDCWD, path),
	     "fanotify_mark");
	read_steps(open_it(O_RDONLY), 4096);
}

static void read_write(void)
{
	read_steps(open_it(O_RDWR), 4096);
}

static const struct method methods[] = {
	{"direct", o_direct},
	{"noatime", o_noatime},
	{"nonblock", o_nonblock},
	{"o-path", o_path},
	{"openat2", openat2_beneath},
	{"openat2-no-xdev", openat2_no_xdev},
	{"handle", by_handle},
	{"statx", stat_x},
	{"xattr", xattrs},
	{"flock", with_flock},
	{"posix-lock", posix_lock},
	{"ofd-lock", ofd_lock},
	{"lease", with_lease},
	{"inotify", with_inotify},
	{"fanotify", with_fanotify},
	{"read-write", read_write},
};

int main(int argc, char **argv)
{
	return reading_main(argc, argv, methods, sizeof methods / sizeof *methods);
}
