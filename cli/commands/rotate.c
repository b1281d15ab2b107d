/* tokenvault rotate: a new token in the place of the old one. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/call.h"
#include "cli/report.h"
#include "cli/rotate/guided.h"
#include "cli/rotate/revoking.h"
#include "cli/scratch.h"
#include "cli/service.h"

#define PATIENCE 60 /* seconds of grace that are waited for */

/* "90s", "5m", or what --expires takes, as seconds from now. */
static enum tv_status parse_grace(int64_t *out, const char *text, struct tv_error *err)
{
	int64_t now = time(NULL), then;
	char *end;
	unsigned long count = strtoul(text, &end, 10);
	enum tv_status status;

	*out = (int64_t)count;
	if (text[0] >= '0' && text[0] <= '9' && count <= 1000000) {
		if (!strcmp(end, "s") || (!count && !*end))
			return TV_OK;
		*out = (int64_t)count * 60;
		if (!strcmp(end, "m"))
			return TV_OK;
	}
	status = tv_when_parse(&then, text, now, err);
	if (status)
		return tv_fail(err, TV_BAD_VALUE, "--grace %s: 0, 90s, 5m, 12h, 7d, a day or never",
			       text);
	*out = then == TV_NEVER ? TV_GRACE_NEVER : then - now;
	return TV_OK;
}

static enum tv_status read_wish(struct tv_rotating_wish *out, const struct tv_cli *cli,
				struct tv_error *err)
{
	const char *grace = tv_args_value(cli->args, "grace");
	const char *expires = tv_args_value(cli->args, "expires");
	enum tv_status status = grace ? parse_grace(&out->grace, grace, err) : TV_OK;

	out->title = tv_args_value(cli->args, "name");
	if (!status && out->title && (!*out->title || !tv_text_is_valid(out->title, 200)))
		status = tv_fail(err, TV_BAD_VALUE,
				 "--name: UTF-8 without control characters, 1 to 200 bytes");
	if (!status && expires)
		status = tv_when_parse(&out->expires, expires, time(NULL), err);
	if (!status && expires && out->expires == TV_NEVER)
		status = tv_fail(err, TV_BAD_VALUE, "--expires %s: a service wants a day", expires);
	return status;
}

/* What became of an entry, for programs. */
static struct tv_json *outcome(const struct tv_rotating *r, bool is_rotated)
{
	struct tv_json *j = tv_json_object();
	const struct tv_json *expires = tv_json_get(r->entry, "expires");
	const struct tv_json *revoking = tv_json_get(r->entry, "revoking_ids");

	if (tv_call_put_name(j, r->entry) && tv_json_put_bool(j, "rotated", is_rotated) &&
	    tv_json_put_bool(j, "by_hand", r->by_hand) &&
	    tv_json_put_text(j, "step", tv_rotating_step(r)) &&
	    tv_json_put(j, "expires", tv_json_copy(expires)) &&
	    tv_json_put(j, "ended", tv_json_copy(r->ended)) &&
	    tv_json_put(j, "revoking", tv_json_copy(revoking)))
		return j;
	tv_json_free(j);
	return NULL;
}

static enum tv_status report(const struct tv_rotating *r, bool is_rotated, struct tv_error *err)
{
	tv_auto_json *j = NULL;

	if (!r->cli->is_json)
		return TV_OK;
	j = outcome(r, is_rotated);
	return j ? tv_report_json(j, err) : tv_fail(err, TV_NO_MEMORY, "a report");
}

static void say_ended(const struct tv_rotating *r)
{
	size_t n = tv_json_count(r->ended);

	if (n)
		tv_say(r->cli, "%s: ended %zu token%s at %s", r->name, n, n > 1 ? "s" : "",
		       r->provider->title);
}

static enum tv_status by_service(struct tv_rotating *r, const struct tv_rotating_wish *wish,
				 struct tv_error *err)
{
	enum tv_status status = tv_rotating_run(r, wish, err), later;
	struct tv_error ignored;

	if (!status && r->checked)
		tv_service_say(r->cli, r->provider, r->checked);
	if (!status) {
		tv_say(r->cli, "rotated %s", r->name);
		status = tv_revoking_run(r, PATIENCE, err);
	} else if (status == TV_TOKEN_REFUSED) {
		/* What was made and is of no use. The first failure is the one to tell. */
		later = tv_revoking_run(r, 0, &ignored);
		if (later)
			tv_say(r->cli, "warning: %s", ignored.detail);
	}
	say_ended(r);
	return status;
}

