/* Keys that evolve by hashing. The shape is that of Megolm's ratchet, with the hash of the house. */
#include "vault/ratchet.h"

#include <sodium.h>
#include <string.h>

#include "vault/derive.h"

static void turn(struct tv_ratchet *r, unsigned wheel)
{
	for (unsigned w = TV_RATCHET_WHEELS; w-- > wheel;) {
		const unsigned char which = (unsigned char)w;
		unsigned char next[TV_KEY_BYTES];

		tv_derive(next, sizeof next, r->wheel[wheel], "tokenvault audit wheel v1", &which,
			  1);
		memcpy(r->wheel[w], next, sizeof next);
		sodium_memzero(next, sizeof next);
	}
}

void tv_ratchet_start(struct tv_ratchet *r, const unsigned char key[static TV_KEY_BYTES])
{
	memcpy(r->wheel[0], key, TV_KEY_BYTES);
	turn(r, 0);
	r->n = 0;
}

void tv_ratchet_to(struct tv_ratchet *r, uint64_t n)
{
	for (unsigned w = 0; w < TV_RATCHET_WHEELS; w++) {
		const unsigned shift = TV_RATCHET_BITS * (TV_RATCHET_WHEELS - 1 - w);

		while (r->n >> shift < n >> shift) {
			turn(r, w);
			r->n = ((r->n >> shift) + 1) << shift;
		}
	}
}

void tv_ratchet_mac(unsigned char mac[static 16], const struct tv_ratchet *r,
		    const unsigned char digest[static 32])
{
	tv_derive(mac, 16, r->wheel[TV_RATCHET_WHEELS - 1], "tokenvault audit line v1", digest, 32);
}
