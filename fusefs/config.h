/* What the command line says, and the paths that follow from it. */
#ifndef TV_FS_CONFIG_H
#define TV_FS_CONFIG_H

#include <limits.h>
#include <stdbool.h>

#include "vault/vault.h"

struct tv_fs_config {
	const char *vault;     /* the vault file */
	const char *name;      /* of the instance: the socket, the mounts and the journal bear it */
	const char *runtime;   /* directory of socket, lock and directory view */
	const char *home;      /* the files in place lie below it */
	const char *state;     /* directory of the journal and the audit log */
	const char *log;       /* whose audit log it is; NULL: that of the name */
	const char *providers; /* directory of the user's definitions, or NULL */
	const char *approved;  /* the list of paths of the user's own, or NULL */
	const char *cli;       /* the command, which asks; NULL: nobody is asked */
	const char *askpass;   /* what it asks with, or NULL: pinentry */
	int ready_fd;	       /* who started us waits here for a status; −1: nobody does */
	int run_fd; /* the only client's socket: a run (fusefs/run/); −1: an instance for all */
	bool foreground;
	bool cleanup;
	bool is_run;
	const char **places; /* of a run: where its files are to be, below the home directory */
	size_t n_places;
	char real_home[PATH_MAX]; /* home and runtime point here once links are resolved */
	char real_runtime[PATH_MAX];
	char source[96]; /* what the mounts are said to be of: no other instance's are */
	char socket[PATH_MAX];
	char lock[PATH_MAX];
	char tree[PATH_MAX];
	char journal[PATH_MAX];
	char journal_lock[PATH_MAX];
	char shown[PATH_MAX]; /* what is remembered of what was shown */
};

/* Checks what is required of the members above ready_fd, and fills the paths. TV_USAGE. */
enum tv_status tv_fs_config_finish(struct tv_fs_config *config, struct tv_error *err) TV_MUST_CHECK;

#endif
