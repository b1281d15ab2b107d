/*
 * What the fuzz targets share. A target is a function over the bytes of one input; libFuzzer makes these up, and runs it.
 * The arena is malloc here (arena.c), so that the address sanitizer watches over each block.
 */
#ifndef TV_FUZZ_H
#define TV_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "vault/vault.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

/* What has to hold, or the input is kept as a fault. */
#define MUST(truth)                                                                                \
	do {                                                                                       \
		if (!(truth))                                                                      \
			abort();                                                                   \
	} while (0)

#endif
