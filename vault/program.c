/* Finds out which program a process runs, and which script that runs. */
#include "vault/program.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vault/proc.h"

#define ARGUMENTS 4096 /* bytes of a command line that are looked at */
#define OPTIONS	  4    /* of an interpreter's, before its script */

/* A text's place, 0 where there is no room for it. */
uint16_t tv_caller_keep(struct tv_caller *c, const char *text)
{
	const size_t len = strlen(text) + 1;
	const uint32_t at = c->text_len;

	if (len == 1 || len > TV_CALLER_TEXT - at)
		return 0;
	memcpy(c->text + at, text, len);
	c->text_len += (uint32_t)len;
	return (uint16_t)at;
}

/* A file that was replaced since it was started still has its path, but is not there. */
static void keep_path(struct tv_caller *c, struct tv_caller_program *p, char *path)
{
	static const char deleted[] = " (deleted)";
	const size_t len = strlen(path);
	uint64_t dev, ino;

	p->is_there = tv_path_inode(&dev, &ino, path) && dev == p->dev && ino == p->ino;
	if (!p->is_there && len > sizeof deleted &&
	    !strcmp(path + len - sizeof deleted + 1, deleted))
		path[len - sizeof deleted + 1] = 0;
	p->path = tv_caller_keep(c, path);
}

bool tv_caller_find_program(struct tv_caller *c, struct tv_caller_program *p, int proc)
{
	char path[PATH_MAX];
	ssize_t len;

	if (!tv_proc_inode(&p->dev, &p->ino, proc, "exe"))
		return false;
	len = readlinkat(proc, "exe", path, sizeof path - 1);
	if (len <= 0)
		return false;
	path[len] = 0;
	keep_path(c, p, path);
	return true;
}

/* The file that an argument names for the process, as a descriptor that only tells which it is. */
static int open_argument(int proc, const char *argument)
{
	int directory = AT_FDCWD;
	struct statx st;
	int fd;

	if (*argument != '/')
		directory = openat(proc, "cwd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0 && directory != AT_FDCWD)
		return -1;
	fd = tv_path_open_cached(directory, argument);
	if (directory >= 0)
		close(directory);
	if (fd >= 0 && (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &st) ||
			!S_ISREG(st.stx_mode))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* What follows says what to run instead of a script. */
static bool is_code(const char *option)
{
	static const char *const all[] = {"-c", "-e", "-m", "-p", "--eval", "--print", "-"};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (!strcmp(option, all[i]))
			return true;
	return false;
}

/* The first word of a command line that names a file, unless code comes first. This is what the process
 * says of itself: whoever starts an interpreter can have it say anything. */
void tv_caller_find_script(struct tv_caller *c, struct tv_caller_program *p, int proc, int *script)
{
	char arguments[ARGUMENTS], link[40], path[PATH_MAX];
	const ssize_t len = tv_proc_read(arguments, sizeof arguments, proc, "cmdline");
	const char *at = arguments + strlen(arguments) + 1;
	ssize_t n;
	int fd;

	*script = -1;
	for (int i = 0; len > 0 && i < OPTIONS && at < arguments + len && *at == '-'; i++) {
		const char *next = at + strlen(at) + 1;

		if (!strcmp(at, "-m") && next < arguments + len)
			p->module = tv_caller_keep(c, next);
		if (is_code(at))
			return;
		at = next;
	}
	if (len <= 0 || at >= arguments + len || !*at || *at == '-')
		return;
	fd = open_argument(proc, at);
	if (fd < 0)
		return;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof path - 1);
	if (n > 0) {
		path[n] = 0;
		p->script = tv_caller_keep(c, path);
	}
	*script = fd;
}

/* python3.11 is python. */
bool tv_caller_is_interpreter(const struct tv_caller *c, const struct tv_caller_program *p)
{
	static const char *const all[] = {
		"sh",	"bash",	  "dash",  "ash",  "zsh",     "ksh",  "fish",	 "python",
		"pypy", "perl",	  "ruby",  "node", "nodejs",  "deno", "bun",	 "php",
		"lua",	"luajit", "tclsh", "wish", "Rscript", "pwsh", "busybox", "java"};
	const char *path = tv_caller_text(c, p->path);
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	const size_t len = strcspn(name, "0123456789.-");

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (strlen(all[i]) == len && !strncmp(name, all[i], len))
			return true;
	return false;
}

/* The line of version 2, else that of systemd's own hierarchy. */
void tv_caller_find_cgroup(struct tv_caller *c, int proc)
{
	char text[8192];
	char *rest = text;
	const char *found = NULL;

	if (tv_proc_read(text, sizeof text, proc, "cgroup") <= 0)
		return;
	for (char *line; (line = strsep(&rest, "\n"));) {
		if (!strncmp(line, "0::", 3))
			found = line + 3;
		else if (!found && strstr(line, ":name=systemd:"))
			found = strstr(line, ":name=systemd:") + 14;
	}
	if (found)
		c->cgroup = tv_caller_keep(c, found);
}
