/* The entries of one service, as its files show them. */
#ifndef TV_ENTRIES_H
#define TV_ENTRIES_H

#include <stdbool.h>
#include <stddef.h>

#include "vault/doc.h"
#include "vault/provider.h"

/* The provider's entries that a file shows, when it shows all, sorted by label, and how many. NULL when memory is out; to
 * be freed with free(). They are without incomplete ones and those that are switched
 * off for it, and with just one of those that share what has to be unique. At an own path only a
 * switch of the entry's counts. */
const struct tv_entry **tv_entries_shown(size_t *n, const struct tv_doc *doc,
					 const struct tv_provider *p, const struct tv_file *f,
					 bool is_own);
/* Whether a file shows an entry: its own switch goes before the file's, and that before what the
 * definition says. */
bool tv_entry_is_on(const struct tv_doc *doc, const struct tv_provider *p, const struct tv_file *f,
		    const struct tv_entry *e);
/* An entry's value of a field, else the definition's, else "". */
const char *tv_entry_field(const struct tv_provider *p, const struct tv_entry *e, const char *name);
/* Whether it has every field that is required. Files of one that has not would make no sense. */
bool tv_entry_is_complete(const struct tv_provider *p, const struct tv_entry *e);

#endif
