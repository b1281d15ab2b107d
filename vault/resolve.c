/* Resolves callers: thread to process, executable by inode, script, ancestors, namespaces. */
#include "vault/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vault/ancestors.h"
#include "vault/auditline.h"
#include "vault/hashes.h"
#include "vault/proc.h"
#include "vault/program.h"
#include "vault/when.h"

#define KNOWN	   32 /* callers, remembered */
#define KNOWN_MS   300
#define FOR_LOG	   (1u << 31) /* in what is wanted */
#define OFTEN	   3	      /* looks at one caller again; who opens and reads one file has two */
#define LINKED	   4	      /* callers whose links are kept open */
#define NAMESPACES 2

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

/* Callers of just now. Their directories are theirs for life: of a process that has ended nothing can be
 * read through one, whoever has its number by then. So only what may change is looked at again: the
 * program and the namespaces; and for a moment it is taken to be at its path still. */
static struct known {
	int proc;	       /* 0: none */
	int links[NAMESPACES]; /* the namespaces' links themselves; −1: not open */
	unsigned times;	       /* that it was looked at again */
	pid_t task;
	int64_t until; /* in ms of CLOCK_MONOTONIC */
	struct tv_caller_program self;
	char path[PATH_MAX];
	struct tv_caller *noted; /* all that is to be known, as it was then */
	struct tv_bytes line;	 /* the same as members of a line; empty: nothing was noted */
} known[KNOWN];

static const char *const namespace_links[NAMESPACES] = {"ns/mnt", "ns/user"};

static uint64_t our_namespace(size_t i)
{
	static uint64_t ours[NAMESPACES];
	int self;

	if (ours[i])
		return ours[i];
	self = tv_proc_open(getpid());
	if (self < 0)
		return 0;
	ours[i] = tv_proc_namespace(self, namespace_links[i]);
	close(self);
	return ours[i];
}

/* Namespaces that are not the keeper's show other files under the same paths. */
static bool find_namespaces(struct tv_caller *c, const struct known *k)
{
	for (size_t i = 0; i < NAMESPACES; i++) {
		const uint64_t ours = our_namespace(i);
		const uint64_t its = k->links[i] >= 0
					     ? tv_proc_namespace(k->links[i], "")
					     : tv_proc_namespace(k->proc, namespace_links[i]);

		if (!its || !ours)
			return false;
		c->is_foreign = c->is_foreign || its != ours;
	}
	return true;
}

