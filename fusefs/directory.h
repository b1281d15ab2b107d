/*
 * The directory view's files. They are many, and few of them are ever asked for: they follow the vault when somebody
 * asks, or some time after it has changed.
 */
#ifndef TV_DIRECTORY_H
#define TV_DIRECTORY_H

#include "fusefs/shown.h"

struct tv_server;
struct tv_tree;

struct tv_directory {
	struct tv_shown_list shown;
	struct tv_tree *tree; /* of these; NULL: just a root */
	bool is_behind;	      /* the vault is another one than they show */
	bool has_failed;      /* for want of memory: whoever asks next tries again */
	struct tv_vault *of;  /* which they show, while they are behind; NULL: none */
	int64_t due;	      /* ms of CLOCK_MONOTONIC: when they follow though nobody asks */
	int64_t latest;	      /* to which more changes may put that off */
};

/* The vault is about to be another one; takes over the one that it was, which is NULL where it was locked. */
void tv_directory_fall_behind(struct tv_directory *directory, struct tv_vault *before);
/* Shows what the vault says. On failure all stays as it was. */
enum tv_status tv_directory_follow(struct tv_server *server, struct tv_error *err) TV_MUST_CHECK;
/* The vault is about to be locked: shows what it said last, and forgets what it was. */
void tv_directory_lock(struct tv_server *server);
/* How many ms until tv_directory_hurry has something to do; −1: it has nothing. */
int tv_directory_wait(const struct tv_directory *directory);
void tv_directory_hurry(struct tv_server *server);

#endif
