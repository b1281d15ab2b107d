/* Hashes of programs and scripts. */
#ifndef TV_HASHES_H
#define TV_HASHES_H

#include "vault/caller.h"

/* BLAKE2b-256 of a file that was opened just now; false when it is none, or changes meanwhile. */
bool tv_program_hash(unsigned char out[static TV_HASH_BYTES], int fd);

#endif