/* Whether the numbers in /proc are those that we are told. */
static bool proc_is_ours(void)
{
	static int is_ours = -1;
	char text[16];
	ssize_t n;

	if (is_ours >= 0)
		return is_ours;
	n = readlink("/proc/self", text, sizeof text - 1);
	text[n > 0 ? n : 0] = 0;
	is_ours = atoi(text) == getpid();
	return is_ours;
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

/* Rules hold by what is so now. */
static bool is_for_log(const struct tv_caller_question *q)
{
	return q->wants & FOR_LOG;
}

static void find_details(struct tv_caller *c, const struct tv_caller_question *q,
			 const struct tv_proc_stat *st, int proc)
{
	int script = -1;

	if (q->wants & TV_CALLER_DETAILS) {
		c->self.name = tv_caller_keep(c, st->name);
		c->has_tty = st->tty != 0;
		/* Its paths are not ours in another namespace. */
		if (!c->is_foreign && (!is_for_log(q) || tv_caller_is_interpreter(c, &c->self)))
			tv_caller_find_script(c, &c->self, proc, &script);
		if (!is_for_log(q))
			tv_caller_find_cgroup(c, proc);
		tv_ancestors_find(c, st->parent, is_for_log(q));
	}
	if (q->wants & TV_CALLER_HASH)
		find_hash(c, proc, script);
	if (script >= 0)
		close(script);
}

static void close_links(struct known *k)
{
	for (size_t i = 0; k->proc && i < NAMESPACES; i++) {
		if (k->links[i] >= 0)
			close(k->links[i]);
		k->links[i] = -1;
	}
}

static void let_go(struct known *k)
{
	close_links(k);
	if (k->proc)
		close(k->proc);
	k->proc = 0;
}

static struct known *find_known(pid_t task)
{
	for (size_t i = 0; i < KNOWN; i++) {
		struct known *k = &known[i];
		uint64_t dev, ino;

		if (!k->proc || k->task != task)
			continue;
		if (tv_now_ms() < k->until && tv_proc_inode(&dev, &ino, k->proc, "exe") &&
		    dev == k->self.dev && ino == k->self.ino)
			return k;
		let_go(k);
	}
	return NULL;
}

/* Who is looked at often has its links opened: that is the way to them gone once. Few have, for descriptors are few. */
static void look_again(struct known *k)
{
	static struct known *linked[LINKED];
	static size_t next;
	struct known **last = &linked[next % LINKED];

	if (++k->times != OFTEN)
		return;
	if (*last)
		close_links(*last);
	*last = k;
	next++;
	for (size_t i = 0; i < NAMESPACES; i++)
		k->links[i] = openat(k->proc, namespace_links[i], O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

/* Takes the directory over. */
static struct known *remember(const struct tv_caller *c, pid_t task, int proc)
{
	static size_t next;
	struct known *k = &known[next++ % KNOWN];

	let_go(k);
	k->proc = proc;
	for (size_t i = 0; i < NAMESPACES; i++)
		k->links[i] = -1;
	k->times = 0;
	k->task = task;
	k->until = tv_now_ms() + KNOWN_MS;
	k->self = c->self;
	k->line.len = 0;
	strncpy(k->path, tv_caller_text(c, c->self.path), sizeof k->path - 1);
	return k;
}

/* Process, start and program. A thread may have a mount namespace of its own, so it is looked at itself;
 * the start is its process'. */
static enum tv_caller_trouble find_self(struct tv_caller *c, struct tv_proc_stat *st, pid_t task,
					int proc)
{
	enum tv_caller_trouble trouble = TV_CALLER_KNOWN;
	pid_t pid;
	int pidfd = hold(&pid, task, proc);
	int leader = pid == task ? proc : tv_proc_open(pid);

	c->self.pid = pid;
	if (pidfd < 0 || leader < 0 || !tv_proc_stat(st, leader))
		trouble = TV_CALLER_GONE;
	else if (!tv_caller_find_program(c, &c->self, proc))
		trouble = TV_CALLER_CLOSED;
	else
		c->self.start = st->start;
	if (!trouble && has_ended(pidfd))
		trouble = TV_CALLER_GONE;
	if (pidfd >= 0)
		close(pidfd);
	if (leader >= 0 && leader != proc)
		close(leader);
	return trouble;
}

static enum tv_caller_trouble find_rest(struct tv_caller *c, const struct tv_caller_question *q,
					const struct known *k)
{
	struct tv_proc_stat st;

	if (!find_namespaces(c, k))
		return TV_CALLER_CLOSED;
	if (!q->wants)
		return TV_CALLER_KNOWN;
	if (!tv_proc_stat(&st, k->proc))
		return TV_CALLER_GONE;
	find_details(c, q, &st, k->proc);
	return TV_CALLER_KNOWN;
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

static void begin(struct tv_caller *out, uint32_t number, pid_t task)
{
	/* All but the texts, of which only what is filled travels. */
	memset(out, 0, offsetof(struct tv_caller, text) + 1);
	out->number = number;
	out->text_len = 1;
	if (task <= 0)
		out->trouble = TV_CALLER_NOBODY;
	else if (!proc_is_ours())
		out->trouble = TV_CALLER_BLIND;
}

/* Of one that is closed to looks everybody sees what it calls itself, and its parents. */
static void note_closed(struct tv_caller *c, const struct tv_proc_stat *st)
{
	if (c->trouble != TV_CALLER_CLOSED)
		return;
	c->self.start = st->start;
	c->self.name = tv_caller_keep(c, st->name);
	tv_ancestors_find(c, st->parent, true);
}

/* Everything, for the log: made once for as long as the process is known. */
static bool note(struct known *k)
{
	const struct tv_caller_question all = {.wants = TV_CALLER_DETAILS | FOR_LOG,
					       .task = k->task};
	struct tv_caller *c = k->noted;

	if (!c)
		c = k->noted = malloc(sizeof *c);
	if (!c)
		return false;
	memset(c, 0, offsetof(struct tv_caller, text) + 1);
	c->wants = TV_CALLER_DETAILS;
	c->text_len = 1;
	c->self = k->self;
	c->self.path = tv_caller_keep(c, k->path);
	c->trouble = find_rest(c, &all, k);
	k->line.failed = false;
	k->line.len = 0;
	tv_line_caller(&k->line, c);
	/* To be a text as well. */
	tv_bytes_append(&k->line, "", 1);
	k->line.len = k->line.failed ? 0 : k->line.len - 1;
	return !k->line.failed;
}

/* The faults come before the program: it may run another one later, but not without more of them. */
static void count_faults(struct tv_caller *out, int *stat_file, int proc, bool is_first)
{
	*stat_file = tv_proc_open_stat(proc);
	out->faults = tv_proc_faults(*stat_file, is_first);
}

static struct known *look_anew(struct tv_caller *out, int *stat_file, pid_t task, bool is_noted)
{
	const int proc = tv_proc_open(task);
	struct tv_proc_stat st;

	if (proc < 0) {
		out->trouble = TV_CALLER_GONE;
		return NULL;
	}
	/* Whether it is its process' first is not known yet. */
	if (stat_file)
		count_faults(out, stat_file, proc, true);
	out->trouble = find_self(out, &st, task, proc);
	if (!out->trouble)
		return remember(out, task, proc);
	if (is_noted)
		note_closed(out, &st);
	close(proc);
	return NULL;
}

/* One that is known, and its faults; then its program is looked at once more. */
static struct known *find_with_faults(struct tv_caller *out, int *stat_file, pid_t task)
{
	const struct known *k = find_known(task);

	if (k)
		count_faults(out, stat_file, k->proc, k->self.pid == task);
	return k ? find_known(task) : NULL;
}

/* One that is not known is looked at, and known from then on; NULL: out->trouble says why not. */
static struct known *get_to_know(struct tv_caller *out, int *stat_file, pid_t task, bool is_noted)
{
	struct known *k = stat_file ? find_with_faults(out, stat_file, task) : find_known(task);

	if (k) {
		look_again(k);
		return k;
	}
	if (stat_file && *stat_file >= 0) {
		close(*stat_file);
		*stat_file = -1;
	}
	return look_anew(out, stat_file, task, is_noted);
}

void tv_caller_resolve(struct tv_caller *out, int *stat_file, const struct tv_caller_question *q)
{
	struct known *k;

	if (stat_file)
		*stat_file = -1;
	begin(out, q->number, q->task);
	out->wants = q->wants;
	if (out->trouble)
		return;
	k = get_to_know(out, q->with_faults ? stat_file : NULL, q->task, false);
	if (k && !out->self.pid) {
		out->self = k->self;
		out->self.path = tv_caller_keep(out, k->path);
	}
	if (k)
		out->trouble = find_rest(out, q, k);
	find_watched(out, q);
	if (q->with_line && !out->trouble && (k->line.len || note(k)))
		out->line = tv_caller_keep(out, (const char *)k->line.data);
}

static struct tv_bytes nobody; /* the line of one of whom not even the program is known */

const struct tv_bytes *tv_caller_note(struct tv_caller *out, uint32_t number, pid_t task)
{
	struct known *k = NULL;

	begin(out, number, task);
	if (!out->trouble)
		k = get_to_know(out, NULL, task, true);
	if (k && (k->line.len || note(k))) {
		memcpy(out, k->noted, offsetof(struct tv_caller, text) + k->noted->text_len);
		out->number = number;
		return &k->line;
	}
	nobody.len = 0;
	nobody.failed = false;
	if (!out->self.pid)
		out->self.pid = task;
	tv_line_caller(&nobody, out);
	return &nobody;
}

void tv_caller_forget(void)
{
	for (size_t i = 0; i < KNOWN; i++) {
		let_go(&known[i]);
		free(known[i].noted);
		tv_bytes_free(&known[i].line);
		known[i] = (struct known){0};
	}
	tv_bytes_free(&nobody);
	tv_ancestors_forget();
}
