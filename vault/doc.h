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
#define TV_HISTORY_MAX	10  /* versions kept of each entry */
#define TV_HOSTS_MAX	64  /* that a token may be sent to */
#define TV_HANDLE_MAX	256 /* bytes of a token's id or name at its service */
#define TV_REVOKING_MAX 16
#define TV_SWITCHES_MAX 1000
#define TV_PATHS_MAX	1000
#define TV_PRIVATE_MAX	100	      /* hosts that may have private addresses */
#define TV_SETTING_MAX	4096	      /* bytes of a setting's text */
#define TV_LOCK_MAX	(366 * 86400) /* seconds */
#define TV_PROMPT_WAIT	60	      /* seconds, unless the setting says otherwise */
#define TV_PROMPT_MAX	3600
#define TV_ENTRIES_MAX	100000
#define TV_LINEAGE_MAX	64	     /* vault keys before this one that are known */
#define TV_NEVER	((int64_t)0) /* expires: no expiry known */

struct tv_field {
	char *name;
	char *value;
};

/* Names of hosts, each as tv_http_host writes it, none twice. */
struct tv_hosts {
	char **at;
	size_t count;
};

/* Who says when a token expires; the token itself goes before its service, and that before the user. */
enum tv_expiry { TV_EXPIRY_NONE, TV_EXPIRY_TOKEN, TV_EXPIRY_SERVICE, TV_EXPIRY_USER };

/* "token", "service", "user"; NULL for TV_EXPIRY_NONE. */
const char *tv_expiry_name(enum tv_expiry from);

/* What a change replaces, and history keeps. Times are seconds since 1970, UTC. */
struct tv_version {
	struct tv_secret token;
	char *label;
	char *note; /* NULL: none */
	struct tv_field *fields;
	size_t n_fields;
	int64_t expires; /* TV_NEVER: none known */
	enum tv_expiry expires_from;
	int64_t since;	       /* when this version came to be */
	int64_t ended;	       /* when the token was ended at its service; 0: it was not */
	char *account;	       /* who the service says it belongs to, or NULL */
	struct tv_hosts hosts; /* where the token may be sent; none: nowhere */
};

/* A new token on its way: first its name is noted, then the service makes it, then it is swapped in. */
struct tv_rotation {
	char *name; /* at the service; NULL: there is no rotation */
	int64_t started;
	struct tv_secret token; /* empty until it is made */
	char *id;		/* the token's at the service, or NULL */
	int64_t expires;	/* what the service says; TV_NEVER: nothing */
};

/* A token at the service that is to be ended. */
struct tv_revoking {
	char *id;
	int64_t at; /* not before this time */
};

/* One that is in a document never changes, for other states of the document share it: an edit puts another in
 * its place (vault/entry.h). */
struct tv_entry {
	char id[TV_ID_CHARS + 1];
	char *provider;
	struct tv_version now;
	struct tv_version *history; /* oldest first */
	size_t n_history;
	int64_t created;
	int64_t updated;
	int64_t removed;       /* when it was removed; 0: it is there */
	int64_t verified;      /* when the service last accepted the token; 0: never asked */
	int64_t tried;	       /* when the service was last asked; 0: never */
	enum tv_status answer; /* what it said then */
	bool in_use;	       /* one entry of each provider that has any */
	bool deny;	       /* once the token has expired, no file shows it */
	struct tv_rotation rotation;
	struct tv_revoking *revoking;
	size_t n_revoking;
	unsigned holders; /* documents that have it */
	bool is_packed;	  /* it is one block of memory, with all that it points at */
};

/* Some entries in an order in which they are soon found. */
struct tv_index {
	struct tv_entry **at;
	size_t count;
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
	char *file;		     /* tv_file's name */
	char entry[TV_ID_CHARS + 1]; /* for this one only; "": for the file */
	bool on;
};

/* One more place for a file, of the user's own. */
struct tv_own_path {
	char *provider;
	char *file;
	char entry[TV_ID_CHARS + 1]; /* whose file; "": of the one in use */
	char *path;		     /* below the home directory */
};

