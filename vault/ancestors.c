/* Finds a process' ancestors, and keeps what it found out about them for a moment. */
#include "vault/ancestors.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vault/proc.h"
#include "vault/program.h"
#include "vault/when.h"

#define KEPT	32 /* ancestors: several chains, whose upper parts are the same */
#define KEPT_MS 500

/* Its file `stat` stays its own: of a process that has ended nothing can be read through that, whoever has its number
 * by then. */
static struct kept {
	int stat;      /* 0: none */
	int64_t until; /* in ms of CLOCK_MONOTONIC */
	struct tv_proc_stat seen;
	struct tv_caller_program program; /* without its texts */
	char *path;
	char *script;
	char *module;
} kept[KEPT];

static void drop(struct kept *k)
{
	if (k->stat)
		close(k->stat);
	free(k->path);
	free(k->script);
	free(k->module);
	*k = (struct kept){0};
}

static char *copy_of(const struct tv_caller *c, uint16_t at)
{
	return at ? strdup(tv_caller_text(c, at)) : NULL;
}

/* What can't be copied is not kept. */
static void keep(const struct tv_caller *c, const struct tv_caller_program *p,
		 const struct tv_proc_stat *seen, int proc)
{
	static size_t next;
	struct kept *k = &kept[next % KEPT];
	const int stat = openat(proc, "stat", O_RDONLY | O_CLOEXEC);

	if (stat <= 0)
		return;
	drop(k);
	k->stat = stat;
	k->until = tv_now_ms() + KEPT_MS;
	k->seen = *seen;
	k->program = *p;
	k->path = copy_of(c, p->path);
	k->script = copy_of(c, p->script);
	k->module = copy_of(c, p->module);
	if (!k->path != !p->path || !k->script != !p->script || !k->module != !p->module)
		drop(k);
	else
		next++;
}

/* One that is there still, and has begun no other program: that would lie elsewhere in its memory. */
static bool is_as_seen(struct tv_proc_stat *now, const struct kept *k)
{
	return tv_proc_stat_again(now, k->stat) && !strcmp(now->name, k->seen.name) &&
	       !memcmp(now->image, k->seen.image, sizeof now->image);
}

/* The parent is looked at each time: a script that goes on as another one does so between two calls. Of those above it
 * is only known what they were just now. */
static const struct kept *recall(struct tv_proc_stat *st, pid_t pid, bool is_parent)
{
	for (struct kept *k = kept; k < kept + KEPT; k++) {
		if (!k->stat || k->program.pid != pid)
			continue;
		*st = k->seen;
		if (tv_now_ms() < k->until && (!is_parent || is_as_seen(st, k)))
			return k;
		drop(k);
	}
	return NULL;
}

static uint16_t keep_text(struct tv_caller *c, const char *text)
{
	return text ? tv_caller_keep(c, text) : 0;
}

static void put_recalled(struct tv_caller *c, struct tv_caller_program *p, const struct kept *k)
{
	*p = k->program;
	p->name = tv_caller_keep(c, k->seen.name);
	p->path = keep_text(c, k->path);
	p->module = keep_text(c, k->module);
	p->script = keep_text(c, k->script);
}

static void look_at(struct tv_caller *c, struct tv_caller_program *p, const struct tv_proc_stat *st,
		    int proc, bool is_for_log)
{
	int script;

	p->name = tv_caller_keep(c, st->name);
	/* Of another user's no more is to be seen. */
	if (!tv_caller_find_program(c, p, proc))
		return;
	c->is_cut = c->is_cut || !p->path;
	if (is_for_log && !tv_caller_is_interpreter(c, p))
		return;
	tv_caller_find_script(c, p, proc, &script);
	if (script >= 0)
		close(script);
}

/* A parent is older than its child; one that seems younger has taken the place of one that ended. */
static pid_t add(struct tv_caller *c, pid_t pid, uint64_t *start, bool is_for_log)
{
	struct tv_caller_program *p = &c->ancestors[c->n_ancestors];
	struct tv_proc_stat st;
	const struct kept *k = is_for_log ? recall(&st, pid, !c->n_ancestors) : NULL;
	const int proc = k ? -1 : tv_proc_open(pid);
	const bool is_seen = k || (proc >= 0 && tv_proc_stat(&st, proc));

	c->is_cut = c->is_cut || !is_seen || st.start > *start;
	if (!c->is_cut && k) {
		put_recalled(c, p, k);
	} else if (!c->is_cut) {
		*p = (struct tv_caller_program){.pid = pid, .start = st.start};
		look_at(c, p, &st, proc, is_for_log);
		if (is_for_log && !c->is_cut)
			keep(c, p, &st, proc);
	}
	if (proc >= 0)
		close(proc);
	if (!is_seen || st.start > *start)
		return 0;
	c->n_ancestors++;
	*start = st.start;
	return st.parent;
}

void tv_ancestors_find(struct tv_caller *c, pid_t parent, bool is_for_log)
{
	uint64_t start = c->self.start;

	while (parent > 0 && c->n_ancestors < TV_CALLER_ANCESTORS && !c->is_cut)
		parent = add(c, parent, &start, is_for_log);
	if (parent > 0)
		c->is_cut = true;
}

void tv_ancestors_forget(void)
{
	for (struct kept *k = kept; k < kept + KEPT; k++)
		drop(k);
}
