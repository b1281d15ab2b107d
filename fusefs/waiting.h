/* Opens that wait for a person, and what about. */
#ifndef TV_WAITING_H
#define TV_WAITING_H

#include "fusefs/who.h"
#include "vault/vault.h"

/* Whoever waits for one answer has one: for the vault, all; for a rule's, each process by itself, for each file. */
struct tv_topic {
	bool confirms;
	uint32_t view;
	unsigned char who[TV_HASH_BYTES];     /* tv_caller_digest: the process */
	unsigned char program[TV_HASH_BYTES]; /* and its program */
};

bool tv_topic_is(const struct tv_topic *a, const struct tv_topic *b);

struct tv_waiting {
	struct tv_asking open;
	struct tv_topic topic;
	char entry[TV_LABEL_MAX + 64]; /* for people */
	int64_t deadline;
	bool is_interrupted;
	struct tv_waiting *next;
	struct tv_waiting **link;
};

/* Times are ms of CLOCK_MONOTONIC. */
struct tv_waiting_list {
	struct tv_waiting *first; /* oldest first */
	struct tv_waiting **end;
	size_t count;
	int64_t next_deadline; /* 0: none */
	bool any_interrupted;
};

void tv_waiting_start(struct tv_waiting_list *list);
/* One more, with a copy of the open, for so many seconds; NULL when memory is out. */
struct tv_waiting *tv_waiting_add(struct tv_waiting_list *list, const struct tv_asking *open,
				  const struct tv_topic *topic, int64_t seconds);
void tv_waiting_hurry_by(struct tv_waiting_list *list, int64_t deadline);
/* Each ends a wait: with an errno, with the one for what was waited for, by making the open again from its start. */
void tv_waiting_reply(struct tv_waiting *w, int err);
void tv_waiting_refuse(struct tv_waiting *w);
void tv_waiting_retry(struct tv_waiting *w);
/* Whether anybody waits for it who was not interrupted. */
bool tv_waiting_wants(const struct tv_waiting_list *list, const struct tv_topic *topic);

#endif
