/* Reports on standard output: JSON for programs, tables for people. */
#ifndef TV_REPORT_H
#define TV_REPORT_H

#include "vault/vault.h"

/* Prints a value of the library's as people's programs get it: every time in RFC 3339. */
enum tv_status tv_report_json(const struct tv_json *j, struct tv_error *err) TV_MUST_CHECK;

/* A service's answer in a word or two, for tables: "good", "refused", … by a status' name. */
const char *tv_report_answer(const char *status_name);

/* Rows of cells, printed in aligned columns under a line of heads. {.heads = …} is an empty one; heads
 * ends in NULL. A cell that could not be stored makes the printing fail. */
struct tv_table {
	const char *const *heads;
	char *text; /* of all cells, each with its NUL */
	size_t len;
	size_t size;
	size_t n_cells;
	bool failed;
};

/* The next cell, a NULL text as "-". */
void tv_table_cell(struct tv_table *t, const char *text);
/* A time's date, or its day and minute; "-" when there is none, or the member is null. */
void tv_table_date_of(struct tv_table *t, int64_t when);
void tv_table_minute_of(struct tv_table *t, int64_t when);
void tv_table_date(struct tv_table *t, const struct tv_json *object, const char *member);
void tv_table_minute(struct tv_table *t, const struct tv_json *object, const char *member);
enum tv_status tv_table_print(const struct tv_table *t, struct tv_error *err) TV_MUST_CHECK;
void tv_table_free(struct tv_table *t);
#define tv_auto_table __attribute__((cleanup(tv_table_free))) struct tv_table

#endif
