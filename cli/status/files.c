/* The table of the files that are shown. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cli/span.h"
#include "cli/status/screen.h"
#include "cli/wrap.h"

#define COLUMNS 80
#define DAY	86400
#define FAR	(1000 * DAY) /* said as a date from there on */

static const char *tilde(char out[static PATH_MAX], const char *path, const char *home)
{
	const size_t len = strlen(home);

	if (len > 1 && !strncmp(path, home, len) && path[len] == '/')
		snprintf(out, PATH_MAX, "~%s", path + len);
	else
		snprintf(out, PATH_MAX, "%s", path);
	return out;
}

enum column { FILE_AT, ENTRY, EXPIRES, LAST, COLUMNS_OF_FILES };

struct row {
	char cells[COLUMNS_OF_FILES][PATH_MAX];
};

static const struct row heads = {{"FILE", "ENTRY", "EXPIRES", "LAST READ"}};
/* What each column but the first takes at most. */
static const int most[COLUMNS_OF_FILES] = {[ENTRY] = 22, [EXPIRES] = 13, [LAST] = 22};

static void say_expires(char *out, size_t size, const struct tv_json *view, int64_t now)
{
	char span[TV_SPAN_WORDS], date[TV_WHEN_CHARS];
	int64_t expires;

	if (!tv_json_get_int(view, "expires", &expires)) {
		snprintf(out, size, "%s", tv_json_get(view, "expires") ? "never" : "-");
	} else if (expires <= now) {
		snprintf(out, size, "expired");
	} else if (expires - now > FAR) {
		tv_when_print(date, expires);
		snprintf(out, size, "%.10s", date);
	} else {
		tv_span_say(span, expires - now);
		snprintf(out, size, "in %s", span);
	}
}

/* "40 s", "12 min", "3 h", "5 days". */
static void say_short(char *out, size_t size, int64_t seconds)
{
	static const struct {
		const char *name;
		int64_t seconds;
	} units[] = {{"days", DAY}, {"h", 3600}, {"min", 60}, {"s", 1}};
	size_t i = 0;

	while (units[i].seconds > 1 && seconds < 2 * units[i].seconds)
		i++;
	snprintf(out, size, "%lld %s", (long long)(seconds / units[i].seconds), units[i].name);
}

static const char *base_of(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path;
}

/* Who read it last: the script where that is known, else the program. */
static void say_last(char *out, size_t size, const struct tv_json *view, int64_t now)
{
	const struct tv_json *last = tv_json_get(view, "last");
	const char *script = base_of(tv_json_get_text(last, "script"));
	const char *program = base_of(tv_json_get_text(last, "program"));
	char span[TV_SPAN_WORDS];
	int64_t at;

	if (!tv_json_get_int(last, "at", &at)) {
		snprintf(out, size, "-");
		return;
	}
	say_short(span, sizeof(span), now > at ? now - at : 0);
	snprintf(out, size, "%s ago, %s", span, script ? script : program ? program : "?");
}

static void fill(struct row *row, const struct tv_json *view, const char *home, int64_t now)
{
	const char *path = tv_json_get_text(view, "path");

	tilde(row->cells[FILE_AT], path, home);
	snprintf(row->cells[ENTRY], sizeof(row->cells[ENTRY]), "%s/%s",
		 tv_json_get_text(view, "provider"), tv_json_get_text(view, "label"));
	say_expires(row->cells[EXPIRES], sizeof(row->cells[EXPIRES]), view, now);
	if (tv_json_get_true(view, "mounted"))
		say_last(row->cells[LAST], sizeof(row->cells[LAST]), view, now);
	else
		snprintf(row->cells[LAST], sizeof(row->cells[LAST]), "not mounted");
	for (size_t i = 0; i < COLUMNS_OF_FILES; i++)
		tv_utf8_make_shown(row->cells[i]);
}

static void widen(int widths[static COLUMNS_OF_FILES], const struct row *row)
{
	for (size_t i = 0; i < COLUMNS_OF_FILES; i++) {
		int width = tv_width(row->cells[i]);

		if (most[i] && width > most[i])
			width = most[i];
		if (width > widths[i])
			widths[i] = width;
	}
}

static void print_row(const struct row *row, const int widths[static COLUMNS_OF_FILES])
{
	char text[PATH_MAX + 8];

	for (size_t i = 0; i < COLUMNS_OF_FILES; i++) {
		const bool is_last = i + 1 == COLUMNS_OF_FILES;

		tv_width_shorten(text, sizeof(text), row->cells[i], widths[i]);
		printf("%s%*s", text, is_last ? 0 : widths[i] - tv_width(text) + 2, "");
	}
	putchar('\n');
}

void tv_screen_files(const struct tv_json *views, const char *home, int64_t now)
{
	static struct row row;
	int widths[COLUMNS_OF_FILES] = {0}, left = COLUMNS;

	if (!tv_json_count(views))
		return;
	widen(widths, &heads);
	for (const struct tv_json *v = tv_json_first(views); v; v = tv_json_next(v)) {
		fill(&row, v, home, now);
		widen(widths, &row);
	}
	for (size_t i = ENTRY; i < COLUMNS_OF_FILES; i++)
		left -= widths[i] + 2;
	if (widths[FILE_AT] > left)
		widths[FILE_AT] = left;
	putchar('\n');
	print_row(&heads, widths);
	for (const struct tv_json *v = tv_json_first(views); v; v = tv_json_next(v)) {
		fill(&row, v, home, now);
		print_row(&row, widths);
	}
}
