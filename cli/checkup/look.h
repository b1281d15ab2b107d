/* Looking at the machine, for checks: its files, its programs, its mounts. */
#ifndef TV_CHECKUP_LOOK_H
#define TV_CHECKUP_LOOK_H

#include <limits.h>
#include <sys/types.h>

#include "cli/checkup/checkup.h"
#include "cli/program.h"

/* A path of the machine's, /etc/…, with the check-up's root in front. */
const char *tv_look_path(char out[static PATH_MAX], const struct tv_checkup *c, const char *path);
/* A text file of it, or one of the user's own, whole and with a NUL behind it; false: there is none that
 * can be read, and then errno says why. Of a longer one than 1 MiB, its beginning. */
bool tv_look_read(struct tv_bytes *out, const struct tv_checkup *c, const char *path);
bool tv_look_read_own(struct tv_bytes *out, const char *path);
/* The number that a file of the machine's holds. */
bool tv_look_number(long *out, const struct tv_checkup *c, const char *path);
/* Whether a file of the machine's has a line of that word, blanks and a first column aside. */
bool tv_look_has_word(const struct tv_checkup *c, const char *path, const char *word);
/* The next line of text, without its end, or NULL; *at moves past it, and text is written to. */
char *tv_look_line(char **at);
/* Whether there is a program of that name in PATH or where root's are. */
bool tv_look_program(struct tv_program *out, const char *name);
/* Runs one, without a shell and with the user's environment, and takes the beginning of what it says on
 * standard output. Its exit code; -1: it does not start, or takes longer than 10 s. */
int tv_look_run(struct tv_bytes *out, const char *const *argv);
/* A path as people write it, with ~ for the home directory. */
const char *tv_look_tilde(char out[static PATH_MAX], const struct tv_checkup *c, const char *path);

/* A mount, as /proc/self/mountinfo has it. */
struct tv_mounted {
	char *path;
	char *type;
	char *source;
	bool is_ours; /* this user's and tokenvault's, below the home or the runtime directory */
};

struct tv_mounted_list {
	struct tv_mounted *at;
	size_t count;
};

/* In the order in which they were made; false when the list can't be read. */
bool tv_look_mounts(struct tv_mounted_list *out, const struct tv_checkup *c);
void tv_mounted_list_free(struct tv_mounted_list *m);
#define tv_auto_mounted __attribute__((cleanup(tv_mounted_list_free))) struct tv_mounted_list

#endif
