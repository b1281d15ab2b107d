/* The vault's file, watched: every save replaces it, so the directory is what has to be watched. */
#ifndef TV_WATCH_H
#define TV_WATCH_H

#include <stdbool.h>

#include "vault/vault.h"

struct tv_watch {
	int fd; /* to be polled; −1: the system would not let us watch */
	/* ms of CLOCK_MONOTONIC; 0: never */
	int64_t drain_at; /* when it is seen what was touched */
	int64_t look_at;  /* when the vault's file is to be read */
	struct tv_store *store;
	char *path;	  /* of the file itself, no link's */
	const char *name; /* the last part of that */
};

/* Never fails for want of a watch: then saves are learnt of from those who save. */
enum tv_status tv_watch_open(struct tv_watch *w, const char *vault,
			     struct tv_error *err) TV_MUST_CHECK;
void tv_watch_close(struct tv_watch *w);

/*
 * Something was touched. A save does that more than once, and who makes it would wait each time while the keeper looks; and
 * tells the server itself: to read the file would only keep the server from whom it serves. So it is looked at in a moment,
 * until when there is nothing more to be told of; and where the file is a large one, later.
 */
void tv_watch_felt(struct tv_watch *w);

/* A save comes that the server will be told of: some time after it is soon enough to see what was touched. true: until then
 * nothing need be told of, which who saves would wait for. */
bool tv_watch_expect(struct tv_watch *w);

/* How many ms may pass until tv_watch_hurry has something to do; −1: any. */
int tv_watch_wait(const struct tv_watch *w);
/* Sees what was touched, when it is time; true: the vault's file was, and is to be read. */
bool tv_watch_hurry(struct tv_watch *w);

/* The file's bytes as a sealed memfd, the caller's. */
enum tv_status tv_watch_read(int *fd, struct tv_watch *w, struct tv_error *err) TV_MUST_CHECK;

#endif
