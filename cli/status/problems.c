/* What is wrong, and what to do about it. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cli/days.h"
#include "cli/status/screen.h"
#include "cli/warn.h"

#define DAY	 86400
#define TOLD_MAX 8 /* of what expires */

struct problems {
	const char *home;
	bool any;
};

/* With ~ for the home directory, wherever it stands. */
static void print_problem(struct problems *p, const char *name, const char *text)
{
	const size_t len = strlen(p->home);
	char out[2 * PATH_MAX];
	size_t n = 0;

	while (*text && n + 1 < sizeof(out)) {
		if (len > 1 && !strncmp(text, p->home, len) && text[len] == '/') {
			out[n++] = '~';
			text += len;
		} else {
			out[n++] = *text++;
		}
	}
	out[n] = '\0';
	if (!p->any)
		putchar('\n');
	p->any = true;
	tv_screen_line(name, out);
}

/* Why a file is not mounted. Its path is said already: "PATH; what to do", "PATH is no plain file". */
static void say_unmounted(char *out, size_t size, const char *path, const char *detail)
{
	const size_t len = strlen(path);

	if (!detail)
		snprintf(out, size, "%s is not mounted; tokenvault mount tries again", path);
	else if (!strncmp(detail, path, len) && detail[len] == ';')
		snprintf(out, size, "%s is not mounted: a file is in the way%s", path,
			 detail + len);
	else if (!strncmp(detail, path, len) && detail[len] == ' ')
		snprintf(out, size, "%s is not mounted: it%s", path, detail + len);
	else
		snprintf(out, size, "%s is not mounted: %s", path, detail);
}

static void print_view_problem(struct problems *p, const struct tv_json *view, int64_t now)
{
	const char *detail = tv_json_get_text(view, "detail");
	const char *path = tv_json_get_text(view, "path");
	char text[2 * PATH_MAX];
	int64_t expires;

	if (!tv_json_get_true(view, "mounted"))
		say_unmounted(text, sizeof(text), path, detail);
	/* What expires is told of entries. */
	else if (!detail || (tv_json_get_int(view, "expires", &expires) && expires <= now))
		return;
	else if (!strncmp(detail, "moved to ", 9))
		snprintf(text, sizeof(text),
			 "%s %s; tokenvault doctor --fix mounts it where it was", path, detail);
	else
		snprintf(text, sizeof(text), "%s: %s", path, detail);
	print_problem(p, "problem", text);
}

static void print_expiring(struct problems *p, const struct tv_json *entry, int64_t now)
{
	char days[TV_DAYS_CHARS], text[400];
	const char *provider = tv_json_get_text(entry, "provider");
	const char *label = tv_json_get_text(entry, "label");
	int64_t expires;

	if (!tv_json_get_int(entry, "expires", &expires) || expires > now + TV_WARN_DAYS * DAY)
		return;
	tv_days_print(days, expires, now);
	snprintf(text, sizeof(text), "%s/%s %s; tokenvault rotate %s/%s", provider, label, days,
		 provider, label);
	print_problem(p, "expiring", text);
}

static bool is_of(const struct tv_json *a, const struct tv_json *b)
{
	return !strcmp(tv_json_get_text(a, "provider"), tv_json_get_text(b, "provider")) &&
	       !strcmp(tv_json_get_text(a, "label"), tv_json_get_text(b, "label"));
}

/* While the vault is locked, of the entries that have files; several may be one's. */
static void print_expiring_files(struct problems *p, const struct tv_json *views, int64_t now)
{
	for (const struct tv_json *v = tv_json_first(views); v; v = tv_json_next(v)) {
		const struct tv_json *before = tv_json_first(views);

		while (before != v && !is_of(before, v))
			before = tv_json_next(before);
		if (before == v)
			print_expiring(p, v, now);
	}
}

static void print_all_expiring(struct problems *p, const struct tv_json *j, int64_t now)
{
	const struct tv_json *list = tv_json_get(j, "expiring");
	char text[80];
	size_t n = 0;

	if (!tv_json_is_array(list)) {
		print_expiring_files(p, tv_json_get(j, "views"), now);
		return;
	}
	for (const struct tv_json *e = tv_json_first(list); e && n < TOLD_MAX;
	     e = tv_json_next(e), n++)
		print_expiring(p, e, now);
	if (tv_json_count(list) <= n)
		return;
	snprintf(text, sizeof(text), "and %zu more; tokenvault list --expiring %dd",
		 tv_json_count(list) - n, TV_WARN_DAYS);
	print_problem(p, "expiring", text);
}

void tv_screen_problems(const struct tv_json *j, const char *home, int64_t now)
{
	const char *detail = tv_json_get_text(j, "detail");
	struct problems p = {.home = home};
	int64_t pid;

	print_all_expiring(&p, j, now);
	for (const struct tv_json *v = tv_json_first(tv_json_get(j, "views")); v;
	     v = tv_json_next(v))
		print_view_problem(&p, v, now);
	if (tv_json_get_int(j, "server_pid", &pid) && !tv_json_get_true(j, "memory_locked"))
		print_problem(&p, "problem",
			      "what is secret may be swapped: the limit of locked memory is too "
			      "low; tokenvault doctor says what it takes");
	if (detail)
		print_problem(&p, "problem", detail);
}
