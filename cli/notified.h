/* Which notifications were shown already, so that a timer shows none of them twice. */
#ifndef TV_NOTIFIED_H
#define TV_NOTIFIED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vault/vault.h"

#define TV_NOTIFIED_DAYS 90 /* what is longer past than this is no news, and forgotten */

/* An entry's id, the time that it is about, and what was said of it: a word. */
struct tv_notified_item {
	char id[TV_ID_CHARS + 1];
	int64_t when;
	char what[12];
};

struct tv_notified {
	struct tv_notified_item *items;
	size_t n;
};

/* Reads DIR/notified; a missing or spoilt file is an empty one: then something is shown twice. */
void tv_notified_load(struct tv_notified *out, const char *dir, int64_t now);
bool tv_notified_has(const struct tv_notified *n, const struct tv_notified_item *item);
/* false when memory is out. */
bool tv_notified_add(struct tv_notified *n, const struct tv_notified_item *item);
/* Writes it to a new file and puts that in place. */
enum tv_status tv_notified_save(const struct tv_notified *n, const char *dir,
				struct tv_error *err) TV_MUST_CHECK;
void tv_notified_free(struct tv_notified *n);
#define tv_auto_notified __attribute__((cleanup(tv_notified_free))) struct tv_notified

#endif
