/* The descriptors that the server keeps of all that it was forked with. */
#ifndef TV_DESCRIPTORS_H
#define TV_DESCRIPTORS_H

#include <stddef.h>

#include "vault/vault.h"

/* Keeps those listed (they may change their numbers: they come back through the pointers), closes all
 * others, and lets 0 to 2 lead nowhere. */
enum tv_status tv_descriptors_keep(int *const *keep, size_t count,
				   struct tv_error *err) TV_MUST_CHECK;

#endif
