/*
 * The rotation of one entry's token by its service's interface, in steps: noted, minted, verified, swapped,
 * the old one ended. Each is on the disk before the next is taken, so that whichever is the last, by a kill
 * or a power cut, some later call goes on from there; and at every moment the entry's token is one that the
 * service accepts, as far as it was one before.
 */
#ifndef TV_ROTATION_H
#define TV_ROTATION_H

#include "cli/cli.h"

struct tv_rotating {
	struct tv_cli *cli;
	const struct tv_provider *provider;
	struct tv_json *entry;	 /* as `show` has it */
	char name[128];		 /* PROVIDER/LABEL */
	char *lock_path;	 /* held by this process as long as the rotation is open */
	int lock;		 /* −1: not held */
	struct tv_json *checked; /* what the service said of the new token, or NULL */
	struct tv_secret fresh;	 /* the token that was made the entry's, or empty */
	struct tv_json *ended;	 /* ids of tokens that were ended */
	bool by_hand;		 /* the old token is to be ended in the console */
};

/* As grace: the old token stays for good. */
#define TV_GRACE_NEVER ((int64_t)-1)

struct tv_rotating_wish {
	const char *title; /* what the new token's name at the service begins with, or NULL */
	int64_t expires;   /* TV_NEVER: it lasts as long as the old one did */
	int64_t grace;	   /* seconds that the old one stays, or TV_GRACE_NEVER */
};

/* Takes up an entry, named as on the command line. TV_BUSY while another process has it. */
enum tv_status tv_rotating_open(struct tv_rotating *out, struct tv_cli *cli, const char *word,
				struct tv_error *err) TV_MUST_CHECK;
void tv_rotating_free(struct tv_rotating *r);
#define tv_auto_rotating __attribute__((cleanup(tv_rotating_free))) struct tv_rotating

/* Reads the entry anew. */
enum tv_status tv_rotating_reload(struct tv_rotating *r, struct tv_error *err) TV_MUST_CHECK;
/* A new request that names the entry; NULL when memory is out. */
struct tv_json *tv_rotating_request(const struct tv_rotating *r);
/* The step that a rotation under way has reached, "minting" or "minted", or NULL. */
const char *tv_rotating_step(const struct tv_rotating *r);
/* Where people make and end the service's tokens: an address or, where there is none, the service. */
const char *tv_rotating_console(const struct tv_rotating *r);
/* Takes one step in the vault: the members of more (taken over; NULL: none) go into the message, and the
 * entry is read anew. */
enum tv_status tv_rotating_note(struct tv_rotating *r, const char *step, struct tv_json *more,
				struct tv_error *err) TV_MUST_CHECK;
/* Begins a rotation or goes on with one, until the new token is the entry's and the old one's end is
 * noted. TV_TOKEN_REFUSED: the service refuses to make one, or what it made, and nothing has changed;
 * after another failure the rotation is still under way. */
enum tv_status tv_rotating_run(struct tv_rotating *r, const struct tv_rotating_wish *wish,
			       struct tv_error *err) TV_MUST_CHECK;
/* Gives a rotation up, and ends what it made. TV_NO_ENTRY when none is under way. */
enum tv_status tv_rotating_cancel(struct tv_rotating *r, struct tv_error *err) TV_MUST_CHECK;

#endif