/* How services are reached, when a server locks by itself, and when it asks. */
struct tv_settings {
	char *proxy;		       /* NULL: none */
	char *ca_file;		       /* NULL: the system's roots only */
	struct tv_hosts private_hosts; /* without ports */
	int64_t lock_idle;	       /* after so many seconds without use; 0: never */
	int64_t lock_after;	       /* so many seconds after it was unlocked; 0: never */
	bool open_at_sleep;	       /* not when the machine goes to sleep */
	bool open_at_screen;	       /* not when the screen is locked */
	bool unlock_on_open;	       /* who opens a locked file waits until it is unlocked */
	int64_t prompt_wait;	       /* for so many seconds at most; 0: TV_PROMPT_WAIT */
	bool unaudited;		       /* nothing is written into the audit log */
};

int64_t tv_settings_prompt_wait(const struct tv_settings *s);

struct tv_access_rule; /* vault/rules.h */

struct tv_doc {
	struct tv_entry **entries; /* in order of making */
	size_t n_entries;
	struct tv_index names; /* those that are there, by provider and label */
	struct tv_index ids;   /* all of them */
	struct tv_index used;  /* those in use, by provider */
	struct tv_index
		dated; /* those that expire or have a token to be ended, by the first such time */
	size_t room;   /* in each of these arrays */
	struct tv_entry **loose; /* those that an edit is changing */
	size_t n_loose;
	size_t text_len; /* of its JSON when it was read or printed last */
	struct tv_switch *switches;
	size_t n_switches;
	struct tv_own_path *paths;
	size_t n_paths;
	struct tv_access_rule *rules; /* the first that fits decides */
	size_t n_rules;
	struct tv_settings settings;
	bool has_audit;		 /* vaults from before there was a log have none */
	unsigned char audit[32]; /* what the keys of the audit log are made from */
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
const struct tv_entry *tv_doc_find(const struct tv_doc *doc, const char *provider,
				   const char *label);
/* The entry in use of a provider, or NULL when it has none. */
const struct tv_entry *tv_doc_in_use(const struct tv_doc *doc, const char *provider);
/* The entry with this id, a removed one too, or NULL. */
const struct tv_entry *tv_doc_by_id(const struct tv_doc *doc, const char *id);
/* The entries of a provider that are there, sorted by label, and how many; until the document changes. NULL: none. */
struct tv_entry *const *tv_doc_of(size_t *n, const struct tv_doc *doc, const char *provider);
/* How many of the dated ones, from the first on, have something due by that time. */
size_t tv_doc_dated(const struct tv_doc *doc, int64_t before);
/* What the user chose for a file, or for one entry in it (its id, else NULL); NULL: nothing. */
const struct tv_switch *tv_doc_switch(const struct tv_doc *doc, const char *provider,
				      const char *file, const char *entry);
/* The own path, or NULL. */
const struct tv_own_path *tv_doc_path(const struct tv_doc *doc, const char *path);
/* Makes what the audit log's keys are made from, where there is none yet. */
void tv_doc_make_audit(struct tv_doc *doc);
/* The key that the lines of an epoch of the audit log begin with; 32 bytes. */
void tv_doc_epoch_key(unsigned char *key, const struct tv_doc *doc, const unsigned char *epoch);
/* A field's value in this version, or NULL. */
const char *tv_version_field(const struct tv_version *v, const char *name);

/* Whether a name fits; the rules are in the issue and in FORMAT.md. */
bool tv_label_is_valid(const char *label);
bool tv_provider_name_is_valid(const char *name);
bool tv_field_name_is_valid(const char *name);
bool tv_file_name_is_valid(const char *name);
/* UTF-8 without control characters, at most max bytes. */
bool tv_text_is_valid(const char *text, size_t max);
/* Moreover with nothing in it that a terminal or a reader could be led astray by: tv_utf8_is_shown. */
bool tv_text_is_shown(const char *text, size_t max);
/* Cuts line ends off the end, then refuses what is empty, over 64 KiB or not printable ASCII:
 * TV_BAD_VALUE, with words that do not show the token. */
enum tv_status tv_token_clean(struct tv_secret *token, struct tv_error *err) TV_MUST_CHECK;

#endif
