/*
 * The keeper's side of prompts: the program that asks a person, one at a time. It is the command itself, so that
 * no passphrase comes near the keeper, which learns no more than how it ended.
 */
#ifndef TV_PROMPTER_H
#define TV_PROMPTER_H

#include "fusefs/config.h"
#include "fusefs/link.h"

struct tv_prompter {
	pid_t pid; /* 0: none runs */
	int pidfd; /* ready when it has ended; −1: none */
	int timer; /* ready when it is to be ended; −1: none */
	bool was_told;
	uint32_t number; /* the server's */
};

#define TV_PROMPTER_NONE                                                                           \
	(struct tv_prompter)                                                                       \
	{                                                                                          \
		.pidfd = -1, .timer = -1                                                           \
	}

/* What the server asks for: PROMPT or CONFIRM. TV_BUSY, TV_NO_PROMPT. */
enum tv_status tv_prompter_start(struct tv_prompter *p, const struct tv_fs_config *config,
				 const struct tv_link_message *m) TV_MUST_CHECK;
/* It may go on for so long. */
void tv_prompter_limit(struct tv_prompter *p, int ms);
/* Its time is over. */
void tv_prompter_hurry(struct tv_prompter *p);
/* It ended: how, and with which number. TV_BUSY: we had told it to. */
enum tv_status tv_prompter_reap(uint32_t *number, struct tv_prompter *p) TV_MUST_CHECK;
/* Ends it, if there is one, and waits for that. */
void tv_prompter_stop(struct tv_prompter *p);

#endif
