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

/* Room for so many more bytes; what grows doubles. */
static bool make_room(struct tv_table *t, size_t more)
{
	size_t size = t->size ? t->size : 4096;
	char *grown;

	while (size < t->len + more)
		size *= 2;
	if (size == t->size)
		return true;
	grown = realloc(t->text, size);
	t->failed |= !grown;
	if (!grown)
		return false;
	t->text = grown;
	t->size = size;
	return true;
}

void tv_table_cell(struct tv_table *t, const char *text)
{
	const size_t len = strlen(text ? text : "-") + 1;

	if (!make_room(t, len))
		return;
	memcpy(t->text + t->len, text ? text : "-", len);
	tv_utf8_make_shown(t->text + t->len);
	t->len += strlen(t->text + t->len) + 1;
	t->n_cells++;
}

static void time_cell(struct tv_table *t, int64_t when, size_t chars)
{
	char text[TV_WHEN_CHARS];

	if (!when) {
		tv_table_cell(t, NULL);
		return;
	}
	tv_when_print(text, when);
	text[10] = ' ';
	text[chars] = '\0';
	tv_table_cell(t, text);
}

static int64_t time_of(const struct tv_json *object, const char *member)
{
	int64_t when;

	return tv_json_get_int(object, member, &when) ? when : 0;
}

void tv_table_date_of(struct tv_table *t, int64_t when)
{
	time_cell(t, when, 10);
}

void tv_table_minute_of(struct tv_table *t, int64_t when)
{
	time_cell(t, when, 16);
}

void tv_table_date(struct tv_table *t, const struct tv_json *object, const char *member)
{
	time_cell(t, time_of(object, member), 10);
}

void tv_table_minute(struct tv_table *t, const struct tv_json *object, const char *member)
{
	time_cell(t, time_of(object, member), 16);
}

/* In characters, as far as each takes one column. */
static size_t width(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

static void widen(size_t *most, const char *text)
{
	const size_t n = width(text);

	*most = n > *most ? n : *most;
}

/* Pads each cell to its column but the last; text is the first cell, and the others follow on it. */
static const char *print_row(const char *text, const size_t *widths, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const size_t len = strlen(text);

		fwrite_unlocked(text, 1, len, stdout);
		for (size_t pad = width(text); i + 1 < n && pad < widths[i] + 2; pad++)
			putchar_unlocked(' ');
		text += len + 1;
	}
	putchar_unlocked('\n');
	return text;
}

#define COLUMNS_MAX 16

enum tv_status tv_table_print(const struct tv_table *t, struct tv_error *err)
{
	struct tv_table heads = {.heads = NULL};
	size_t widths[COLUMNS_MAX] = {0};
	const char *cell = t->text;
	size_t n = 0;

	for (; t->heads[n]; n++) {
		tv_table_cell(&heads, t->heads[n]);
		widen(&widths[n], t->heads[n]);
	}
	for (size_t i = 0; i < t->n_cells; i++, cell += strlen(cell) + 1)
		widen(&widths[i % n], cell);
	if (!t->failed && !heads.failed) {
		print_row(heads.text, widths, n);
		cell = t->text;
		for (size_t i = 0; i + n <= t->n_cells; i += n)
			cell = print_row(cell, widths, n);
	}
	tv_table_free(&heads);
	return t->failed || heads.failed ? tv_fail(err, TV_NO_MEMORY, "a table") : TV_OK;
}

void tv_table_free(struct tv_table *t)
{
	free(t->text);
	t->text = NULL;
	t->len = t->size = t->n_cells = 0;
}
