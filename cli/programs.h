/* The programs that tokenvault starts: where they are. */
#ifndef TV_PROGRAMS_H
#define TV_PROGRAMS_H

#include <limits.h>

#include "vault/vault.h"

/* This program. */
enum tv_status tv_program_self(char out[static PATH_MAX], struct tv_error *err) TV_MUST_CHECK;
/* Finds a program of ours: beside this one, in the build tree's build_dir, or where it is installed.
 * Never by PATH, for it is handed secrets. TV_FAILED when it is nowhere. */
enum tv_status tv_program_find(char out[static PATH_MAX], const char *name, const char *build_dir,
			       struct tv_error *err) TV_MUST_CHECK;

#endif
