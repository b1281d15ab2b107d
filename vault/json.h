/*
 * JSON values in the arena: a thin front over cJSON, the only one to include it. Used for the
 * document, the definitions and the agent's messages.
 */
#ifndef TV_JSON_H
#define TV_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vault/secret.h"
#include "vault/status.h"

struct tv_json;

/* Parses len bytes that hold one JSON value and nothing after it. At most 64 levels deep; a member
 * that occurs twice, a NUL or invalid UTF-8 in a string is refused. TV_DAMAGED with the line. */
enum tv_status tv_json_parse(struct tv_json **out, const void *text, size_t len,
			     struct tv_error *err) TV_MUST_CHECK;
/* Appends the value without white space; with indent, for people. */
enum tv_status tv_json_print(struct tv_secret *out, const struct tv_json *j,
			     struct tv_error *err) TV_MUST_CHECK;
enum tv_status tv_json_print_indented(struct tv_secret *out, const struct tv_json *j,
				      struct tv_error *err) TV_MUST_CHECK;
void tv_json_free(struct tv_json *j);
void tv_json_cleanup(struct tv_json **j);
/* A deep copy; NULL when memory is out. */
struct tv_json *tv_json_copy(const struct tv_json *j);
#define tv_auto_json __attribute__((cleanup(tv_json_cleanup))) struct tv_json

/* New values; NULL when memory is out. */
struct tv_json *tv_json_object(void);
struct tv_json *tv_json_array(void);

/* Set a member (append, where key is NULL and the parent an array). false when memory is out or
 * the parent is NULL, so that calls can be chained with &&. `put` takes the child over in either
 * case. A NULL text is put as null. Numbers are kept exactly up to 2^53. */
bool tv_json_put(struct tv_json *parent, const char *key, struct tv_json *child);
bool tv_json_put_text(struct tv_json *parent, const char *key, const char *text);
bool tv_json_put_int(struct tv_json *parent, const char *key, int64_t number);
bool tv_json_put_bool(struct tv_json *parent, const char *key, bool truth);
bool tv_json_put_null(struct tv_json *parent, const char *key);
/* Takes a member away, if it is there. */
void tv_json_remove(struct tv_json *object, const char *key);

/* Reading. A NULL value has no members. */
struct tv_json *tv_json_get(const struct tv_json *object, const char *key);
/* The first child of an array or object, and the sibling after one. */
struct tv_json *tv_json_first(const struct tv_json *parent);
struct tv_json *tv_json_next(const struct tv_json *child);
size_t tv_json_count(const struct tv_json *parent);
/* A member's name inside its object, else NULL. */
const char *tv_json_key(const struct tv_json *child);
bool tv_json_is_object(const struct tv_json *j);
bool tv_json_is_array(const struct tv_json *j);
bool tv_json_is_null(const struct tv_json *j);
bool tv_json_is_true(const struct tv_json *j);
bool tv_json_is_bool(const struct tv_json *j);
/* The text of a string value, else NULL; of a member. */
const char *tv_json_text(const struct tv_json *j);
const char *tv_json_get_text(const struct tv_json *object, const char *key);
/* Whether it is a number, and surely the one that was written: below 2^53. */
bool tv_json_is_exact(const struct tv_json *j);
/* A whole number; false when it is none. */
bool tv_json_int(const struct tv_json *j, int64_t *out);
bool tv_json_get_int(const struct tv_json *object, const char *key, int64_t *out);
/* True only for a member that is literally true. */
bool tv_json_get_true(const struct tv_json *object, const char *key);

/* Makes cJSON allocate in the arena; called by tv_init. */
void tv_json_init(void);

#endif
