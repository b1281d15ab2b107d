/* Reports on standard output: JSON for programs, tables for people. */
#include "cli/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_time(const char *key)
{
	static const char *const times[] = {"expires", "verified", "tried", "at",
					    "created", "updated",  "since", "started",
					    "ended",   "locks_at", "until", NULL};

	for (size_t i = 0; key && times[i]; i++) {
		if (!strcmp(times[i], key))
			return true;
	}
	return false;
}

static struct tv_json *copy_of(const struct tv_json *j);

static bool put_copy(struct tv_json *to, const char *key, const struct tv_json *value)
{
	char when[TV_WHEN_CHARS];
	int64_t number;

	if (tv_json_is_object(value) || tv_json_is_array(value))
		return tv_json_put(to, key, copy_of(value));
	if (tv_json_text(value))
		return tv_json_put_text(to, key, tv_json_text(value));
	if (tv_json_is_bool(value))
		return tv_json_put_bool(to, key, tv_json_is_true(value));
	if (!tv_json_int(value, &number))
		return tv_json_put_null(to, key);
	if (!is_time(key))
		return tv_json_put_int(to, key, number);
	tv_when_print(when, number);
	return tv_json_put_text(to, key, when);
}

/* A value for people's programs: times as text. */
static struct tv_json *copy_of(const struct tv_json *j)
{
	bool is_array = tv_json_is_array(j);
	tv_auto_json *copy = is_array ? tv_json_array() : tv_json_object();
	struct tv_json *done;

	for (const struct tv_json *c = tv_json_first(j); c; c = tv_json_next(c)) {
		if (!put_copy(copy, is_array ? NULL : tv_json_key(c), c))
			return NULL;
	}
	done = copy;
	copy = NULL;
	return done;
}

enum tv_status tv_report_json(const struct tv_json *j, struct tv_error *err)
{
	tv_auto_json *copy = copy_of(j);
	tv_auto_secret text = {0};
	enum tv_status status;

	if (!copy)
		return tv_fail(err, TV_NO_MEMORY, "a report");
	status = tv_json_print_indented(&text, copy, err);
	if (status)
		return status;
	tv_secret_putc(&text, '\n');
	return tv_secret_write(&text, STDOUT_FILENO, err);
}

const char *tv_report_answer(const char *status_name)
{
	static const struct {
		const char *name;
		const char *word;
	} words[] = {
		{"OK", "good"},
		{"TOKEN_REFUSED", "refused"},
		{"UNREACHABLE", "unreachable"},
		{"CERTIFICATE", "not secure"},
		{"ODD_REPLY", "odd answer"},
		{"NO_API", "can't be asked"},
		{"REFUSED", "not sent"},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcmp(words[i].name, status_name))
			return words[i].word;
	}
	return "not asked";
}

void tv_table_cell(struct tv_table *t, const char *text)
{
	char **cells = realloc(t->cells, (t->n_cells + 1) * sizeof(*cells));

	if (!cells) {
		t->failed = true;
		return;
	}
	t->cells = cells;
	t->cells[t->n_cells] = strdup(text ? text : "-");
	t->failed |= !t->cells[t->n_cells];
	if (t->cells[t->n_cells])
		tv_utf8_make_shown(t->cells[t->n_cells]);
	t->n_cells++;
}

static void time_cell(struct tv_table *t, const struct tv_json *object, const char *member,
		      size_t chars)
{
	char text[TV_WHEN_CHARS];
	int64_t when;

	if (!tv_json_get_int(object, member, &when)) {
		tv_table_cell(t, NULL);
		return;
	}
	tv_when_print(text, when);
	text[10] = ' ';
	text[chars] = '\0';
	tv_table_cell(t, text);
}

void tv_table_date(struct tv_table *t, const struct tv_json *object, const char *member)
{
	time_cell(t, object, member, 10);
}

void tv_table_minute(struct tv_table *t, const struct tv_json *object, const char *member)
{
	time_cell(t, object, member, 16);
}

/* In characters, as far as each takes one column. */
static int width(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

static int column_width(const struct tv_table *t, size_t column, size_t n_columns)
{
	int most = width(t->heads[column]);

	for (size_t i = column; i < t->n_cells; i += n_columns) {
		if (width(t->cells[i]) > most)
			most = width(t->cells[i]);
	}
	return most;
}

static void print_row(const char *const *cells, const int *widths, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int gap = i + 1 < n ? widths[i] - width(cells[i]) + 2 : 0;

		printf("%s%*s", cells[i], gap, "");
	}
	putchar('\n');
}

enum tv_status tv_table_print(const struct tv_table *t, struct tv_error *err)
{
	int widths[16] = {0};
	size_t n = 0;

	while (t->heads[n])
		n++;
	if (t->failed)
		return tv_fail(err, TV_NO_MEMORY, "a table");
	for (size_t i = 0; i < n; i++)
		widths[i] = column_width(t, i, n);
	print_row(t->heads, widths, n);
	for (size_t i = 0; i + n <= t->n_cells; i += n)
		print_row((const char *const *)t->cells + i, widths, n);
	return TV_OK;
}

void tv_table_free(struct tv_table *t)
{
	for (size_t i = 0; i < t->n_cells; i++)
		free(t->cells[i]);
	free(t->cells);
	t->cells = NULL;
	t->n_cells = 0;
}