static enum tv_status run_rotate(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_rotating r = {.lock = -1};
	struct tv_rotating_wish wish = {0};
	struct tv_error ignored;
	enum tv_status status = read_wish(&wish, cli, err);

	if (!status)
		status = tv_rotating_open(&r, cli, tv_args_word(cli->args, 0), err);
	if (status)
		return status;
	if (r.provider->mint && tv_args_has(cli->args, "no-verify"))
		return tv_fail(err, TV_USAGE, "--no-verify is for tokens that you make yourself");
	if (!r.provider->mint && (wish.title || tv_args_has(cli->args, "grace")))
		return tv_fail(err, TV_USAGE, "%s's tokens are made and ended in its console",
			       r.provider->title);
	status = r.provider->mint ? by_service(&r, &wish, err) : tv_guided_run(&r, err);
	if (r.fresh.len || !status)
		tv_scratch_warn(cli, r.entry);
	if (!status)
		return report(&r, true, err);
	/* It may have been swapped all the same. */
	if (r.fresh.len && report(&r, true, &ignored))
		tv_say(cli, "warning: %s", ignored.detail);
	return status;
}

static enum tv_status run_cancel(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_rotating r = {.lock = -1};
	enum tv_status status = tv_rotating_open(&r, cli, tv_args_word(cli->args, 0), err);

	if (!status)
		status = tv_rotating_cancel(&r, err);
	if (status)
		return status;
	tv_say(cli, "given up the rotation of %s, which keeps its token", r.name);
	status = tv_revoking_run(&r, 0, err);
	say_ended(&r);
	return status ? status : report(&r, false, err);
}

static bool has_work(const struct tv_json *entry)
{
	int64_t revoking = 0;

	tv_json_get_int(entry, "revoking", &revoking);
	return revoking > 0 || tv_json_get_true(entry, "rotating");
}

/* One entry's; what stands in the way of it must not keep the others. */
static enum tv_status run_one(struct tv_json *reports, struct tv_cli *cli,
			      const struct tv_json *entry, struct tv_error *err)
{
	tv_auto_rotating r = {.lock = -1};
	tv_auto_secret word = {0};
	enum tv_status status;

	tv_secret_puts(&word, tv_json_get_text(entry, "provider"));
	tv_secret_putc(&word, '/');
	tv_secret_puts(&word, tv_json_get_text(entry, "label"));
	status = tv_secret_check(&word, err);
	if (!status)
		status = tv_rotating_open(&r, cli, tv_secret_text(&word), err);
	if (status)
		return status;
	if (tv_rotating_step(&r))
		tv_say(cli, "%s: a rotation is under way; to go on: tokenvault rotate %s", r.name,
		       r.name);
	status = tv_revoking_run(&r, 0, err);
	say_ended(&r);
	if (!tv_json_put(reports, NULL, outcome(&r, false)) && !status)
		status = tv_fail(err, TV_NO_MEMORY, "a report");
	return status;
}

static enum tv_status run_pending(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *reply = NULL, *reports = tv_json_array();
	struct tv_error why;
	size_t n = 0;
	enum tv_status first = TV_OK, status = tv_cli_call(&reply, cli, TV_AGENT_list, NULL, err);

	if (status)
		return status;
	for (const struct tv_json *e = tv_json_first(tv_json_get(reply, "entries")); e;
	     e = tv_json_next(e)) {
		if (!has_work(e))
			continue;
		n++;
		status = run_one(reports, cli, e, &why);
		if (status && first)
			tv_say(cli, "warning: %s", why.detail);
		if (status && !first) {
			first = status;
			*err = why;
		}
	}
	if (!n)
		tv_say(cli, "nothing is pending");
	if (!cli->is_json)
		return first;
	status = tv_report_json(reports, first ? &why : err);
	return first ? first : status;
}

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	const struct tv_args *args = cli->args;
	bool is_pending = tv_args_has(args, "pending"), is_cancel = tv_args_has(args, "cancel");

	if (is_pending && (is_cancel || args->n_words))
		return tv_fail(err, TV_USAGE, "--pending is about all entries, and goes alone");
	if (!is_pending && !args->n_words)
		return tv_fail(err, TV_USAGE, "which entry's token?");
	if (is_pending)
		return run_pending(cli, err);
	return is_cancel ? run_cancel(cli, err) : run_rotate(cli, err);
}

static const struct tv_option options[] = {
	{"grace", 'g', false, "WHEN", "leave the old token valid: 90s, 5m, 12h, 7d, never"},
	{"expires", 'e', false, "WHEN", "the new token's; else it lasts as long as the old"},
	{"name", 'n', false, "TEXT", "what the new token's name at the service begins with"},
	{"no-verify", 0, false, NULL, "take a token of your own without asking the service"},
	{"pending", 0, false, NULL, "end old tokens whose grace is over"},
	{"cancel", 0, false, NULL, "give up a rotation that was begun"},
	{0},
};

const struct tv_command tv_command_rotate = {
	.name = "rotate",
	.arguments = "PROVIDER[/LABEL]",
	.least = 0,
	.most = 1,
	.summary = "replace a token by another",
	.help = "Has the service make a new token, verifies it, puts it in the old one's place,\n"
		"under the mounted files too, and ends the old one, at once or after --grace.\n"
		"Interrupted anywhere, the same command goes on. Where the service has no way\n"
		"to do that, it says where to make a token, and takes it as `add` does; the\n"
		"old one is kept for `undo`.",
	.options = options,
	.run = run,
};
