/*
 * Services as data. A provider is a definition: the compiled-in vault/providers/NAME.json, or a file of
 * the user's own with the same schema. vault/providers/README.md documents the schema.
 */
#ifndef TV_PROVIDER_H
#define TV_PROVIDER_H

#include <stdbool.h>
#include <stddef.h>

#include "vault/escape.h"
#include "vault/http.h"
#include "vault/json.h"
#include "vault/status.h"

/* What a file shows: each entry has one of its own (the path holds {{label}}), one file shows the
 * entry in use, or one file shows all entries. */
enum tv_shows { TV_SHOWS_EACH, TV_SHOWS_IN_USE, TV_SHOWS_ALL };

/* Where entries are in a plaintext file. Pointers are tv_pointer's; all but `each` start at the element. */
struct tv_rule {
	const char *each;  /* a pointer with one `*`, or NULL: the whole file is one entry */
	const char *label; /* pointer, or NULL: the path's {{label}}, else "default" */
	const char *token; /* pointer; NULL: a file that only says which entry is in use */
	struct tv_taken
		*fields; /* a field may come twice: the first that leads to a value counts */
	size_t n_fields;
};

/* How values are found in a plaintext file of this kind: for `adopt`. */
struct tv_adopt {
	const char *format;    /* one that tokenvault-read knows; NULL: it can't be adopted */
	struct tv_rule *rules; /* one or more; all but the first have a token */
	size_t n_rules;
	const char *in_use;   /* pointer from the root to the label that is in use, or NULL */
	const char **ignored; /* pointers from the root, `*` allowed: what may be lost */
	size_t n_ignored;
};

struct tv_file {
	const char *name; /* unique in the provider; the file's name in the directory view */
	const char *path; /* below the home directory; may hold {{label}} when it shows each */
	enum tv_shows shows;
	unsigned mode; /* 0400 or 0600 */
	bool on;       /* mounted unless the user says otherwise */
	const struct tv_escape *escape;
	const char *text;     /* the template */
	const char *versions; /* which client versions read it, for people; or NULL */
	const char *unique;   /* a field: of the entries that share its value only one is shown */
	struct tv_adopt adopt;
};

struct tv_provider_field {
	const char *name;
	const char *value; /* the default, or NULL: none */
	const char *about;
	bool required; /* no entry is of use without it */
};

struct tv_provider {
	const char *name;	 /* [a-z0-9][a-z0-9-]{0,31} */
	const char *title;	 /* for people */
	const char *console;	 /* where people make tokens, or NULL */
	const char *token_shape; /* "jwt", or NULL */
	bool builtin;
	const char *source; /* the definition's text, as it was written */
	struct tv_provider_field *fields;
	size_t n_fields;
	struct tv_file *files;
	size_t n_files;
	const char **environment; /* variables in which people keep such a token */
	size_t n_environment;
	struct tv_http *verify; /* the first tells whether the token is good, others add to it */
	size_t n_verify;
	struct tv_http *mint;	/* makes a new token; NULL: the service has no interface for it */
	struct tv_http *tokens; /* lists the account's tokens */
	struct tv_http *revoke; /* ends a token */
	const char *id_field;	/* revoke's: the field that holds a token's id at the service */
};

/* All definitions, sorted by name; a user's one replaces the built-in one of its name. */
struct tv_providers;

/* Loads the built-in ones and DIR/NAME.json (dir may be NULL or missing). A wrong file of the
 * user's is left out, and the first such is told in *skipped (detail "" when none). */
enum tv_status tv_providers_load(struct tv_providers **out, const char *dir,
				 struct tv_error *skipped, struct tv_error *err) TV_MUST_CHECK;
/* The same with just the one of this name, where there is a sound one; else all. */
enum tv_status tv_providers_load_one(struct tv_providers **out, const char *dir, const char *name,
				     struct tv_error *skipped, struct tv_error *err) TV_MUST_CHECK;
void tv_providers_free(struct tv_providers *p);
void tv_providers_cleanup(struct tv_providers **p);
#define tv_auto_providers __attribute__((cleanup(tv_providers_cleanup))) struct tv_providers
size_t tv_providers_count(const struct tv_providers *p);
const struct tv_provider *tv_providers_at(const struct tv_providers *p, size_t i);
/* NULL when there is none. */
const struct tv_provider *tv_providers_find(const struct tv_providers *p, const char *name);
/* TV_NO_PROVIDER, naming the nearest one that exists, for user input. */
enum tv_status tv_providers_require(const struct tv_provider **out, const struct tv_providers *p,
				    const char *name, struct tv_error *err) TV_MUST_CHECK;

/* The provider's file of that name; NULL when it, or the provider, is none. */
const struct tv_file *tv_file_by_name(const struct tv_provider *p, const char *name);

/* Checks one definition's text; file is what errors call it. TV_BAD_DEFINITION: file, line, key, what
 * was expected. Where out is not NULL it gets the definition, to be freed by tv_provider_free. */
enum tv_status tv_provider_parse(struct tv_provider **out, const char *text, size_t len,
				 const char *file, struct tv_error *err) TV_MUST_CHECK;
void tv_provider_free(struct tv_provider *p);

/* The member name of the list that comes nearest (edit distance ≤ 2), or NULL. next(arg, i) gives the
 * i-th name and NULL at the end. Also serves mistyped commands and options. */
const char *tv_nearest(const char *typed, const char *(*next)(const void *arg, size_t i),
		       const void *arg);

#endif
