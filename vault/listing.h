/*
 * The reply to `list`, which may tell of a hundred thousand entries: they are read one by one out of its text, without
 * a tree of it.
 */
#ifndef TV_LISTING_H
#define TV_LISTING_H

#include <stdbool.h>
#include <stdint.h>

#include "vault/json.h"
#include "vault/secret.h"
#include "vault/status.h"

/* An entry as a list has it. A text that is null is NULL, a time that is null is 0. */
struct tv_listed {
	const char *provider;
	const char *label;
	const char *account;
	const char *answer; /* the name of the status that the last check ended with */
	int64_t expires;
	int64_t verified;
	int64_t tried;
	int64_t updated;
	bool in_use;
};

struct tv_listing {
	struct tv_secret text; /* the reply's; strings that were read end in a NUL there */
	size_t next;	       /* where to go on */
	size_t count;	       /* how many were given */
	bool failed;	       /* it is not what a list's reply is */
};

/* Begins to read a reply, whose text it takes over. */
void tv_listing_begin(struct tv_listing *out, struct tv_secret *text);
/* The next entry; its strings stay until the listing is freed. false when there is none, or it can't be understood,
 * which tv_listing_check tells: TV_SERVER. */
bool tv_listing_next(struct tv_listed *out, struct tv_listing *l);
enum tv_status tv_listing_check(const struct tv_listing *l, struct tv_error *err) TV_MUST_CHECK;
void tv_listing_free(struct tv_listing *l);
#define tv_auto_listing __attribute__((cleanup(tv_listing_free))) struct tv_listing

/* The same of an entry in a tree, whose strings they are. */
void tv_listed_of(struct tv_listed *out, const struct tv_json *entry);

#endif
