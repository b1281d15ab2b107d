/* What the parsers of the document's parts share. Only for docjson.c and its like. */
#ifndef TV_DOCJSON_H
#define TV_DOCJSON_H

#include "vault/entry.h"

/* TV_DAMAGED, saying what of the document is. */
enum tv_status tv_doc_damaged(struct tv_error *err, const char *what);
/* The same of what was not taken for some reason, unless that was TV_NO_MEMORY. */
enum tv_status tv_doc_not_taken(enum tv_status why, struct tv_error *err, const char *what);
/* Every member must be one of the known ones (ended by NULL): else TV_NEWER. */
enum tv_status tv_doc_only(const struct tv_json *object, const char *const *known,
			   struct tv_error *err) TV_MUST_CHECK;
/* A time that may be missing (0) but not negative. */
bool tv_doc_time(int64_t *out, const struct tv_json *object, const char *key);
/* A text that may be missing (NULL), but is nothing else. */
bool tv_doc_text(const char **out, const struct tv_json *object, const char *key);
/* A member that is true, or missing. */
bool tv_doc_true(bool *out, const struct tv_json *object, const char *key);
#define TV_DOC_VERSION 1

/* One entry's JSON text, and back: the entry that was read is packed. */
void tv_entry_print(struct tv_secret *out, const struct tv_entry *e);
enum tv_status tv_entry_read(struct tv_entry **out, const char *text, size_t len,
			     struct tv_error *err) TV_MUST_CHECK;
/* All of the document but its entries; NULL when memory is out. And back, into one that has its entries. */
struct tv_json *tv_doc_rest(const struct tv_doc *doc, struct tv_error *err);
enum tv_status tv_doc_rest_parse(struct tv_doc *doc, const struct tv_json *j,
				 struct tv_error *err) TV_MUST_CHECK;
/* Whether what is printed now could be read again, as far as that is not known of each entry by itself. */
enum tv_status tv_doc_check(const struct tv_doc *doc, struct tv_error *err) TV_MUST_CHECK;
/* Fills an entry, which is zeroed. */
enum tv_status tv_entry_parse(struct tv_entry *e, const struct tv_json *j,
			      struct tv_error *err) TV_MUST_CHECK;
/* Fills switches, own paths, rules and settings; the entries are there already. */
enum tv_status tv_choices_parse(struct tv_doc *doc, const struct tv_json *j,
				struct tv_error *err) TV_MUST_CHECK;

#endif
