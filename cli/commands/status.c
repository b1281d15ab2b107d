/* tokenvault status: what runs, and what is mounted. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/call.h"
#include "cli/days.h"
#include "cli/report.h"
#include "cli/span.h"
#include "cli/warn.h"

/* What can be said without a server: the vault is locked, if it is there. The reply has the members
 * that a server's has. */
static enum tv_status look_at_file(struct tv_json **out, const struct tv_paths *paths,
				   struct tv_error *err)
{
	tv_auto_store *store = NULL;
	tv_auto_bytes file = {0};
	tv_auto_json *j = tv_json_object();
	struct tv_header header = {0};
	struct tv_error why = {""};
	enum tv_status seen = tv_store_open(&store, paths->vault, &why);
	bool is_put;

	if (!seen)
		seen = tv_store_read(&file, store, &why);
	if (!seen)
		seen = tv_header_parse(&header, file.data, file.len, &why);
	is_put = tv_json_put_text(j, "vault", paths->vault) &&
		 tv_json_put_bool(j, "locked", true) && tv_json_put_null(j, "since") &&
		 tv_json_put_null(j, "locked_by") && tv_json_put_null(j, "locks_at") &&
		 tv_json_put(j, "locks_on", tv_json_array()) && tv_json_put_null(j, "server_pid") &&
		 tv_json_put_null(j, "memory_locked") &&
		 (seen ? tv_json_put_null(j, "generation")
		       : tv_json_put_int(j, "generation", (int64_t)header.generation)) &&
		 tv_json_put_null(j, "tree") && tv_json_put_null(j, "prompt") &&
		 tv_json_put(j, "views", tv_json_array()) &&
		 (!seen || tv_json_put_text(j, "detail", tv_status_sentence(seen)));
	tv_header_free(&header);
	if (!is_put)
		return tv_fail(err, TV_NO_MEMORY, "a report");
	*out = j;
	j = NULL;
	return TV_OK;
}

static void print_line(const char *name, const char *text)
{
	printf("%-12s%s\n", name, text);
}

static const char *memory_of(const struct tv_json *j)
{
	return tv_json_get_true(j, "memory_locked")
		       ? "never swapped"
		       : "may be swapped: the limit of locked memory is too low (ulimit -l)";
}

static void print_views(const struct tv_json *views)
{
	for (const struct tv_json *v = tv_json_first(views); v; v = tv_json_next(v)) {
		const char *detail = tv_json_get_text(v, "detail");

		printf("%-12s%s  %s/%s%s%s\n",
		       tv_json_get_true(v, "mounted") ? "mounted" : "not mounted",
		       tv_json_get_text(v, "path"), tv_json_get_text(v, "provider"),
		       tv_json_get_text(v, "label"), detail ? "  " : "", detail ? detail : "");
	}
}

static void print_expiring(const struct tv_json *entries)
{
	char days[TV_DAYS_CHARS];
	int64_t expires;

	for (const struct tv_json *e = tv_json_first(entries); e; e = tv_json_next(e)) {
		if (!tv_json_get_int(e, "expires", &expires))
			continue;
		tv_days_print(days, expires, (int64_t)time(NULL));
		printf("%-12s%s/%s  %s\n", "expiring", tv_json_get_text(e, "provider"),
		       tv_json_get_text(e, "label"), days);
	}
}

static const char *state_of(const struct tv_json *j)
{
	static const char *const causes[][2] = {
		{"idle", "locked, for it was not used for so long (lock_idle)"},
		{"after", "locked, so long after the unlock (lock_after)"},
		{"sleep", "locked before the machine went to sleep"},
		{"screen", "locked with the screen"},
		{"key", "locked, for its key was changed"},
	};
	const char *by = tv_json_get_text(j, "locked_by");

	if (!tv_json_get_true(j, "locked"))
		return "unlocked";
	for (size_t i = 0; by && i < sizeof(causes) / sizeof(*causes); i++) {
		if (!strcmp(causes[i][0], by))
			return causes[i][1];
	}
	return "locked";
}

