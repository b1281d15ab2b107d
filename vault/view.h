/* Views: which files an unlocked vault has, where, and their bytes. */
#ifndef TV_VIEW_H
#define TV_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vault/doc.h"
#include "vault/provider.h"
#include "vault/secret.h"
#include "vault/status.h"

/* One file. Nothing in here is secret, so that it can outlive a lock: plain heap memory. */
struct tv_view {
	char *path; /* in place: below the home directory; in the directory view: below its root */
	bool in_place; /* else of the directory view: PROVIDER/LABEL/FILE */
	bool is_own;   /* in place, at a path of the user's own */
	bool is_alone; /* it shows just its entry, and not whichever is in use, or all */
	bool clashes; /* another view is a directory there, or a file above it: it can't be mounted */
	char *provider; /* names, not pointers: they outlive the document; in one block with the path */
	char *label;
	char *file;		     /* tv_file's name */
	char entry[TV_ID_CHARS + 1]; /* whose token it shows; in use, where it shows all */
	unsigned mode;		     /* 0400 or 0600 */
	int64_t mtime;		     /* the last change of what it shows */
	int64_t expires;	     /* the first of its tokens to expire; TV_NEVER: none does */
	char *other; /* the label of the entry whose that is, where it is not the one above; its own */
	bool denies; /* and it is not shown from then on */
	/* What it shows, where that is this entry alone: only to tell one from another, for it may be gone. */
	const struct tv_entry *source;
	/* The same where it shows all, in its order; its own list. */
	const struct tv_entry **sources;
	size_t n_sources;
};

struct tv_views {
	struct tv_view *at; /* in place first, each part sorted by path */
	size_t count;
};

/* What was listed before one edit, under the same definitions; the document of then is still there. */
struct tv_views_before {
	const struct tv_doc *doc;
	const struct tv_view *(*at)(const void *list, size_t i);
	const void *list;
	size_t count;
};

/* The files in place that the document has under these definitions, and those at paths of the user's own. Where
 * two would lie at one path the first provider by name has it, and own paths come last; one that would need a file
 * as a directory, or the reverse, clashes. Entries of a provider that has no definition have no file. Where some were
 * listed before, which may be NULL, the entries of a provider that has the same ones are not looked at again. */
enum tv_status tv_views_in_place(struct tv_views *out, const struct tv_views_before *before,
				 const struct tv_doc *doc, const struct tv_providers *providers,
				 struct tv_error *err) TV_MUST_CHECK;
/* The files of the directory view, where each entry has its own. */
enum tv_status tv_views_directory(struct tv_views *out, const struct tv_doc *doc,
				  const struct tv_providers *providers,
				  struct tv_error *err) TV_MUST_CHECK;
/* Both. */
enum tv_status tv_views_list(struct tv_views *out, const struct tv_doc *doc,
			     const struct tv_providers *providers,
			     struct tv_error *err) TV_MUST_CHECK;
/* Whether some definition has a file at this path below the home directory, for some label. */
bool tv_view_is_place(const char *path, const struct tv_providers *providers);
/* Whether it can be a place of the user's own: below the home directory, without empty parts, . or ..,
 * braces or control characters. */
bool tv_view_path_is_own(const char *path);
void tv_views_free(struct tv_views *v);
void tv_view_free(struct tv_view *v);
/* Gives a new view copies of its path and names; false when memory is out. */
bool tv_view_set_names(struct tv_view *v, const char *path, const char *provider, const char *label,
		       const char *file);
/* The label of the entry whose token is the first to expire; "": none does. */
const char *tv_view_expiring(const struct tv_view *v);
/* Gives it; false when memory is out. */
bool tv_view_set_expiring(struct tv_view *v, const char *label);
/* How they are sorted: below zero where a comes before b, zero where they lie at one place. */
int tv_view_order(const struct tv_view *a, const struct tv_view *b);

/* Appends the file's bytes as they are at a time; 0: as if nothing had expired. In the directory view, a
 * file that shows all entries shows just its own. TV_NO_ENTRY when the document no longer has the entry.
 * An expired token that is to be denied is left out of a file of many; TV_EXPIRED where none is left. So is
 * an entry with a value that can't be written there; TV_BAD_VALUE, naming the entry, where none is left, else
 * err's detail tells of it although all is well. */
enum tv_status tv_view_render(struct tv_secret *out, const struct tv_view *view,
			      const struct tv_doc *doc, const struct tv_providers *providers,
			      int64_t now, struct tv_error *err) TV_MUST_CHECK;
/* The entries whose tokens a view shows, expired or not; to be freed. NULL when memory is out, or when its
 * definition is gone. */
const struct tv_entry **tv_view_entries(size_t *n, const struct tv_view *view,
					const struct tv_doc *doc,
					const struct tv_providers *providers);
/* When next, after a time, a token expires that the file then denies; 0: never. */
int64_t tv_view_changes_at(const struct tv_view *view, const struct tv_doc *doc,
			   const struct tv_providers *providers, int64_t now);

#endif
