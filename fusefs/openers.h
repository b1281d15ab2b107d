/*
 * Who opened files under rules a moment ago. Who opens again and again is asked about once: for as long as the memory that it
 * ran in then is in use, which can be seen from here, it is taken to run that program, which is nearly always so. What it
 * reads is asked about each time all the same, and what it opens is judged by the rules as they are then.
 */
#ifndef TV_OPENERS_H
#define TV_OPENERS_H

#include "vault/vault.h"

#define TV_OPENERS 16

struct tv_openers {
	struct tv_opener {
		int32_t task;	 /* 0: nobody */
		int memory;	 /* −1: it opened once, as most do */
		int64_t until;	 /* ms of CLOCK_MONOTONIC */
		uint32_t number; /* of the question after which it was noted last; 0: it is not */
		uint32_t asked;	 /* with which it may be noted anew */
		struct tv_caller *caller; /* the answer */
	} at[TV_OPENERS];
	size_t next;   /* to make room */
	int64_t until; /* when they are forgotten; 0: there are none */
};

/* Whether a task has opened before, so that its memory is worth asking for. */
bool tv_openers_has(const struct tv_openers *openers, int32_t task);
/* What was found out about it and is so still; NULL: the keeper has to be asked. */
const struct tv_opener *tv_openers_find(const struct tv_openers *openers, int32_t task);
/* Whether it may be found so that the keeper is to note it with its reads, too. Once that is asked for, nobody knows under
 * which number it is noted; and that it was, after this question, where there was no later one. */
bool tv_openers_follows(const struct tv_openers *openers, int32_t task);
void tv_openers_asked(struct tv_openers *openers, int32_t task, uint32_t number);
void tv_openers_noted(struct tv_openers *openers, int32_t task, uint32_t number);
/* Keeps a copy of an answer, and its number where the keeper has noted whom it is about; the memory, −1 for none, is taken
 * over. */
void tv_openers_keep(struct tv_openers *openers, int32_t task, const struct tv_caller *caller,
		     bool is_noted, int memory);
void tv_openers_forget(struct tv_openers *openers);
/* How many ms may pass until tv_openers_hurry has something to do; −1: any. */
int tv_openers_wait(const struct tv_openers *openers);
/* Forgets them when nobody has opened for a while. */
void tv_openers_hurry(struct tv_openers *openers);

#endif
