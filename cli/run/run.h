/*
 * A run: a command gets chosen entries, and nobody else does. As files, in a mount namespace that is the
 * command's alone, where a server of its own serves nothing but them; or as environment variables, or on its
 * standard input.
 */
#ifndef TV_RUN_H
#define TV_RUN_H

#include <sys/types.h>

#include "cli/cli.h"
#include "cli/scratch.h"

/* The entries that the command line names, as `show` has them, each once. */
enum tv_status tv_run_entries(struct tv_json **out, struct tv_cli *cli,
			      struct tv_error *err) TV_MUST_CHECK;
/* A vault of them alone, with their rules and what was chosen about their files; the first one of each
 * service is the one in use. */
enum tv_status tv_run_vault(struct tv_scratch **out, struct tv_cli *cli,
			    const struct tv_json *entries, struct tv_error *err) TV_MUST_CHECK;

/* A keeper and a server of a run, and the namespaces that its files are in. */
struct tv_instance {
	pid_t keeper; /* 0: none, or it was reaped */
	bool is_gone; /* it ended before it was to */
	int client;
	int mounts; /* the namespaces */
	int users;  /* -1: the one that we are in */
	char name[48];
	const struct tv_cli *cli;
	bool is_ready;
	char **files; /* where they show */
	size_t n_files;
};

/* Starts one that shows the vault's files. TV_NO_FUSE where that can't be done here. */
enum tv_status tv_instance_start(struct tv_instance *out, struct tv_cli *cli,
				 struct tv_scratch *vault, struct tv_error *err) TV_MUST_CHECK;
/* Ends it; nothing of it is left. */
void tv_instance_stop(struct tv_instance *in);
/* Clears away what those left that were killed with their commands. */
void tv_instance_clear_old(const struct tv_paths *paths);

/* Starts the command (argv is ended by NULL) in the instance's namespaces, and waits for it; signals and stops
 * go both ways, and stay blocked. *exit_code is the command's, 127 when there is no such program, 126 when it can't be run; *sig
 * is what it died of, or 0. */
enum tv_status tv_run_command(int *exit_code, int *sig, const struct tv_cli *cli,
			      struct tv_instance *in, const char *const *argv,
			      struct tv_error *err) TV_MUST_CHECK;
/* Becomes the command; returns only when that fails, with the exit code. */
int tv_run_become(const char *const *argv);

/* Sets the variables of the entries' definitions. TV_BAD_VALUE for a service without any. */
enum tv_status tv_run_variables(struct tv_cli *cli, const struct tv_json *entries,
				struct tv_error *err) TV_MUST_CHECK;
/* Puts the token on what will be the command's standard input. */
enum tv_status tv_run_stdin(const struct tv_json *entries, struct tv_error *err) TV_MUST_CHECK;

#endif
