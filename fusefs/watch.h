/* The vault's file, watched: every save replaces it, so the directory is what has to be watched. */
#ifndef TV_WATCH_H
#define TV_WATCH_H

#include <stdbool.h>

#include "vault/vault.h"

struct tv_watch {
	int fd; /* to be polled; −1: the system would not let us watch */
	struct tv_store *store;
	const char *name; /* the file's name in its directory */
	char *directory;
};

/* Never fails for want of a watch: then saves are learnt of from those who save. */
enum tv_status tv_watch_open(struct tv_watch *w, const char *vault,
			     struct tv_error *err) TV_MUST_CHECK;
void tv_watch_close(struct tv_watch *w);

/* Reads all events; true when the vault's file was touched by any. */
bool tv_watch_drain(struct tv_watch *w);

/* The file's bytes as a sealed memfd, the caller's. */
enum tv_status tv_watch_read(int *fd, struct tv_watch *w, struct tv_error *err) TV_MUST_CHECK;

#endif
