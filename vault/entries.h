/* The entries of one service, as its files show them. */
#ifndef TV_ENTRIES_H
#define TV_ENTRIES_H

#include <stddef.h>

#include "vault/doc.h"

/* The provider's entries that are there, sorted by label, and how many. NULL when memory is out; to
 * be freed with free(). */
const struct tv_entry **tv_entries_of(size_t *n, const struct tv_doc *doc, const char *provider);

#endif
