/*
 * The document inside a vault: the entries, which of them is in use, their history, and what is
 * known of the slots. Everything in it lives in the arena.
 */
#ifndef TV_DOC_H
#define TV_DOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vault/json.h"
#include "vault/secret.h"
#include "vault/status.h"

#define TV_ID_CHARS	32 /* an entry's id: 16 random bytes in hex */
#define TV_LABEL_MAX	64
#define TV_TOKEN_MAX	(64 * 1024)
#define TV_NOTE_MAX	4096
#define TV_FIELD_MAX	8192 /* a field's value; names are [a-z][a-z0-9_]{0,31} */
#define TV_FIELDS_MAX	64
#define TV_HISTORY_MAX	10 /* versions kept of each entry */
#define TV_SWITCHES_MAX 1000
#define TV_ENTRIES_MAX	100000
#define TV_NEVER	((int64_t)0) /* expires: no expiry known */

struct tv_field {
	char *name;
	char *value;
};

/* What a change replaces, and history keeps. Times are seconds since 1970, UTC. */
struct tv_version {
	struct tv_secret token;
	char *label;
	char *note; /* NULL: none */
	struct tv_field *fields;
	size_t n_fields;
	int64_t expires; /* TV_NEVER: none known */
	int64_t since;	 /* when this version came to be */
};

struct tv_entry {
	char id[TV_ID_CHARS + 1];
	char *provider;
	struct tv_version now;
	struct tv_version *history; /* oldest first */
	size_t n_history;
	int64_t created;
	int64_t updated;
	int64_t removed;  /* when it was removed; 0: it is there */
	int64_t verified; /* when the service last accepted the token; 0: never asked */
	char *account;	  /* who the service says it belongs to, or NULL */
	bool in_use;	  /* one entry of each provider that has any */
};

/* What is known of a slot besides its bytes in the header. */
struct tv_key_note {
	unsigned char uuid[16];
	unsigned char recipient[32]; /* the slot's X25519 public key */
	char *label;
	int64_t created;
};

/* A file of a service that is mounted, or not, in spite of what the definition says. */
struct tv_switch {
	char *provider;
	char *file; /* tv_file's name */
	bool on;
};

struct tv_doc {
	struct tv_entry *entries;
	size_t n_entries;
	struct tv_switch *switches;
	size_t n_switches;
	struct tv_key_note *keys;
	size_t n_keys;
	unsigned char (*lineage)[32]; /* pins of the vault keys before this one, oldest first */
	size_t n_lineage;
};

/* From and to the JSON text in the payload. Parsing checks everything that the edits promise;
 * TV_NEWER for a higher document version or an unknown member, TV_DAMAGED for the rest. */
enum tv_status tv_doc_parse(struct tv_doc **out, const void *text, size_t len,
			    struct tv_error *err) TV_MUST_CHECK;
enum tv_status tv_doc_print(struct tv_secret *out, const struct tv_doc *doc,
			    struct tv_error *err) TV_MUST_CHECK;
/* A new, empty one; NULL when memory is out. */
struct tv_doc *tv_doc_new(void);
void tv_doc_free(struct tv_doc *doc);

/* The entry, or NULL. A NULL label means `default` where there is one, else the one in use. */
struct tv_entry *tv_doc_find(const struct tv_doc *doc, const char *provider, const char *label);
/* The entry in use of a provider, or NULL when it has none. */
struct tv_entry *tv_doc_in_use(const struct tv_doc *doc, const char *provider);
/* What the user chose for a file, or NULL. */
const struct tv_switch *tv_doc_switch(const struct tv_doc *doc, const char *provider,
				      const char *file);
/* A field's value in this version, or NULL. */
const char *tv_version_field(const struct tv_version *v, const char *name);

/* Whether a name fits; the rules are in the issue and in FORMAT.md. */
bool tv_label_is_valid(const char *label);
bool tv_provider_name_is_valid(const char *name);
bool tv_field_name_is_valid(const char *name);
bool tv_file_name_is_valid(const char *name);
/* UTF-8 without control characters, at most max bytes. */
bool tv_text_is_valid(const char *text, size_t max);
/* Cuts line ends off the end, then refuses what is empty, over 64 KiB or not printable ASCII:
 * TV_BAD_VALUE, with words that do not show the token. */
enum tv_status tv_token_clean(struct tv_secret *token, struct tv_error *err) TV_MUST_CHECK;

#endif
