/* Keeps the keeper's answers beside descriptors that tell whether they hold still. */
#include "fusefs/openers.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* For its namespaces, and what lies at the program's path. */
#define GOOD_MS 300
#define KEPT_MS 1000

static void close_file(int file)
{
	if (file >= 0)
		close(file);
}

static void let_go(struct tv_opener *o)
{
	if (o->task)
		close_file(o->stat_file);
	free(o->caller);
	*o = (struct tv_opener){.stat_file = -1};
}

static struct tv_opener *of_task(const struct tv_openers *openers, int32_t task)
{
	for (size_t i = 0; task > 0 && i < TV_OPENERS; i++)
		if (openers->at[i].task == task)
			return (struct tv_opener *)(uintptr_t)&openers->at[i];
	return NULL;
}

bool tv_openers_has(const struct tv_openers *openers, int32_t task)
{
	return of_task(openers, task) != NULL;
}

static uint64_t faults_of(const struct tv_opener *o)
{
	return o && o->stat_file >= 0 ? tv_proc_faults(o->stat_file, o->caller->self.pid == o->task)
				      : 0;
}

bool tv_openers_follows(const struct tv_openers *openers, int32_t task)
{
	const struct tv_opener *o = of_task(openers, task);

	return o && o->stat_file >= 0 && tv_proc_faults(o->stat_file, false);
}

uint64_t tv_openers_faults(const struct tv_openers *openers, int32_t task)
{
	return faults_of(of_task(openers, task));
}

const struct tv_opener *tv_openers_find(const struct tv_openers *openers, int32_t task)
{
	const struct tv_opener *o = of_task(openers, task);

	if (!o || !o->faults || tv_now_ms() >= o->until || faults_of(o) != o->faults)
		return NULL;
	return o;
}

void tv_openers_keep(struct tv_openers *openers, int32_t task, const struct tv_caller *caller,
		     uint64_t faults, int stat_file)
{
	const size_t len = offsetof(struct tv_caller, text) + caller->text_len;
	struct tv_opener *o = of_task(openers, task);
	struct tv_caller *copy = malloc(len);
	const int64_t now = tv_now_ms();
	/* The keeper looked at its path when it was asked first. */
	const int64_t until = o && o->until > now ? o->until : now + GOOD_MS;

	if (!o)
		o = &openers->at[openers->next++ % TV_OPENERS];
	if (o->task == task && stat_file < 0) {
		stat_file = o->stat_file;
		o->stat_file = -1;
	}
	let_go(o);
	if (!copy) {
		close_file(stat_file);
		return;
	}
	memcpy(copy, caller, len);
	*o = (struct tv_opener){.task = task,
				.stat_file = stat_file,
				.faults = faults,
				.until = until,
				.caller = copy};
	openers->until = now + KEPT_MS;
}

void tv_openers_forget(struct tv_openers *openers)
{
	for (size_t i = 0; i < TV_OPENERS; i++)
		let_go(&openers->at[i]);
	openers->next = 0;
	openers->until = 0;
}

int tv_openers_wait(const struct tv_openers *openers)
{
	const int64_t left = openers->until ? openers->until - tv_now_ms() : -1;

	return openers->until && left < 0 ? 0 : (int)left;
}

void tv_openers_hurry(struct tv_openers *openers)
{
	if (openers->until && tv_now_ms() >= openers->until)
		tv_openers_forget(openers);
}
