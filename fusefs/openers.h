/*
 * Who opened files under rules a moment ago. Who opens or reads again and again is asked about
 * once: for as long as it has had no page fault since, which can be seen from here, it runs what
 * it ran then. What it opens and reads is judged by the rules as they are now all the same.
 */
#ifndef TV_OPENERS_H
#define TV_OPENERS_H

#include "vault/vault.h"

#define TV_OPENERS 16

struct tv_openers {
	struct tv_opener {
		int32_t task;		  /* 0: nobody */
		int stat_file;		  /* of its process; −1: it opened once, as most do */
		uint64_t faults;	  /* that it had had when it was looked at */
		int64_t until;		  /* ms of CLOCK_MONOTONIC */
		struct tv_caller *caller; /* the answer */
	} at[TV_OPENERS];
	size_t next;   /* to make room */
	int64_t until; /* when they are forgotten; 0: there are none */
};

/* Whether a task has opened before, so that its faults are worth asking for. */
bool tv_openers_has(const struct tv_openers *openers, int32_t task);
/* What was found out about it and is so still; NULL: the keeper has to be asked. */
const struct tv_opener *tv_openers_find(const struct tv_openers *openers, int32_t task);
/* Whether its file is here. */
bool tv_openers_follows(const struct tv_openers *openers, int32_t task);
/* How many faults it has had, before it is asked about; 0: that can't be seen from here yet, or
 * says nothing (tv_proc_faults). */
uint64_t tv_openers_faults(const struct tv_openers *openers, int32_t task);
/* Keeps a copy of an answer, and how many faults there had been before it; the file that tells of
 * them is taken over, −1: it is here already, or not to be had. */
void tv_openers_keep(struct tv_openers *openers, int32_t task, const struct tv_caller *caller,
		     uint64_t faults, int stat_file);
void tv_openers_forget(struct tv_openers *openers);
/* How many ms may pass until tv_openers_hurry has something to do; −1: any. */
int tv_openers_wait(const struct tv_openers *openers);
/* Forgets them when nobody has opened for a while. */
void tv_openers_hurry(struct tv_openers *openers);

#endif
