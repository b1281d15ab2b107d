/* tokenvault notify: tells what expires soon, for a timer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/call.h"
#include "cli/days.h"
#include "cli/helper.h"
#include "cli/notified.h"
#include "cli/report.h"
#include "cli/warn.h"

#define DAY	   86400
#define SECONDS	   12 /* a little over what tokenvault-notify gives itself */
#define ANSWER_MAX 16

/* What there is to tell, as --json prints it and as the notifications say it. */
struct news {
	struct tv_cli *cli;
	int64_t now;
	struct tv_json *expiring;
	struct tv_json *revoking;
	struct tv_notified shown; /* and what is about to be */
	struct tv_secret lines;	  /* for tokenvault-notify */
};

/* The level that a time has reached. */
static int level_of(int64_t left)
{
	return left <= 0 ? 0 : left <= DAY ? 1 : left <= 7 * DAY ? 7 : TV_WARN_DAYS;
}

static enum tv_status no_memory(struct tv_error *err)
{
	return tv_fail(err, TV_NO_MEMORY, "a notification");
}

/* Queues a notification unless it was shown before, or is no news any more. */
static bool queue(struct news *n, const struct tv_json *entry, int64_t when, const char *what,
		  bool is_urgent, const char *body)
{
	struct tv_notified_item item = {.when = when};
	char line[1024];
	int len;

	snprintf(item.id, sizeof(item.id), "%s", tv_json_get_text(entry, "id"));
	snprintf(item.what, sizeof(item.what), "%s", what);
	if (when < n->now - TV_NOTIFIED_DAYS * DAY || tv_notified_has(&n->shown, &item))
		return true;
	len = snprintf(line, sizeof(line), "%d\t%s/%s\t%s\n", is_urgent ? 2 : 1,
		       tv_json_get_text(entry, "provider"), tv_json_get_text(entry, "label"), body);
	tv_secret_append(&n->lines, line, (size_t)len);
	return !n->lines.failed && tv_notified_add(&n->shown, &item);
}

static bool tell_expiring(struct news *n, const struct tv_json *entry)
{
	struct tv_json *one = tv_json_object();
	char text[TV_DAYS_CHARS], body[TV_DAYS_CHARS + 16], what[12];
	int64_t expires = 0, days = 0;
	int level;

	if (!tv_json_get_int(entry, "expires", &expires) || !tv_json_get_int(entry, "days", &days))
		return tv_json_put(n->expiring, NULL, one);
	level = level_of(expires - n->now);
	snprintf(what, sizeof(what), "%d", level);
	tv_days_print(text, expires, n->now);
	snprintf(body, sizeof(body), "The token %s", text);
	if (!n->cli->is_json)
		printf("%s/%s %s\n", tv_json_get_text(entry, "provider"),
		       tv_json_get_text(entry, "label"), text);
	return tv_json_put(n->expiring, NULL, one) && tv_call_put_name(one, entry) &&
	       tv_json_put_int(one, "expires", expires) && tv_json_put_int(one, "days", days) &&
	       tv_json_put_int(one, "level", level) &&
	       queue(n, entry, expires, what, level <= 1, body);
}

/* When the first of an entry's earlier tokens was to be revoked, and how many are due. */
static size_t count_due(int64_t *first, const struct tv_json *entry, int64_t now)
{
	size_t due = 0;
	int64_t at;

	*first = now;
	for (const struct tv_json *r = tv_json_first(tv_json_get(entry, "revoking_ids")); r;
	     r = tv_json_next(r)) {
		if (!tv_json_get_int(r, "at", &at) || at > now)
			continue;
		due++;
		if (at < *first)
			*first = at;
	}
	return due;
}

static bool tell_revoking(struct news *n, const struct tv_json *entry)
{
	static const char *const body =
		"An earlier token is to be revoked: tokenvault rotate --pending";
	struct tv_json *one;
	int64_t first;
	size_t due = count_due(&first, entry, n->now);

	if (!due)
		return true;
	one = tv_json_object();
	if (!n->cli->is_json)
		printf("%s/%s has %zu earlier token%s to revoke: tokenvault rotate --pending\n",
		       tv_json_get_text(entry, "provider"), tv_json_get_text(entry, "label"), due,
		       due == 1 ? "" : "s");
	return tv_json_put(n->revoking, NULL, one) && tv_call_put_name(one, entry) &&
	       tv_json_put_int(one, "due", (int64_t)due) &&
	       queue(n, entry, first, "revoke", false, body);
}

