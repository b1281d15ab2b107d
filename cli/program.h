/* Programs and scripts as rules name them. */
#ifndef TV_PROGRAM_H
#define TV_PROGRAM_H

#include <limits.h>
#include <sys/types.h>

#include "vault/vault.h"

struct tv_program {
	char path[PATH_MAX];   /* links resolved, as the kernel says it of a process */
	char script[PATH_MAX]; /* "": none */
};

/* A program by its path, or by its name in PATH. A script that is named as the program is taken apart
 * into the interpreter of its first line and itself. script may be NULL. TV_NO_ENTRY. */
enum tv_status tv_program_find_out(struct tv_program *out, const char *program, const char *script,
				   struct tv_error *err) TV_MUST_CHECK;
/* A file that can be run, by its path or by its name in PATH: links resolved. TV_NO_ENTRY, TV_BAD_VALUE. */
enum tv_status tv_program_resolve(char out[static PATH_MAX], const char *program,
				  struct tv_error *err) TV_MUST_CHECK;
/* A file's hash in hex. TV_IO. */
enum tv_status tv_program_hash(char out[static 2 * TV_HASH_BYTES + 1], const char *path,
			       struct tv_error *err) TV_MUST_CHECK;
/* When a process started, in clock ticks after boot; 0: it is not there. */
uint64_t tv_program_start(pid_t pid);

#endif
