/* Finds the path of a controlling terminal, which the kernel gives the number of. */
#include "fusefs/tty.h"

#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "vault/vault.h"

/* Pseudo-terminals have eight major numbers, which count on. */
#define PTS_MAJOR  136
#define PTS_MAJORS 8
#define TTY_MAJOR  4
#define TTY_SERIAL 64 /* the first minor number of serial lines */

static bool is_device(const char *path, dev_t device)
{
	struct stat st;

	return !stat(path, &st) && S_ISCHR(st.st_mode) && st.st_rdev == device;
}

/* Its usual name, else what stands at one of the first three descriptors. */
bool tv_tty_find(char out[static TV_TTY_CHARS], pid_t pid)
{
	const int proc = tv_proc_open(pid);
	struct tv_proc_stat st;
	unsigned in_kernel = 0, major_number, minor_number;
	dev_t device;
	bool found = false;

	if (proc >= 0 && tv_proc_stat(&st, proc))
		in_kernel = st.tty;
	major_number = (in_kernel >> 8) & 0xfff;
	minor_number = (in_kernel & 0xff) | ((in_kernel >> 12) & 0xfff00);
	device = makedev(major_number, minor_number);
	if (major_number >= PTS_MAJOR && major_number < PTS_MAJOR + PTS_MAJORS)
		snprintf(out, TV_TTY_CHARS, "/dev/pts/%u",
			 (major_number - PTS_MAJOR) * 256 + minor_number);
	else if (major_number == TTY_MAJOR && minor_number < TTY_SERIAL)
		snprintf(out, TV_TTY_CHARS, "/dev/tty%u", minor_number);
	else
		snprintf(out, TV_TTY_CHARS, "/dev/console");
	found = in_kernel && is_device(out, device);
	for (int fd = 0; in_kernel && !found && fd <= 2; fd++) {
		char name[16];
		ssize_t len;

		snprintf(name, sizeof name, "fd/%d", fd);
		len = readlinkat(proc, name, out, TV_TTY_CHARS - 1);
		out[len > 0 ? len : 0] = 0;
		found = *out == '/' && is_device(out, device);
	}
	if (proc >= 0)
		close(proc);
	return found;
}
