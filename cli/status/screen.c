/* Prints the status screen: its head here, what there may be more of in files of its own. */
#include "cli/status/screen.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/span.h"
#include "cli/wrap.h"

#define NAMES	  11  /* the column behind the names of lines */
#define PATH_LINE 100 /* a line with a path may be longer than others */

void tv_screen_line(const char *name, const char *text)
{
	printf("%-*s", NAMES, name);
	tv_wrap(text, NAMES, NAMES);
}

/* A path is not wrapped. */
static void print_path(const char *name, const char *path)
{
	char text[PATH_MAX];

	tv_width_shorten(text, sizeof(text), path, PATH_LINE - NAMES);
	printf("%-*s%s\n", NAMES, name, text);
}

/* "3 hours", and since when by this machine's clock: with the day where it is not today's. */
static void say_since(char *out, size_t size, int64_t since, int64_t now)
{
	const time_t at = (time_t)since, today = (time_t)now;
	char span[TV_SPAN_WORDS], clock[32];
	struct tm then, here;

	localtime_r(&at, &then);
	localtime_r(&today, &here);
	strftime(clock, sizeof(clock),
		 then.tm_yday == here.tm_yday && then.tm_year == here.tm_year ? "%H:%M"
									      : "%Y-%m-%d %H:%M",
		 &then);
	tv_span_say(span, now > since ? now - since : 0);
	if (now > since)
		snprintf(out, size, "for %s, since %s", span, clock);
	else
		snprintf(out, size, "since %s", clock);
}

static const char *cause_of(const struct tv_json *j)
{
	static const char *const causes[][2] = {
		{"idle", ": it was not used (lock_idle)"},
		{"after", ": open too long (lock_after)"},
		{"sleep", ": the machine went to sleep"},
		{"screen", ": with the screen"},
		{"key", ": its key was changed"},
	};
	const char *by = tv_json_get_text(j, "locked_by");

	for (size_t i = 0; by && i < sizeof(causes) / sizeof(*causes); i++) {
		if (!strcmp(causes[i][0], by))
			return causes[i][1];
	}
	return "";
}

static void print_state(const struct tv_json *j, int64_t now)
{
	char since[80] = "", text[200];
	const bool is_locked = tv_json_get_true(j, "locked");
	int64_t number;

	if (!tv_json_get_int(j, "server_pid", &number)) {
		tv_screen_line("state", "locked");
		tv_screen_line("server", "none; tokenvault mount starts it");
		return;
	}
	if (tv_json_get_int(j, "since", &number) && number > 0)
		say_since(since, sizeof(since), number, now);
	snprintf(text, sizeof(text), "%s %s%s", is_locked ? "locked" : "unlocked", since,
		 is_locked ? cause_of(j) : "");
	tv_screen_line("state", text);
}

/* When it will be locked, and why then. */
static void print_locks(const struct tv_json *j, int64_t now)
{
	const struct tv_json *on = tv_json_get(j, "locks_on");
	const char *by = tv_json_get_text(j, "locks_by");
	char text[200] = "", span[TV_SPAN_WORDS];
	size_t len = 0;
	int64_t at;

	if (tv_json_get_true(j, "locked"))
		return;
	if (tv_json_get_int(j, "locks_at", &at)) {
		tv_span_say(span, at > now ? at - now : 0);
		len = (size_t)snprintf(text, sizeof(text), "in %s%s", span,
				       !by		     ? ""
				       : !strcmp(by, "idle") ? " unless used (lock_idle)"
							     : " (lock_after)");
	}
	for (const struct tv_json *e = tv_json_first(on); e; e = tv_json_next(e))
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", len ? "; " : "",
					strcmp(tv_json_text(e), "sleep") ? "with the screen"
									 : "before sleep");
	tv_screen_line("locks", len ? text : "when told to; see: tokenvault setting set --help");
}

/* Whether a person is asked, is being asked, or was asked in vain just now. */
static void print_prompt(const struct tv_json *prompt)
{
	const char *last = tv_json_get_text(prompt, "last");
	int64_t waiting = 0, pause = 0;
	char text[200];

	if (tv_json_get_int(prompt, "waiting", &waiting) && waiting) {
		snprintf(text, sizeof(text), "you, for %lld who wait%s", (long long)waiting,
			 waiting == 1 ? "s" : "");
		tv_screen_line("asks", text);
	} else if (tv_json_get_int(prompt, "pause", &pause) && pause && last) {
		snprintf(text, sizeof(text), "nobody for %lld s more: %s, when it did last",
			 (long long)pause, tv_status_sentence(tv_status_by_name(last)));
		tv_screen_line("asks", text);
	} else if (tv_json_get_true(prompt, "on")) {
		tv_screen_line("asks", "you, when a file of the locked vault is opened");
	}
}

void tv_screen_print(const struct tv_json *j, const char *home, int64_t now)
{
	char text[40];
	int64_t pid;

	print_path("vault", tv_json_get_text(j, "vault"));
	print_state(j, now);
	if (tv_json_get_int(j, "server_pid", &pid)) {
		print_locks(j, now);
		print_prompt(tv_json_get(j, "prompt"));
		snprintf(text, sizeof(text), "process %lld", (long long)pid);
		tv_screen_line("server", text);
	}
	if (tv_json_get_text(j, "tree"))
		print_path("directory", tv_json_get_text(j, "tree"));
	tv_screen_files(tv_json_get(j, "views"), home, now);
	tv_screen_problems(j, home, now);
}
