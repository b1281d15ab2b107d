/* Resolves callers: thread to process, executable by inode, script, ancestors, namespaces. */
#include "fusefs/caller.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "fusefs/hashes.h"
#include "fusefs/proc.h"

#define ARGUMENTS 4096 /* bytes of a command line that are looked at */
#define OPTIONS	  4    /* of an interpreter's, before its script */
#define KNOWN	  16   /* callers, remembered */
#define KNOWN_MS  300

/* A text's place, 0 where there is no room for it. */
static uint16_t keep(struct tv_caller *c, const char *text)
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
	p->path = keep(c, path);
}

static bool find_program(struct tv_caller *c, struct tv_caller_program *p, int proc)
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
static void find_script(struct tv_caller *c, struct tv_caller_program *p, int proc, int *script)
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
			p->module = keep(c, next);
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
		p->script = keep(c, path);
	}
	*script = fd;
}

/* The line of version 2, else that of systemd's own hierarchy. */
static void find_cgroup(struct tv_caller *c, int proc)
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
		c->cgroup = keep(c, found);
}

/* A parent is older than its child; one that seems younger has taken the place of one that ended. */
static pid_t add_ancestor(struct tv_caller *c, pid_t pid, uint64_t *start)
{
	struct tv_caller_program *p = &c->ancestors[c->n_ancestors];
	int proc = tv_proc_open(pid);
	struct tv_proc_stat st;
	int script;

	if (proc < 0 || !tv_proc_stat(&st, proc) || st.start > *start) {
		if (proc >= 0)
			close(proc);
		c->is_cut = true;
		return 0;
	}
	*p = (struct tv_caller_program){.pid = pid, .start = st.start};
	p->name = keep(c, st.name);
	/* Of another user's no more is to be seen. */
	if (find_program(c, p, proc)) {
		c->is_cut = c->is_cut || !p->path;
		find_script(c, p, proc, &script);
		if (script >= 0)
			close(script);
	}
	close(proc);
	c->n_ancestors++;
	*start = st.start;
	return st.parent;
}

static void find_ancestors(struct tv_caller *c, pid_t parent)
{
	uint64_t start = c->self.start;

	while (parent > 0 && c->n_ancestors < TV_CALLER_ANCESTORS && !c->is_cut)
		parent = add_ancestor(c, parent, &start);
	if (parent > 0)
		c->is_cut = true;
}

