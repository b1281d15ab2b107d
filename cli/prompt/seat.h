/* Where the person sits who is to be asked: terminal, display and language of the process that waits. */
#ifndef TV_SEAT_H
#define TV_SEAT_H

#include <limits.h>
#include <sys/types.h>
#include <termios.h>

#include "vault/vault.h"

/* {0} is nowhere. */
struct tv_seat {
	char tty[PATH_MAX];   /* "": none */
	const char *tty_type; /* TERM, or NULL */
	const char *language; /* of characters, or NULL */
	char **environment;   /* ours, with what is theirs of it; ended by NULL */
	struct termios modes; /* of the terminal, before anybody asked */
	bool has_modes;
};

/* pid is 0 where nobody waits, start tells it from a later one of that number; tty may be NULL. */
enum tv_status tv_seat_find(struct tv_seat *out, pid_t pid, uint64_t start, const char *tty,
			    struct tv_error *err) TV_MUST_CHECK;
void tv_seat_free(struct tv_seat *s);
/* Whether a process has the terminal open. */
bool tv_seat_is_used(const struct tv_seat *s, pid_t pid);
/* The terminal's modes as they were. */
void tv_seat_restore(const struct tv_seat *s);

#endif
