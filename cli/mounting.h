/* Mounting the vault's files, starting the server where none runs: for `mount`, and after `adopt`. */
#ifndef TV_MOUNTING_H
#define TV_MOUNTING_H

#include "cli/cli.h"

struct tv_mounting {
	const char *const *providers; /* checked here */
	size_t n_providers;	      /* 0: those of every service */
	bool stays;		      /* until the server ends; the exit code is the keeper's */
	bool reports;		      /* prints the paths, or JSON, on standard output */
	bool prepares;	   /* only for a server that can mount: files may be in the way */
	bool is_locked;	   /* what was shown last, and nothing is unlocked; providers are none */
	bool stays_locked; /* a server that is locked remains so; that is said, unless it prepares */
	const char *askpass; /* what a person is asked with later on; NULL: pinentry */
	/* Whose failures count: a view as the reply to `mount` has it. NULL: all. */
	bool (*is_wanted)(const void *arg, const struct tv_json *view);
	const void *arg;
};

/* A file that can't be mounted is the failure, though the others are mounted; when there are several,
 * the others' are printed. A server that was started for nothing is ended again. */
enum tv_status tv_mounting_run(struct tv_cli *cli, const struct tv_mounting *m,
			       struct tv_error *err) TV_MUST_CHECK;

#endif
