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
/* Sets the account, or takes it away where it is NULL. */
enum tv_status tv_version_set_account(struct tv_version *v, const char *account,
				      struct tv_error *err) TV_MUST_CHECK;
enum tv_status tv_version_set_label(struct tv_version *v, const char *label,
				    struct tv_error *err) TV_MUST_CHECK;

/* Sets the token, with the expiry that it says itself or none: an expiry belongs to a token, and so does the
 * account, which goes with another one. */
enum tv_status tv_version_set_token(struct tv_version *v, const char *token,
				    struct tv_error *err) TV_MUST_CHECK;
/* Sets the expiry, unless somebody who goes before the one who says so has said another. */
void tv_version_set_expires(struct tv_version *v, int64_t expires, enum tv_expiry from);

/* Adds a host, unless it is there; TV_BAD_VALUE for what is none, or for more than max. */
enum tv_status tv_hosts_add(struct tv_hosts *h, const char *host, size_t max,
			    struct tv_error *err) TV_MUST_CHECK;
/* Replaces them by those of a JSON array of texts. */
enum tv_status tv_hosts_from_json(struct tv_hosts *h, const struct tv_json *list, size_t max,
				  struct tv_error *err) TV_MUST_CHECK;
struct tv_json *tv_hosts_to_json(const struct tv_hosts *h);
void tv_hosts_free(struct tv_hosts *h);

/* Lets go of what a document has; the last one frees it. */
void tv_entry_release(struct tv_entry *e);
/* A copy that can be changed, of which the caller is the only holder. */
enum tv_status tv_entry_copy(struct tv_entry **out, const struct tv_entry *e,
			     struct tv_error *err) TV_MUST_CHECK;
/* A copy that is one block, and constant. */
enum tv_status tv_entry_pack(struct tv_entry **out, const struct tv_entry *e,
			     struct tv_error *err) TV_MUST_CHECK;

/* Whoever changes an entry has to own it, gets it from one of these, and has it until tv_doc_settle, which is
 * when the document's order follows. */
enum tv_status tv_doc_own(struct tv_entry **out, struct tv_doc *doc, const struct tv_entry *e,
			  struct tv_error *err) TV_MUST_CHECK;
/* A new entry at the end of the document, with an id; its version is taken over. It is put in use
 * when it is its provider's first. */
enum tv_status tv_doc_add(struct tv_entry **out, struct tv_doc *doc, const char *provider,
			  struct tv_version *version, int64_t now,
			  struct tv_error *err) TV_MUST_CHECK;
/* Makes a version the current one; the one before goes into history, whose oldest falls off. The
 * version is taken over. Of another token it is not known what the service says. */
enum tv_status tv_entry_replace(struct tv_entry *e, struct tv_version *version, int64_t now,
				struct tv_error *err) TV_MUST_CHECK;
/* Notes that the token whose id a field holds was ended at its service, in every version that has it. False
 * where none has. */
bool tv_entry_end_token(struct tv_entry *e, const char *id_field, const char *id, int64_t now);
void tv_entry_forget_history(struct tv_entry *e);
/* When something of it is due first: it expires, or has a token to be ended. INT64_MAX: never. */
int64_t tv_entry_date(const struct tv_entry *e);
/* Begins a rotation: there must be none. */
enum tv_status tv_rotation_begin(struct tv_rotation *r, const char *name, int64_t now,
				 struct tv_error *err) TV_MUST_CHECK;
/* Notes the token that was made; id may be NULL. */
enum tv_status tv_rotation_put(struct tv_rotation *r, const char *token, const char *id,
			       int64_t expires, struct tv_error *err) TV_MUST_CHECK;
void tv_rotation_free(struct tv_rotation *r);
/* A token of the entry's at the service that is to be ended at a time; a known id gets that time. */
enum tv_status tv_entry_add_revoking(struct tv_entry *e, const char *id, int64_t at,
				     struct tv_error *err) TV_MUST_CHECK;
/* False when there is no such id. */
bool tv_entry_drop_revoking(struct tv_entry *e, const char *id);
/* Takes an entry out of the document for good, and what was chosen for it. */
void tv_doc_erase(struct tv_doc *doc, const struct tv_entry *e);
/* Makes it the one in use of its provider. */
enum tv_status tv_doc_use(struct tv_doc *doc, const struct tv_entry *e,
			  struct tv_error *err) TV_MUST_CHECK;
/* The entry that was removed last under this name, or NULL. */
const struct tv_entry *tv_doc_find_removed(const struct tv_doc *doc, const char *provider,
					   const char *label);
/* Ends an edit: what was changed is as the document's text would say it, checked as if it were read, and
 * nobody's to change any more. TV_FAILED where it could not be read again. */
enum tv_status tv_doc_settle(struct tv_doc *doc, struct tv_error *err) TV_MUST_CHECK;
/* Another document of the same entries, for an edit. */
enum tv_status tv_doc_share(struct tv_doc **out, const struct tv_doc *doc,
			    struct tv_error *err) TV_MUST_CHECK;

/* Frees all that is not entries. */
void tv_doc_free_rest(struct tv_doc *doc);
/* For the parser: makes room for so many entries in all; takes one over at the end; and then puts them all in
 * order. TV_DAMAGED where they contradict each other. */
enum tv_status tv_doc_reserve(struct tv_doc *doc, size_t n, struct tv_error *err) TV_MUST_CHECK;
void tv_doc_append(struct tv_doc *doc, struct tv_entry *e);
enum tv_status tv_doc_index(struct tv_doc *doc, struct tv_error *err) TV_MUST_CHECK;
/* Chooses whether a file is mounted; for one entry, where its id is not NULL. */
enum tv_status tv_doc_set_switch(struct tv_doc *doc, const char *provider, const char *file,
				 const char *entry, bool on, struct tv_error *err) TV_MUST_CHECK;
/* One more place for a file; TV_EXISTS for a path that another file has. */
enum tv_status tv_doc_add_path(struct tv_doc *doc, const struct tv_own_path *path,
			       struct tv_error *err) TV_MUST_CHECK;
void tv_doc_remove_path(struct tv_doc *doc, const struct tv_own_path *path);
/* Forgets what was chosen for an entry. */
void tv_doc_drop_choices(struct tv_doc *doc, const char *entry);
void tv_doc_free_choices(struct tv_doc *doc);
/* Sets a setting by name, from its value as messages and the document have it; null: its default. TV_BAD_VALUE. */
enum tv_status tv_settings_set(struct tv_settings *s, const char *name, const struct tv_json *value,
			       struct tv_error *err) TV_MUST_CHECK;
bool tv_setting_exists(const char *name);
/* Whether any is not as by default. */
bool tv_settings_are_set(const struct tv_settings *s);
/* All of them, or only those that are not as by default. */
bool tv_settings_put(struct tv_json *object, const struct tv_settings *s, bool all);
void tv_settings_free(struct tv_settings *s);
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
