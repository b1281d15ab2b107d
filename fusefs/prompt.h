/*
 * Opens that wait for a person: of a locked file, until the vault is unlocked, and of one that a rule asks about,
 * until it is allowed. One prompt at a time, by way of the keeper, for all who wait for the same; nothing else
 * waits with them, and a reader that is killed meanwhile gets its answer at once.
 */
#ifndef TV_FS_PROMPT_H
#define TV_FS_PROMPT_H

#include "fusefs/waiting.h"
#include "vault/vault.h"

struct tv_server;
struct tv_surface;

#define TV_PROMPT_REFUSED 32 /* programs, remembered */

/* Times are ms of CLOCK_MONOTONIC. */
struct tv_prompt {
	struct tv_waiting_list waiting;

	bool is_running; /* the keeper has not said yet how it ended */
	bool is_over;	 /* but nobody waits for that any more */
	bool is_left;	 /* nor just now, but somebody may come back */
	uint32_t number; /* of the last one */
	struct tv_topic topic;
	int64_t deadline;

	enum tv_status last; /* how the last one ended */
	bool any_ended;
	int64_t paused_until; /* nobody is asked for the passphrase */
	struct tv_prompt_refused {
		unsigned char program[TV_HASH_BYTES];
		int64_t until;
	} refused[TV_PROMPT_REFUSED];
	size_t next_refused;
};

void tv_prompt_start(struct tv_server *server);

/* An open of a locked file waits; false: it is to be refused, with ENOKEY. */
bool tv_prompt_unlock(const struct tv_asking *open);
/* An open that a rule asks about waits; false: it is to be refused. */
bool tv_prompt_confirm(const struct tv_asking *open, const struct tv_shown *shown,
		       const struct tv_caller *caller, const struct tv_judgement *judgement);

/* The keeper says that a prompt stays, though who waited for it has a signal. */
void tv_prompt_stays(struct tv_server *server, uint32_t number);
/* The keeper says how a prompt ended. */
void tv_prompt_ended(struct tv_server *server, uint32_t number, enum tv_status status);
/* Opens that waited for this are made again. */
void tv_prompt_unlocked(struct tv_server *server);
/* Replies to all who wait: the vault is locked, or was to be. */
void tv_prompt_lock(struct tv_server *server);
void tv_prompt_drop_surface(struct tv_server *server, const struct tv_surface *surface);

/* How long until tv_prompt_hurry has something to do, in ms; −1: for ever. */
int tv_prompt_timeout(const struct tv_server *server);
/* Answers those whose time is over. */
void tv_prompt_hurry(struct tv_server *server);
/* The member `prompt` of status. */
bool tv_prompt_report(struct tv_json *object, const struct tv_server *server);

#endif
