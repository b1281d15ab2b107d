/* What expires soon: asked of the vault where that needs nobody's help, and said after commands. */
#include "cli/warn.h"

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
static enum tv_status call_quietly(struct tv_json **reply, struct tv_cli *cli,
				   const struct tv_json *request, struct tv_error *err)
{
	bool asked_nobody = cli->asks_nobody;
	enum tv_status status;

	cli->asks_nobody = true;
	status = tv_cli_call(reply, cli, TV_AGENT_expiring, request, err);
	cli->asks_nobody = asked_nobody;
	return status;
}

enum tv_status tv_warn_find(struct tv_json **out, struct tv_cli *cli, int64_t before,
			    struct tv_error *err)
{
	tv_auto_json *request = tv_json_object(), *reply = NULL, *entries = NULL;
	enum tv_status status;

	if (!tv_json_put_int(request, "before", before))
		return tv_fail(err, TV_NO_MEMORY, "a request");
	status = call_quietly(&reply, cli, request, err);
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

void tv_warn(struct tv_cli *cli)
{
	tv_auto_json *entries = NULL;
	int64_t now = (int64_t)time(NULL);
	struct tv_error ignored;
	size_t n = 0;

	if (!cli->session || cli->is_quiet || cli->told_expiring ||
	    tv_warn_find(&entries, cli, now + TV_WARN_DAYS * DAY, &ignored))
		return;
	for (const struct tv_json *e = tv_json_first(entries); e && n < LINES_MAX;
	     e = tv_json_next(e), n++)
		say(cli, e, now);
	if (tv_json_count(entries) > n)
		tv_say(cli, "warning: and %zu more; see: tokenvault list --expiring %dd",
		       tv_json_count(entries) - n, TV_WARN_DAYS);
}
