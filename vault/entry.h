/* Entries and their versions as the edits handle them. Only for the library itself. */
#ifndef TV_ENTRY_H
#define TV_ENTRY_H

#include "vault/doc.h"

void tv_version_free(struct tv_version *v);
/* A deep copy; TV_NO_MEMORY. */
enum tv_status tv_version_copy(struct tv_version *out, const struct tv_version *v,
			       struct tv_error *err) TV_MUST_CHECK;
/* Sets a field, or takes it away where value is NULL. Name and value are checked (TV_BAD_VALUE). */
enum tv_status tv_version_set_field(struct tv_version *v, const char *name, const char *value,
				    struct tv_error *err) TV_MUST_CHECK;
/* Sets the note, or takes it away where it is NULL. */
enum tv_status tv_version_set_note(struct tv_version *v, const char *note,
				   struct tv_error *err) TV_MUST_CHECK;
enum tv_status tv_version_set_label(struct tv_version *v, const char *label,
				    struct tv_error *err) TV_MUST_CHECK;

void tv_entry_free(struct tv_entry *e);
/* A new entry at the end of the document, with an id; its version is taken over. It is put in use
 * when it is its provider's first. */
enum tv_status tv_doc_add(struct tv_entry **out, struct tv_doc *doc, const char *provider,
			  struct tv_version *version, int64_t now,
			  struct tv_error *err) TV_MUST_CHECK;
/* Makes a version the current one; the one before goes into history, whose oldest falls off. The
 * version is taken over. */
enum tv_status tv_entry_replace(struct tv_entry *e, struct tv_version *version, int64_t now,
				struct tv_error *err) TV_MUST_CHECK;
void tv_entry_forget_history(struct tv_entry *e);
/* Takes an entry out of the document for good. */
void tv_doc_erase(struct tv_doc *doc, struct tv_entry *e);
/* Makes it the one in use of its provider. */
void tv_doc_use(struct tv_doc *doc, struct tv_entry *e);
/* The entry that was removed last under this name, or NULL. */
struct tv_entry *tv_doc_find_removed(const struct tv_doc *doc, const char *provider,
				     const char *label);
/* Chooses whether a file is mounted. */
enum tv_status tv_doc_set_switch(struct tv_doc *doc, const char *provider, const char *file,
				 bool on, struct tv_error *err) TV_MUST_CHECK;
/* Appends to the notes of slots, and takes out of them. */
enum tv_status tv_doc_add_key(struct tv_doc *doc, const struct tv_key_note *key, const char *label,
			      struct tv_error *err) TV_MUST_CHECK;
void tv_doc_remove_key(struct tv_doc *doc, const unsigned char *uuid);
struct tv_key_note *tv_doc_find_key(const struct tv_doc *doc, const unsigned char *uuid);
/* Appends to the pins of former vault keys; the oldest of 64 falls off. */
enum tv_status tv_doc_add_lineage(struct tv_doc *doc, const unsigned char pin[static 32],
				  struct tv_error *err) TV_MUST_CHECK;

/* Makes room for one more in an array of the arena; NULL when memory is out. */
void *tv_grow(void *array, size_t count, size_t size);

#endif
