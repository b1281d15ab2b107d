/* Picks the entries of one service out of the document. */
#include "vault/entries.h"

#include <stdlib.h>
#include <string.h>

static int by_label(const void *a, const void *b)
{
	return strcmp((*(const struct tv_entry *const *)a)->now.label,
		      (*(const struct tv_entry *const *)b)->now.label);
}

const struct tv_entry **tv_entries_of(size_t *n, const struct tv_doc *doc, const char *provider)
{
	const struct tv_entry **found = calloc(doc->n_entries + 1, sizeof *found);
	size_t count = 0;

	if (!found)
		return NULL;
	for (size_t i = 0; i < doc->n_entries; i++)
		if (!doc->entries[i].removed && !strcmp(doc->entries[i].provider, provider))
			found[count++] = &doc->entries[i];
	qsort(found, count, sizeof *found, by_label);
	*n = count;
	return found;
}