static enum tv_status look_for_expiring(struct news *n, struct tv_error *err)
{
	tv_auto_json *found = NULL;
	enum tv_status status = tv_warn_find(&found, n->cli, n->now + TV_WARN_DAYS * DAY, err);

	for (const struct tv_json *e = tv_json_first(found); e && !status; e = tv_json_next(e)) {
		if (!tell_expiring(n, e))
			status = no_memory(err);
	}
	return status;
}

static enum tv_status look_for_revoking(struct news *n, struct tv_error *err)
{
	tv_auto_json *reply = NULL;
	enum tv_status status = tv_cli_call(&reply, n->cli, TV_AGENT_list, NULL, err);

	for (const struct tv_json *e = tv_json_first(tv_json_get(reply, "entries")); e && !status;
	     e = tv_json_next(e)) {
		tv_auto_json *entry = NULL;
		int64_t count;

		if (!tv_json_get_int(e, "revoking", &count) || !count)
			continue;
		status = tv_call_show(&entry, n->cli, e, err);
		if (!status && !tell_revoking(n, entry))
			status = no_memory(err);
	}
	return status;
}

/* NAME=VALUE; "" where there is none. */
static const char *variable(struct tv_secret *out, const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	value = value ? value : otherwise;
	if (value) {
		tv_secret_puts(out, name);
		tv_secret_putc(out, '=');
		tv_secret_puts(out, value);
	}
	return tv_secret_text(out);
}

/* Whether the notifications were shown. Where there is no program for it, or no desktop, what was
 * printed has to do. A timer may have no environment: then the bus is where ours would be. */
static bool show(const struct news *n)
{
	tv_auto_secret runtime = {0}, bus = {0}, answer = {0};
	const char *const environment[] = {
		variable(&runtime, "XDG_RUNTIME_DIR", n->cli->paths.runtime_base),
		variable(&bus, "DBUS_SESSION_BUS_ADDRESS", NULL),
		NULL,
	};
	const struct tv_helper helper = {
		.name = "tokenvault-notify",
		.environment = environment,
		.seconds = SECONDS,
		.answer_max = ANSWER_MAX,
	};
	struct tv_error ignored;

	return !tv_helper_run(&answer, &helper, &n->lines, &ignored) && answer.len;
}

static enum tv_status tell(struct news *n, struct tv_error *err)
{
	tv_auto_json *report = tv_json_object();
	enum tv_status status = look_for_expiring(n, err);
	bool is_put;

	if (!status)
		status = look_for_revoking(n, err);
	if (!status && n->lines.len && show(n))
		status = tv_notified_save(&n->shown, n->cli->paths.state, err);
	if (status || !n->cli->is_json)
		return status;
	is_put = tv_json_put(report, "expiring", tv_json_copy(n->expiring)) &&
		 tv_json_put(report, "revoking", tv_json_copy(n->revoking));
	return is_put ? tv_report_json(report, err) : no_memory(err);
}

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	struct news n = {.cli = cli, .now = (int64_t)time(NULL)};
	enum tv_status status = tv_cli_open(cli, err);

	if (status)
		return status;
	cli->told_expiring = true;
	cli->asks_nobody = true;
	if (!tv_session_has_server(cli->session)) {
		tv_say(cli, "no server runs, or it is locked: nothing was looked at");
		return TV_OK;
	}
	n.expiring = tv_json_array();
	n.revoking = tv_json_array();
	tv_notified_load(&n.shown, cli->paths.state, n.now);
	status = tell(&n, err);
	tv_json_free(n.expiring);
	tv_json_free(n.revoking);
	tv_notified_free(&n.shown);
	tv_secret_free(&n.lines);
	return status;
}

const struct tv_command tv_command_notify = {
	.name = "notify",
	.arguments = "",
	.summary = "tell what expires, on timers",
	.help = "Prints what expires within 14 days, and which earlier tokens are to be\n"
		"revoked, and shows each on the desktop, where there is one: once, and again\n"
		"7 days and 1 day before the end and after it. Asks the running server; where\n"
		"there is none, or it is locked, it does nothing. With --json: an object.",
	.run = run,
};
