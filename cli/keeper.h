/* The keeper, tokenvault-fs, as its parent sees it: starting it, ending it, clearing up after it. */
#ifndef TV_KEEPER_H
#define TV_KEEPER_H

#include <sys/types.h>

#include "cli/cli.h"

/* Starts the keeper and waits until it is ready. In the foreground *child is its process; else it has
 * moved to the background and *child is 0. A keeper that fails says why, with its own status. askpass is what a
 * person is asked with later on; NULL: pinentry. */
enum tv_status tv_keeper_start(pid_t *child, const struct tv_cli *cli, bool in_foreground,
			       const char *askpass, struct tv_error *err) TV_MUST_CHECK;
/* Ends a server, by message or, where it does not answer, by signal, and waits until it is gone. */
enum tv_status tv_keeper_stop(struct tv_cli *cli, struct tv_error *err) TV_MUST_CHECK;
/* Clears away what an instance left behind that is no more; TV_NOT_MOUNTED when there was nothing. */
enum tv_status tv_keeper_clean_up(const struct tv_paths *paths, const char *name,
				  struct tv_error *err) TV_MUST_CHECK;

/* A keeper for a run, with namespaces of its own. */
struct tv_keeper_run {
	const struct tv_paths *paths;
	const char *name;
	const char *const *places; /* below the home directory: where files are to be */
	size_t n_places;
	int client; /* the socket of its only client; its end */
	int ready; /* a SOCK_SEQPACKET socket: descriptors of the namespaces come first, then the status */
};

/* Starts one; it ends with us. */
enum tv_status tv_keeper_start_run(pid_t *child, const struct tv_keeper_run *run,
				   struct tv_error *err) TV_MUST_CHECK;
/* What a keeper says once it is ready, or has failed: a byte that is a status, and its detail, which there
 * may be for TV_OK too. */
enum tv_status tv_keeper_read_ready(int fd, struct tv_error *err) TV_MUST_CHECK;
/* Waits for one to end; gives its exit code. */
int tv_keeper_exit_code(pid_t child);

#endif
