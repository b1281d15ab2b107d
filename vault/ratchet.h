/* Keys that evolve: one for each line of a log, from which no earlier one can be found. Only for the library
 * itself. */
#ifndef TV_RATCHET_H
#define TV_RATCHET_H

#include <stdint.h>

#include "vault/header.h"

#define TV_RATCHET_WHEELS 4
#define TV_RATCHET_BITS	  8

/* The last wheel turns with each line, the one before it with every 256th, and so on: so that any line's
 * key is a few hundred steps from the first one. A wheel that turns makes those behind it anew, and then
 * itself; what it was is gone. */
struct tv_ratchet {
	unsigned char wheel[TV_RATCHET_WHEELS][TV_KEY_BYTES];
	uint64_t n; /* the line that it is at */
};

void tv_ratchet_start(struct tv_ratchet *r, const unsigned char key[static TV_KEY_BYTES]);
/* Forward only: an n that is behind changes nothing. */
void tv_ratchet_to(struct tv_ratchet *r, uint64_t n);
/* The MAC of this line, by the digest of its bytes; 16 bytes. */
void tv_ratchet_mac(unsigned char mac[static 16], const struct tv_ratchet *r,
		    const unsigned char digest[static 32]);

#endif
