/* Keeps the keeper's answers beside descriptors of the memory that they are about. */
#include "fusefs/openers.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GOOD_MS 300 /* for what lies at the program's path, as with the keeper */
#define KEPT_MS 1000

static void let_go(struct tv_opener *o)
{
	if (o->task && o->memory >= 0)
		close(o->memory);
	free(o->caller);
	*o = (struct tv_opener){0};
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

const struct tv_opener *tv_openers_find(const struct tv_openers *openers, int32_t task)
{
	const struct tv_opener *o = of_task(openers, task);

	if (!o || o->memory < 0 || tv_now_ms() >= o->until || !tv_memory_is_in_use(o->memory))
		return NULL;
	return o;
}

bool tv_openers_follows(const struct tv_openers *openers, int32_t task)
{
	const struct tv_opener *o = of_task(openers, task);

	return o && o->memory >= 0;
}

void tv_openers_asked(struct tv_openers *openers, int32_t task, uint32_t number)
{
	struct tv_opener *o = of_task(openers, task);

	if (!o)
		return;
	o->asked = number;
	o->number = 0;
}

void tv_openers_noted(struct tv_openers *openers, int32_t task, uint32_t number)
{
	struct tv_opener *o = of_task(openers, task);

	if (o && o->asked == number)
		o->number = number;
}

void tv_openers_keep(struct tv_openers *openers, int32_t task, const struct tv_caller *caller,
		     bool is_noted, int memory)
{
	const size_t len = offsetof(struct tv_caller, text) + caller->text_len;
	struct tv_opener *o = of_task(openers, task);
	struct tv_caller *copy = malloc(len);
	const int64_t now = tv_now_ms();
	/* The keeper looked at its path when it was asked first. */
	const int64_t until = o && o->until > now ? o->until : now + GOOD_MS;

	if (!o)
		o = &openers->at[openers->next++ % TV_OPENERS];
	let_go(o);
	if (!copy) {
		if (memory >= 0)
			close(memory);
		return;
	}
	memcpy(copy, caller, len);
	*o = (struct tv_opener){.task = task,
				.memory = memory,
				.until = until,
				.number = is_noted ? caller->number : 0,
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