static void print_locks(const struct tv_json *j)
{
	const struct tv_json *on = tv_json_get(j, "locks_on");
	char text[128] = "", span[TV_SPAN_WORDS];
	int64_t at, left;
	size_t len = 0;

	if (tv_json_get_int(j, "locks_at", &at)) {
		left = at - (int64_t)time(NULL);
		tv_span_say(span, left > 0 ? left : 0);
		len = (size_t)snprintf(text, sizeof(text), "in %s", span);
	}
	for (const struct tv_json *e = tv_json_first(on); e; e = tv_json_next(e))
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", len ? "; " : "",
					strcmp(tv_json_text(e), "sleep")
						? "when the screen is locked"
						: "before sleep");
	if (!tv_json_get_true(j, "locked"))
		print_line("locks",
			   len ? text : "when told to; see: tokenvault setting set --help");
}

/* Whether a person is asked, is being asked, or was asked in vain just now. */
static void print_prompt(const struct tv_json *prompt)
{
	const char *last = tv_json_get_text(prompt, "last");
	int64_t waiting = 0, pause = 0;

	if (tv_json_get_int(prompt, "waiting", &waiting) && waiting)
		printf("%-12syou, for %lld who wait%s\n", "asks", (long long)waiting,
		       waiting == 1 ? "s" : "");
	else if (tv_json_get_int(prompt, "pause", &pause) && pause && last)
		printf("%-12snobody for %lld s more: %s, when it did last\n", "asks",
		       (long long)pause, tv_status_sentence(tv_status_by_name(last)));
	else if (tv_json_get_true(prompt, "on"))
		print_line("asks", "you, when a file of the locked vault is opened");
}

static void print(const struct tv_json *j)
{
	const char *detail = tv_json_get_text(j, "detail");
	int64_t number;

	print_line("vault", tv_json_get_text(j, "vault"));
	if (detail)
		print_line("", detail);
	print_line("state", state_of(j));
	if (tv_json_get_int(j, "generation", &number))
		printf("%-12s%lld\n", "generation", (long long)number);
	if (!tv_json_get_int(j, "server_pid", &number)) {
		print_line("server", "none; tokenvault mount starts it");
		return;
	}
	print_locks(j);
	print_prompt(tv_json_get(j, "prompt"));
	printf("%-12sprocess %lld\n", "server", (long long)number);
	print_line("memory", memory_of(j));
	if (tv_json_get_text(j, "tree"))
		print_line("directory", tv_json_get_text(j, "tree"));
	print_views(tv_json_get(j, "views"));
	print_expiring(tv_json_get(j, "expiring"));
}

/* What expires soon, as far as it is known: null while the vault is locked. */
static bool put_expiring(struct tv_json *j, struct tv_cli *cli)
{
	tv_auto_json *found = NULL;
	struct tv_json *list;
	struct tv_error ignored;
	int64_t expires = 0, days = 0, before = (int64_t)time(NULL) + TV_WARN_DAYS * 86400;

	cli->told_expiring = true;
	if (tv_json_get_true(j, "locked") || tv_warn_find(&found, cli, before, &ignored))
		return tv_json_put_null(j, "expiring");
	if (!tv_json_put(j, "expiring", tv_json_array()))
		return false;
	list = tv_json_get(j, "expiring");
	for (const struct tv_json *e = tv_json_first(found); e; e = tv_json_next(e)) {
		struct tv_json *one = tv_json_object();

		if (!tv_json_get_int(e, "expires", &expires) ||
		    !tv_json_get_int(e, "days", &days) || !tv_json_put(list, NULL, one) ||
		    !tv_call_put_name(one, e) || !tv_json_put_int(one, "expires", expires) ||
		    !tv_json_put_int(one, "days", days))
			return false;
	}
	return true;
}

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *reply = NULL;
	enum tv_status status = tv_cli_open(cli, err);

	if (status)
		return status;
	if (tv_session_keeper(cli->session))
		status = tv_cli_call(&reply, cli, TV_AGENT_status, NULL, err);
	else
		status = look_at_file(&reply, &cli->paths, err);
	if (status)
		return status;
	if (!put_expiring(reply, cli))
		return tv_fail(err, TV_NO_MEMORY, "a report");
	if (cli->is_json)
		return tv_report_json(reply, err);
	print(reply);
	return TV_OK;
}

const struct tv_command tv_command_status = {
	.name = "status",
	.arguments = "",
	.summary = "what runs, what is mounted",
	.help = "Says whether a server runs, whether the vault is unlocked and when it will be\n"
		"locked, which files are mounted where, and what expires within 14 days. With\n"
		"--json: an object.",
	.run = run,
};
