/* What expires soon or is due: asked of the vault where that needs nobody's help, and said after commands. */
#include "cli/warn.h"

#include <stdio.h>
#include <time.h>

#include "cli/days.h"

#define DAY	  86400
#define LINES_MAX 10

static bool put_days(struct tv_json *entries, int64_t now)
{
	int64_t expires;

	for (struct tv_json *e = tv_json_first(entries); e; e = tv_json_next(e)) {
		if (!tv_json_get_int(e, "expires", &expires) ||
		    !tv_json_put_int(e, "days", tv_days_left(expires, now)))
			return false;
	}
	return true;
}

/* The key at hand or the server's: a command that used neither asks for nothing afterwards. */
static enum tv_status ask(struct tv_json **reply, struct tv_cli *cli, int64_t before,
			  struct tv_error *err)
{
	tv_auto_json *request = tv_json_object();
	bool asked_nobody = cli->asks_nobody;
	enum tv_status status;

	if (!tv_json_put_int(request, "before", before))
		return tv_fail(err, TV_NO_MEMORY, "a request");
	cli->asks_nobody = true;
	status = tv_cli_call(reply, cli, TV_AGENT_expiring, request, err);
	cli->asks_nobody = asked_nobody;
	return status;
}

enum tv_status tv_warn_find(struct tv_json **out, struct tv_cli *cli, int64_t before,
			    struct tv_error *err)
{
	tv_auto_json *reply = NULL, *entries = NULL;
	enum tv_status status = ask(&reply, cli, before, err);

	if (status)
		return status;
	entries = tv_json_copy(tv_json_get(reply, "entries"));
	if (!entries || !put_days(entries, (int64_t)time(NULL)))
		return tv_fail(err, TV_NO_MEMORY, "a report");
	*out = entries;
	entries = NULL;
	return TV_OK;
}

static void say(const struct tv_cli *cli, const struct tv_json *entry, int64_t now)
{
	char days[TV_DAYS_CHARS];
	int64_t expires = 0;

	if (!tv_json_get_int(entry, "expires", &expires))
		return;
	tv_days_print(days, expires, now);
	tv_say(cli, "warning: %s/%s %s", tv_json_get_text(entry, "provider"),
	       tv_json_get_text(entry, "label"), days);
}

static void say_expiring(const struct tv_cli *cli, const struct tv_json *entries, int64_t now)
{
	size_t n = 0;

	for (const struct tv_json *e = tv_json_first(entries); e && n < LINES_MAX;
	     e = tv_json_next(e), n++)
		say(cli, e, now);
	if (tv_json_count(entries) > n)
		tv_say(cli, "warning: and %zu more; see: tokenvault list --expiring %dd",
		       tv_json_count(entries) - n, TV_WARN_DAYS);
}

/* One line, for one command ends them all. */
static void say_due(const struct tv_cli *cli, const struct tv_json *due, int64_t now)
{
	const struct tv_json *first = NULL;
	char others[32] = "";
	size_t n = 0;
	int64_t at;

	for (const struct tv_json *d = tv_json_first(due); d; d = tv_json_next(d)) {
		if (!tv_json_get_int(d, "at", &at) || at > now)
			continue;
		first = first ? first : d;
		n++;
	}
	if (n > 1)
		snprintf(others, sizeof(others), " and %zu more", n - 1);
	if (n)
		tv_say(cli,
		       "warning: %s/%s%s: an old token is due to be ended: tokenvault rotate "
		       "--pending",
		       tv_json_get_text(first, "provider"), tv_json_get_text(first, "label"),
		       others);
}

static int64_t horizon(int64_t now)
{
	return now + TV_WARN_DAYS * DAY;
}

enum tv_status tv_warn_ask_along(struct tv_json *request, const struct tv_cli *cli,
				 struct tv_error *err)
{
	if (cli->is_quiet || tv_json_put_int(request, "before", horizon((int64_t)time(NULL))))
		return TV_OK;
	return tv_fail(err, TV_NO_MEMORY, "a request");
}

void tv_warn_take(struct tv_cli *cli, struct tv_json *reply)
{
	tv_json_free(cli->expiring);
	cli->expiring = tv_json_copy(tv_json_get(reply, "expiring"));
	tv_json_remove(reply, "expiring");
}

void tv_warn(struct tv_cli *cli)
{
	int64_t now = (int64_t)time(NULL);
	struct tv_error ignored;

	if (!cli->session || cli->is_quiet || cli->told_expiring ||
	    (!cli->expiring && ask(&cli->expiring, cli, horizon(now), &ignored)))
		return;
	say_expiring(cli, tv_json_get(cli->expiring, "entries"), now);
	say_due(cli, tv_json_get(cli->expiring, "due"), now);
}
