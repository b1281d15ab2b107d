/* What a prompt is about: which program waits for which file. The keeper says it, on standard input. */
#ifndef TV_OCCASION_H
#define TV_OCCASION_H

#include "vault/vault.h"

#define TV_OCCASION_WIDTH 96 /* bytes of a name or path: what is longer is cut in the middle */

/* {0}: nobody waits. */
struct tv_occasion {
	struct tv_json *told;
	const char *vault; /* its name, for people */
};

/* Reads it from a descriptor, to the end; nothing is fine too. TV_USAGE. */
enum tv_status tv_occasion_read(struct tv_occasion *out, int fd,
				struct tv_error *err) TV_MUST_CHECK;
void tv_occasion_free(struct tv_occasion *o);
/* Whether a person is to say if it may be read; else their passphrase is wanted. */
bool tv_occasion_asks(const struct tv_occasion *o);
/* For so many seconds; 0: nobody said. */
int64_t tv_occasion_wait(const struct tv_occasion *o);
/* Who waits, and which terminal they have, or NULL. */
const char *tv_occasion_waits(pid_t *pid, uint64_t *start, const struct tv_occasion *o);
/* In words: lines of UTF-8 that show nothing but themselves. */
void tv_occasion_print(struct tv_secret *out, const struct tv_occasion *o, size_t width);

#endif
