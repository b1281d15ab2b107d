/* What the tests of the audit log share: a vault and a log in a directory of its own, and what verifying says. */
#ifndef TV_TEST_AUDIT_LOG_H
#define TV_TEST_AUDIT_LOG_H

#include "fixture.h"

#define LOG_NAME "default"
#define LOG_MOST ((off_t)2560) /* bytes of a file: a few lines */

/* A vault and a directory for its log. */
struct world {
	struct tv_vault *vault;
	char directory[64];
};

/* What verifying finds: also as "changed:3*1 removed.1:7*2", which is fault, file, line and how many. */
struct found {
	const struct world *w;
	size_t n;
	struct tv_audit_finding at[64];
	char text[4096];
};

int log_set_up(void **state);
int log_tear_down(void **state);
/* "" is the newest file; ".1", ".key". */
void log_path(char out[static 256], const struct world *w, const char *end);
struct tv_audit *log_open(const struct world *w, off_t most);
void log_begin(struct tv_audit *a, const struct world *w);
void log_say(struct tv_audit *a, const char *event, const char *file);
void log_write(struct tv_audit *a, const char *event, const char *file);
/* Lines of three epochs in a few files; how many. */
size_t log_fill(const struct world *w);
struct found log_verify(const struct world *w, struct tv_audit_report *report);
bool log_is_grave(const struct found *f);
void assert_found(const struct world *w, const char *wanted);
/* Something grave, and this among it. */
void assert_grave(const struct world *w, const char *what, size_t i, const char *wanted);
/* A file's text, good until the next call; NULL where there is none. */
char *log_read(const struct world *w, const char *end, size_t *len);
void log_put(const struct world *w, const char *end, const char *text, size_t len);
void log_append(const struct world *w, const char *text);
void log_copy(const struct world *w, const char *from, const char *to);
/* How many lines have a word. */
size_t log_count(const struct world *w, const char *word);
/* Where line i of a text begins, and how long it is with its line end; how many there are. */
size_t text_line(const char *text, size_t i, size_t *len);
size_t text_lines(const char *text);

#endif
