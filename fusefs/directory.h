/*
 * The directory view's files. They are many, and few of them are ever asked for: they follow the vault when somebody
 * asks, a moment after an edit where they are few (fusefs/memory.h), and before the list of what is shown is written down
 * or the vault is locked.
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
	struct tv_vault *of;  /* which they show, while they are behind; NULL: none */
};

/* The vault is about to be another one; takes over the one that it was, which is NULL where it was locked. */
void tv_directory_fall_behind(struct tv_directory *directory, struct tv_vault *before);
/* Shows what the vault says. Without memory it goes on to show what it did, and whoever asks next tries again. */
enum tv_status tv_directory_follow(struct tv_server *server, struct tv_error *err) TV_MUST_CHECK;
/* The vault is about to be locked: shows what it said last, and forgets what it was. */
void tv_directory_lock(struct tv_server *server);

#endif
