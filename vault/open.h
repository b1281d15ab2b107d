/* What an open vault consists of. Only for seal.c and keyring.c. */
#ifndef TV_OPEN_H
#define TV_OPEN_H

#include "vault/seal.h"

struct tv_vault {
	struct tv_header header;
	unsigned char key[TV_KEY_BYTES];
	struct tv_doc *doc;
};

/* The pin of a vault key: a name for it that tells nothing of it. */
void tv_pin_of(unsigned char pin[static 32], const unsigned char key[static TV_KEY_BYTES]);

#endif
