/*
 * What this machine has seen of a vault: kept outside of it, so that an older copy, a second history
 * or a foreign vault put in its place is noticed.
 */
#ifndef TV_STATE_H
#define TV_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "vault/header.h"
#include "vault/status.h"

struct tv_seen {
	unsigned char vault_id[TV_ID_BYTES];
	uint64_t generation;
	unsigned char mac[TV_MAC_BYTES]; /* of the header at that generation */
	unsigned char pin[32];		 /* of the vault key: two hashes away from it */
};

/* Reads DIR/VAULT-ID.seen; *known is false when there is none. dir may be NULL: nothing is known. A
 * file that can't be understood is TV_DAMAGED and its path is named. */
enum tv_status tv_seen_load(struct tv_seen *out, bool *known, const char *dir,
			    const unsigned char vault_id[static TV_ID_BYTES],
			    struct tv_error *err) TV_MUST_CHECK;
/* Writes it, so that a crash leaves the old one or this one, when it is a later generation than what stands there, or in any case with
 * force; makes dir (0700) when missing. dir may be NULL: nothing is kept. */
enum tv_status tv_seen_save(const char *dir, const struct tv_seen *seen, bool force,
			    struct tv_error *err) TV_MUST_CHECK;

#endif
