/* The entries that files of all of a service's entries show, and what follows from them. */
#ifndef TV_SOURCES_H
#define TV_SOURCES_H

#include "vault/view.h"

struct tv_sources {
	const struct tv_doc *doc;
	const struct tv_views_before *before; /* NULL: nothing that helps */
	const struct tv_entry **removed;      /* the document's; NULL: nobody has wanted them yet */
	size_t n_removed;
};

/* before may be NULL. */
struct tv_sources tv_sources_of(const struct tv_doc *doc, const struct tv_views_before *before);
void tv_sources_free(struct tv_sources *sources);
/* Gives a view the entries that it shows; false when memory is out. */
bool tv_sources_find(struct tv_view *v, const struct tv_sources *sources,
		     const struct tv_provider *p, const struct tv_file *f);
/* Notes in a view that has them when they changed last, and when the first token of them expires; false when memory is out. */
bool tv_sources_sum_up(struct tv_view *v, struct tv_sources *sources, const struct tv_provider *p,
		       const struct tv_file *f);
/* Notes when this entry's expires, where that is the first one; false when memory is out. */
bool tv_view_note_expiry(struct tv_view *v, const struct tv_entry *e);

#endif
