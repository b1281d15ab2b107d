/*
 * The thread that makes the kernel forget: a private mapping may have left pages of a file in its
 * cache. Dropping one can wait for a read that only the main loop can answer, so the loop can't do
 * it. The thread touches no secret and no memory but the list it was given.
 */
#ifndef TV_INVAL_H
#define TV_INVAL_H

#include <stddef.h>
#include <stdint.h>

#include "fusefs/fuse.h"
#include "vault/vault.h"

struct tv_inval_item {
	struct fuse_session *session;
	fuse_ino_t ino;
};

struct tv_inval {
	int ours; /* a socket pair, with a byte for each list and for its end */
	int theirs;
	struct tv_inval_item *items; /* the thread's while it is busy */
	size_t count;
	bool busy;
	bool again;	/* start over when done: more was asked meanwhile */
	uint32_t asked; /* the last number given out */
	uint32_t running;
	uint32_t finished; /* everything asked up to this number is done */
};

struct tv_server;

/* Starts the thread. */
enum tv_status tv_inval_start(struct tv_inval *inval, struct tv_error *err) TV_MUST_CHECK;
/* Asks for all inodes of all surfaces; the number that `finished` will reach. */
uint32_t tv_inval_all(struct tv_server *server);
bool tv_inval_is_busy(const struct tv_inval *inval);
/* To be called when `ours` is ready. */
void tv_inval_finish(struct tv_server *server);

#endif
