/* What an open vault consists of, and what opening and sealing share. Only for open.c, seal.c and keyring.c. */
#ifndef TV_OPEN_H
#define TV_OPEN_H

#include "vault/seal.h"

struct tv_vault {
	struct tv_header header;
	unsigned char key[TV_KEY_BYTES];
	struct tv_doc *doc;
};

struct tv_vault *tv_vault_new(struct tv_error *err);

/* The pin of a vault key: a name for it that tells nothing of it. */
void tv_pin_of(unsigned char pin[static 32], const unsigned char key[static TV_KEY_BYTES]);
/* One header fits one key: the MAC is BLAKE2b under a key of its own, which commits. */
void tv_header_mac(unsigned char mac[static TV_MAC_BYTES],
		   const unsigned char vault_key[static TV_KEY_BYTES], const unsigned char *header,
		   size_t len);
/* A vault of which there is the header alone, which has its MAC under v's key. is_front: so may the bytes be. */
enum tv_status tv_vault_check_header(struct tv_vault **out, const struct tv_bytes *file,
				     bool is_front, const struct tv_vault *v,
				     struct tv_error *err) TV_MUST_CHECK;

#endif
