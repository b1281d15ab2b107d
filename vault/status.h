/* Statuses: the one list of failures, and the detail that goes with one. */
#ifndef TV_STATUS_H
#define TV_STATUS_H

enum tv_status {
#define TV_STATUS(name, exit, err, sentence) TV_##name,
#include "vault/status.def"
#undef TV_STATUS
};

#define TV_MUST_CHECK __attribute__((warn_unused_result))

/* Why something failed: words that follow the status' sentence. Never holds a secret. */
struct tv_error {
	char detail[400];
};

/* Writes the detail and returns status, for `return tv_fail(err, TV_IO, "%s: …", path);`.
 * err may be NULL. What leads there is rare, and is put apart from what is run each time: fewer pages are touched. */
enum tv_status tv_fail(struct tv_error *err, enum tv_status status, const char *format, ...)
	__attribute__((format(printf, 3, 4), cold));

/* The columns of status.def; a status that is not in the list counts as TV_FAILED. */
int tv_status_exit(enum tv_status status);
int tv_status_errno(enum tv_status status);
const char *tv_status_sentence(enum tv_status status);

/* The name without its prefix ("NO_ENTRY"), and back; an unknown name is TV_FAILED. */
const char *tv_status_name(enum tv_status status);
enum tv_status tv_status_by_name(const char *name);

/* How many rows status.def has. */
int tv_status_count(void);

#endif
