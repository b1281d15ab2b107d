/*
 * What the server shows: one `struct tv_shown` for each view of the document, in place or in the
 * directory view, a list of each. It outlives a lock, and a change of the document where the path stays the same.
 */
#ifndef TV_SHOWN_H
#define TV_SHOWN_H

#include <stdint.h>

#include "fusefs/rendering.h"
#include "vault/vault.h"

struct tv_surface;
struct tv_handle;

enum tv_shown_state {
	TV_SHOWN_ABSENT, /* not mounted */
	TV_SHOWN_ASKED,	 /* the keeper is to mount it */
	TV_SHOWN_MOUNTED,
	TV_SHOWN_FAILED, /* the keeper could not */
};

struct tv_shown {
	uint32_t number; /* what keeper and server call it; of both lists no two have one */
	struct tv_view view;
	uint64_t size;
	unsigned char fingerprint[TV_FINGERPRINT_BYTES]; /* of its bytes */
	bool has_fingerprint;
	bool is_as_before; /* while the list is refreshed: its bytes are the same */
	bool is_kept;	   /* meanwhile: there is a view for it still */
	bool is_changed;   /* since whoever watches the file was told last */
	int64_t stale_at;  /* when the size is to be measured again, and the bytes made; 0: never */
	enum tv_status broken;	      /* why it can't be rendered, or TV_OK */
	char *why;		      /* of broken, or of what is left out; NULL: nothing to say */
	struct tv_rendering *current; /* of the document as it is, while anybody holds it */
	struct tv_handle *handles;    /* the open files */
	struct tv_surface *surface;   /* in place, while mounted */
	enum tv_shown_state state;
	enum tv_status failure;
	char *detail;	       /* of failure, or where it was moved to; NULL: nothing to say */
	struct tv_bytes words; /* what the audit log says of it; empty: not put together yet */
	struct tv_last {
		int64_t at; /* when it was opened last; 0: never */
		pid_t pid;
		char *program; /* or NULL */
		char *script;
	} last;
};

struct tv_shown_list {
	struct tv_shown **at; /* as the views are sorted */
	size_t count;
};

/* Follows the document: *list gets what it shows now, which are these views, keeping what stays; *gone what it no longer
 * does, for tv_shown_free. *views has the old ones then, which are the caller's to free. Sizes are measured anew. On
 * failure nothing has changed, and there are no views. */
enum tv_status tv_shown_refresh(struct tv_shown_list *list, struct tv_shown_list *gone,
				struct tv_views *views, const struct tv_doc *doc,
				const struct tv_providers *providers,
				struct tv_error *err) TV_MUST_CHECK;
/* Shows views that are remembered, with their sizes, in two empty lists, the second one of the directory view; it takes the
 * views over. On failure nothing has changed. */
enum tv_status tv_shown_recall(struct tv_shown_list *in_place, struct tv_shown_list *directory,
			       struct tv_views *views, const uint64_t *sizes,
			       struct tv_error *err) TV_MUST_CHECK;
/* Follows the time: a token that is denied once it has expired is no longer what later opens see. Looks again at what there
 * was no memory to look at. */
void tv_shown_follow(struct tv_shown *s, const struct tv_doc *doc,
		     const struct tv_providers *providers);
/* The vault is locked: nothing is known of the bytes any more, so that whatever comes is a change. */
void tv_shown_forget(struct tv_shown_list *list);
/* Replaces a text of one of them: its why or its detail; "" for nothing to say. */
void tv_shown_say(char **text, const char *words);
/* NULL when none bears the number. */
struct tv_shown *tv_shown_by_number(const struct tv_shown_list *list, uint32_t number);
/* Frees what is shown no more; open handles stay and keep their bytes. */
void tv_shown_free(struct tv_shown *s);

#endif