static void find_hash(struct tv_caller *c, int proc, int script)
{
	char link[40];
	int fd;

	snprintf(link, sizeof link, "/proc/self/fd/%d", script);
	fd = script >= 0 ? open(link, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
			 : openat(proc, "exe", O_RDONLY | O_CLOEXEC);
	c->has_hash = fd >= 0 && tv_program_hash(c->hash, fd);
	if (fd >= 0)
		close(fd);
}

/* Namespaces that are not the keeper's show other files under the same paths. */
static bool find_namespaces(struct tv_caller *c, int proc)
{
	static const char *const links[] = {"ns/mnt", "ns/user"};
	static uint64_t ours[2][2];

	for (size_t i = 0; i < 2; i++) {
		uint64_t dev, ino;
		int self = ours[i][1] ? -1 : tv_proc_open(getpid());

		if (self >= 0) {
			bool good = tv_proc_inode(&ours[i][0], &ours[i][1], self, links[i]);

			close(self);
			if (!good)
				return false;
		}
		if (!tv_proc_inode(&dev, &ino, proc, links[i]))
			return false;
		c->is_foreign = c->is_foreign || dev != ours[i][0] || ino != ours[i][1];
	}
	return true;
}

/* Whether the numbers in /proc are those that we are told. */
static bool proc_is_ours(void)
{
	static int known = -1;
	char text[16];
	ssize_t n;

	if (known >= 0)
		return known;
	n = readlink("/proc/self", text, sizeof text - 1);
	text[n > 0 ? n : 0] = 0;
	known = atoi(text) == getpid();
	return known;
}

/* The process that a thread is of, held so that its number stays its own while we look. */
static int hold(pid_t *pid, pid_t task, int proc)
{
	int pidfd = (int)syscall(SYS_pidfd_open, task, 0);

	*pid = task;
	if (pidfd >= 0)
		return pidfd;
	*pid = tv_proc_group(proc);
	return *pid > 0 ? (int)syscall(SYS_pidfd_open, *pid, 0) : -1;
}

static bool has_ended(int pidfd)
{
	struct pollfd wait = {.fd = pidfd, .events = POLLIN};

	return poll(&wait, 1, 0) != 0;
}

static void find_details(struct tv_caller *c, const struct tv_caller_question *q,
			 const struct tv_proc_stat *st, int proc)
{
	int script = -1;

	if (q->wants & TV_CALLER_DETAILS) {
		c->self.name = keep(c, st->name);
		c->has_tty = st->tty != 0;
		/* Its paths are not ours in another namespace. */
		if (!c->is_foreign)
			find_script(c, &c->self, proc, &script);
		find_cgroup(c, proc);
		find_ancestors(c, st->parent);
	}
	if (q->wants & TV_CALLER_HASH)
		find_hash(c, proc, script);
	if (script >= 0)
		close(script);
}

/* Callers of just now. Their directories are theirs for life: of a process that has ended nothing can be
 * read through one, whoever has its number by then. So only what may change is looked at again: the
 * program and the namespaces; and for a moment it is taken to be at its path still. */
static struct known {
	int proc; /* 0: none */
	pid_t task;
	int64_t until; /* in ms of CLOCK_MONOTONIC */
	struct tv_caller_program self;
	char path[PATH_MAX];
} known[KNOWN];

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct known *find_known(pid_t task)
{
	for (size_t i = 0; i < KNOWN; i++) {
		struct known *k = &known[i];
		uint64_t dev, ino;

		if (!k->proc || k->task != task)
			continue;
		if (now_ms() < k->until && tv_proc_inode(&dev, &ino, k->proc, "exe") &&
		    dev == k->self.dev && ino == k->self.ino)
			return k;
		close(k->proc);
		k->proc = 0;
	}
	return NULL;
}

/* Takes the directory over. */
static void remember(const struct tv_caller *c, pid_t task, int proc)
{
	static size_t next;
	struct known *k = &known[next++ % KNOWN];

	if (k->proc)
		close(k->proc);
	k->proc = proc;
	k->task = task;
	k->until = now_ms() + KNOWN_MS;
	k->self = c->self;
	strncpy(k->path, tv_caller_text(c, c->self.path), sizeof k->path - 1);
}

/* Process, start and program. A thread may have a mount namespace of its own, so it is looked at itself;
 * the start is its process'. */
static enum tv_caller_trouble find_self(struct tv_caller *c, pid_t task, int proc)
{
	enum tv_caller_trouble trouble = TV_CALLER_KNOWN;
	struct tv_proc_stat st;
	pid_t pid;
	int pidfd = hold(&pid, task, proc);
	int leader = pid == task ? proc : tv_proc_open(pid);

	c->self.pid = pid;
	if (pidfd < 0 || leader < 0 || !tv_proc_stat(&st, leader))
		trouble = TV_CALLER_GONE;
	else if (!find_program(c, &c->self, proc))
		trouble = TV_CALLER_CLOSED;
	else
		c->self.start = st.start;
	if (!trouble && has_ended(pidfd))
		trouble = TV_CALLER_GONE;
	if (pidfd >= 0)
		close(pidfd);
	if (leader >= 0 && leader != proc)
		close(leader);
	return trouble;
}

static enum tv_caller_trouble find_rest(struct tv_caller *c, const struct tv_caller_question *q,
					int proc)
{
	struct tv_proc_stat st;

	if (!find_namespaces(c, proc))
		return TV_CALLER_CLOSED;
	if (!q->wants)
		return TV_CALLER_KNOWN;
	if (!tv_proc_stat(&st, proc))
		return TV_CALLER_GONE;
	find_details(c, q, &st, proc);
	return TV_CALLER_KNOWN;
}

static enum tv_caller_trouble find_all(struct tv_caller *c, const struct tv_caller_question *q)
{
	const struct known *k = find_known(q->task);
	enum tv_caller_trouble trouble;
	int proc;

	if (k) {
		c->self = k->self;
		c->self.path = keep(c, k->path);
		return find_rest(c, q, k->proc);
	}
	proc = tv_proc_open(q->task);
	if (proc < 0)
		return TV_CALLER_GONE;
	trouble = find_self(c, q->task, proc);
	if (!trouble)
		remember(c, q->task, proc);
	if (!trouble)
		trouble = find_rest(c, q, proc);
	else
		close(proc);
	return trouble;
}

static void find_watched(struct tv_caller *c, const struct tv_caller_question *q)
{
	c->n_watched = q->n_watched < TV_CALLER_WATCHED ? q->n_watched : TV_CALLER_WATCHED;
	for (size_t i = 0; i < c->n_watched; i++) {
		int proc = tv_proc_open(q->watched[i]);
		struct tv_proc_stat st;

		c->watched[i] = q->watched[i];
		if (proc >= 0 && tv_proc_stat(&st, proc))
			c->watched_start[i] = st.start;
		if (proc >= 0)
			close(proc);
	}
}

void tv_caller_resolve(struct tv_caller *out, const struct tv_caller_question *q)
{
	/* All but the texts, of which only what is filled travels. */
	memset(out, 0, offsetof(struct tv_caller, text) + 1);
	out->number = q->number;
	out->wants = q->wants;
	out->text_len = 1;
	if (q->task <= 0)
		out->trouble = TV_CALLER_NOBODY;
	else if (!proc_is_ours())
		out->trouble = TV_CALLER_BLIND;
	if (out->trouble)
		return;
	out->trouble = find_all(out, q);
	find_watched(out, q);
}
