/* Reads /proc; what might wait for a file system that hangs is only looked up in the kernel's cache. */
#include "vault/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define TRIES 4

int tv_proc_open(pid_t task)
{
	char path[32];

	snprintf(path, sizeof path, "/proc/%d", (int)task);
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

ssize_t tv_proc_read(char *out, size_t size, int proc, const char *name)
{
	int fd = openat(proc, name, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = -1;

	if (fd < 0)
		return -1;
	while (len < size - 1 && (n = read(fd, out + len, size - 1 - len)) > 0)
		len += (size_t)n;
	close(fd);
	out[len] = 0;
	return n < 0 && !len ? -1 : (ssize_t)len;
}

/* The fields behind the name, by proc(5)'s numbers: code's start and end, the stack's, the arguments' and the
 * environment's ends. */
enum {
	STATE = 3,
	PARENT = 4,
	TTY = 7,
	MINOR_FAULTS = 10,
	MAJOR_FAULTS = 12,
	THREADS = 20,
	START = 22,
	CODE = 26,
	STACK = 28,
	ARGUMENTS = 48,
	ENVIRONMENT_END = 51
};

static bool take_field(struct tv_proc_stat *out, int field, const char *text)
{
	const uint64_t number = strtoull(text, NULL, 10);

	if (field == PARENT)
		out->parent = (pid_t)number;
	else if (field == TTY)
		out->tty = (unsigned)number;
	else if (field == START)
		out->start = number;
	else if (field >= CODE && field <= STACK)
		out->image[field - CODE] = number;
	else if (field >= ARGUMENTS && field <= ENVIRONMENT_END)
		out->image[STACK - CODE + 1 + field - ARGUMENTS] = number;
	return field == START;
}

/* The name is in parentheses and may hold anything, parentheses too. */
static bool parse_stat(struct tv_proc_stat *out, const char *text)
{
	const char *open_at = strchr(text, '(');
	const char *close_at = strrchr(text, ')');
	bool has_start = false;
	size_t len;

	if (!open_at || !close_at || close_at < open_at)
		return false;
	memset(out, 0, sizeof *out);
	len = (size_t)(close_at - open_at - 1);
	if (len >= sizeof out->name)
		len = sizeof out->name - 1;
	memcpy(out->name, open_at + 1, len);
	for (int field = STATE; (close_at = strchr(close_at, ' ')); field++)
		has_start = take_field(out, field, ++close_at) || has_start;
	return has_start;
}

int tv_proc_open_stat(int proc)
{
	return openat(proc, "stat", O_RDONLY | O_CLOEXEC);
}

bool tv_proc_stat(struct tv_proc_stat *out, int proc)
{
	const int file = tv_proc_open_stat(proc);
	const bool good = file >= 0 && tv_proc_stat_again(out, file);

	if (file >= 0)
		close(file);
	return good;
}

#define STAT_BYTES 1024

/* One read gives all of it. */
static bool read_stat(char text[static STAT_BYTES], int file)
{
	const ssize_t len = pread(file, text, STAT_BYTES - 1, 0);

	text[len > 0 ? len : 0] = 0;
	return len > 0;
}

bool tv_proc_stat_again(struct tv_proc_stat *out, int file)
{
	char text[STAT_BYTES];

	return read_stat(text, file) && parse_stat(out, text);
}

uint64_t tv_proc_faults(int file, bool is_first)
{
	char text[STAT_BYTES];
	const char *at = read_stat(text, file) ? strrchr(text, ')') : NULL;
	uint64_t faults = 0, threads = 0;

	for (int field = STATE; at && field <= THREADS; field++) {
		at = strchr(at, ' ');
		at += at != NULL;
		if (at && (field == MINOR_FAULTS || field == MAJOR_FAULTS))
			faults += strtoull(at, NULL, 10);
		else if (at && field == THREADS)
			threads = strtoull(at, NULL, 10);
	}
	return threads == 1 || (threads && !is_first) ? faults : 0;
}

/* A line of signals; none where there is no such line. */
static uint64_t signals_of(const char *status, const char *name)
{
	const char *at = strstr(status, name);

	return at ? strtoull(at + strlen(name), NULL, 16) : 0;
}

/* Any other that ends a process has become SIGKILL by then. */
bool tv_proc_is_to_end(pid_t task)
{
	static const int ends[] = {SIGKILL, SIGINT,  SIGTERM, SIGHUP,  SIGQUIT,
				   SIGTSTP, SIGILL,  SIGTRAP, SIGABRT, SIGBUS,
				   SIGFPE,  SIGSEGV, SIGXCPU, SIGXFSZ, SIGSYS};
	const int proc = tv_proc_open(task);
	uint64_t pending = 0;
	char text[4096];

	if (proc < 0)
		return true;
	if (tv_proc_read(text, sizeof text, proc, "status") > 0)
		pending = (signals_of(text, "\nSigPnd:") | signals_of(text, "\nShdPnd:")) &
			  ~(signals_of(text, "\nSigBlk:") | signals_of(text, "\nSigIgn:"));
	close(proc);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (pending & (1ull << (ends[i] - 1)))
			return true;
	return false;
}

pid_t tv_proc_group(int proc)
{
	char text[4096];
	const char *at;

	if (tv_proc_read(text, sizeof text, proc, "status") <= 0)
		return 0;
	at = strstr(text, "\nTgid:");
	return at ? (pid_t)strtol(at + 6, NULL, 10) : 0;
}

/* Reading the link takes half as long as following it. */
uint64_t tv_proc_namespace(int at, const char *name)
{
	char text[64];
	const ssize_t len = readlinkat(at, name, text, sizeof text - 1);
	const char *number;

	text[len > 0 ? len : 0] = 0;
	number = strchr(text, '[');
	return number ? strtoull(number + 1, NULL, 10) : 0;
}

static bool look(uint64_t *dev, uint64_t *ino, int directory, const char *name, int flags)
{
	struct statx st;

	if (statx(directory, name, AT_STATX_DONT_SYNC | flags, STATX_INO, &st) ||
	    !(st.stx_mask & STATX_INO))
		return false;
	*dev = makedev(st.stx_dev_major, st.stx_dev_minor);
	*ino = st.stx_ino;
	return true;
}

bool tv_proc_inode(uint64_t *dev, uint64_t *ino, int proc, const char *link)
{
	return look(dev, ino, proc, link, 0);
}

int tv_path_open_cached(int directory, const char *path)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_CACHED};

	int fd = -1;

	/* A change elsewhere in the tree is enough to have it fail once. */
	for (int i = 0; i < TRIES && fd < 0; i++) {
		fd = (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
		if (fd < 0 && errno != EAGAIN)
			break;
	}
	return fd;
}

bool tv_path_inode(uint64_t *dev, uint64_t *ino, const char *path)
{
	int fd = tv_path_open_cached(AT_FDCWD, path);
	bool good;

	/* It runs from there, so that this file system answers; a kernel without openat2 has to ask it. */
	if (fd < 0 && (errno == EAGAIN || errno == ENOSYS || errno == EINVAL))
		fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return false;
	good = look(dev, ino, fd, "", AT_EMPTY_PATH);
	close(fd);
	return good;
}
