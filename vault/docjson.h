/* What the parsers of the document's parts share. Only for docjson.c and its like. */
#ifndef TV_DOCJSON_H
#define TV_DOCJSON_H

#include "vault/entry.h"

/* TV_DAMAGED, saying what of the document is. */
enum tv_status tv_doc_damaged(struct tv_error *err, const char *what);
/* Every member must be one of the known ones (ended by NULL): else TV_NEWER. */
enum tv_status tv_doc_only(const struct tv_json *object, const char *const *known,
			   struct tv_error *err) TV_MUST_CHECK;
/* A time that may be missing (0) but not negative. */
bool tv_doc_time(int64_t *out, const struct tv_json *object, const char *key);
/* A text that may be missing (NULL), but is nothing else. */
bool tv_doc_text(const char **out, const struct tv_json *object, const char *key);
/* A member that is true, or missing. */
bool tv_doc_true(bool *out, const struct tv_json *object, const char *key);
/* Fills an entry, which is zeroed. */
enum tv_status tv_entry_parse(struct tv_entry *e, const struct tv_json *j,
			      struct tv_error *err) TV_MUST_CHECK;
/* Fills switches, own paths, rules and settings; the entries are there already. */
enum tv_status tv_choices_parse(struct tv_doc *doc, const struct tv_json *j,
				struct tv_error *err) TV_MUST_CHECK;

#endif
