/* tokenvault list: what is in the vault. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/call.h"
#include "cli/report.h"
#include "cli/warn.h"

#define EXIT_EXPIRING 10

static void expiry_cell(struct tv_table *t, int64_t expires)
{
	char text[TV_WHEN_CHARS + 16];

	if (!expires || expires > time(NULL)) {
		tv_table_date_of(t, expires);
		return;
	}
	tv_when_print(text, expires);
	snprintf(text + 10, sizeof(text) - 10, " (expired)");
	tv_table_cell(t, text);
}

/* The day of the last good answer; where the last one was not good, that answer and its day. */
static void verified_cell(struct tv_table *t, const struct tv_listed *entry)
{
	char text[TV_WHEN_CHARS + 32], when[TV_WHEN_CHARS];

	if (!entry->answer || !strcmp(entry->answer, "OK") || !entry->tried) {
		if (entry->verified)
			tv_table_date_of(t, entry->verified);
		else
			tv_table_cell(t, "never");
		return;
	}
	tv_when_print(when, entry->tried);
	snprintf(text, sizeof(text), "%s %.10s", tv_report_answer(entry->answer), when);
	tv_table_cell(t, text);
}

static void put_row(struct tv_table *t, const struct tv_listed *entry)
{
	tv_table_cell(t, entry->provider);
	tv_table_cell(t, entry->label);
	tv_table_cell(t, entry->in_use ? "yes" : "");
	tv_table_cell(t, entry->account);
	expiry_cell(t, entry->expires);
	verified_cell(t, entry);
	tv_table_minute_of(t, entry->updated);
}

static const char *const heads[] = {"PROVIDER", "LABEL",    "IN USE",  "ACCOUNT",
				    "EXPIRES",	"VERIFIED", "UPDATED", NULL};

/* Nothing of a service may mean that there is no such service. */
static enum tv_status say_nothing(struct tv_cli *cli, struct tv_error *err)
{
	const char *name = tv_args_word(cli->args, 0);
	const struct tv_provider *provider;
	enum tv_status status = name ? tv_cli_load_providers(cli, err) : TV_OK;

	if (!status && name)
		status = tv_providers_require(&provider, cli->providers, name, err);
	if (!status && tv_args_has(cli->args, "expiring"))
		tv_say(cli, "none expires by then");
	else if (!status)
		tv_say(cli, "no entries; tokenvault add PROVIDER stores a token");
	return status;
}

/* As --expires, and 0d, which is for what has expired already. */
static enum tv_status parse_before(int64_t *out, const char *text, struct tv_error *err)
{
	const size_t zeros = strspn(text, "0");
	struct tv_error why = {""};
	enum tv_status status;

	*out = (int64_t)time(NULL);
	if (zeros && strchr("hdw", text[zeros]) && (!text[zeros] || !text[zeros + 1]))
		return TV_OK;
	status = tv_when_parse(out, text, *out, &why);
	if (!status && *out == TV_NEVER)
		return tv_fail(err, TV_BAD_VALUE, "--expiring never: a time like 14d expected");
	return status ? tv_fail(err, status, "--expiring: %s", why.detail) : TV_OK;
}

/* Those that expire by the time that --expiring names; the exit code tells whether there is one. */
static enum tv_status find_expiring(struct tv_json **out, struct tv_cli *cli,
				    const struct tv_json *request, struct tv_error *err)
{
	const char *provider = tv_json_get_text(request, "provider");
	tv_auto_json *found = NULL, *entries = tv_json_array();
	int64_t before;
	enum tv_status status = parse_before(&before, tv_args_value(cli->args, "expiring"), err);

	/* The vault is opened first, for which a person may be asked. */
	if (!status)
		status = tv_cli_call(NULL, cli, TV_AGENT_views, NULL, err);
	if (!status)
		status = tv_warn_find(&found, cli, before, err);
	if (status)
		return status;
	for (const struct tv_json *e = tv_json_first(found); e; e = tv_json_next(e)) {
		if (provider && strcmp(tv_json_get_text(e, "provider"), provider))
			continue;
		if (!tv_json_put(entries, NULL, tv_json_copy(e)))
			return tv_fail(err, TV_NO_MEMORY, "a report");
	}
	cli->told_expiring = true;
	cli->exit_code = tv_json_count(entries) ? EXIT_EXPIRING : 0;
	*out = entries;
	entries = NULL;
	return TV_OK;
}

static enum tv_status report(struct tv_cli *cli, const struct tv_json *entries,
			     struct tv_error *err)
{
	tv_auto_table table = {.heads = heads};
	struct tv_listed entry;

	if (!tv_json_count(entries)) {
		enum tv_status status = say_nothing(cli, err);

		if (status || !cli->is_json)
			return status;
	}
	if (cli->is_json)
		return tv_report_json(entries, err);
	for (const struct tv_json *e = tv_json_first(entries); e; e = tv_json_next(e)) {
		tv_listed_of(&entry, e);
		put_row(&table, &entry);
	}
	return tv_table_print(&table, err);
}

static enum tv_status report_all(struct tv_cli *cli, struct tv_json *request, struct tv_error *err)
{
	tv_auto_table table = {.heads = heads};
	tv_auto_listing listing = {.next = 0};
	struct tv_listed entry;
	enum tv_status status;

	if (!tv_json_put_bool(request, "brief", true))
		return tv_fail(err, TV_NO_MEMORY, "for a request");
	status = tv_cli_list(&listing, cli, request, err);
	if (status)
		return status;
	while (tv_listing_next(&entry, &listing))
		put_row(&table, &entry);
	status = tv_listing_check(&listing, err);
	if (status)
		return status;
	return table.n_cells ? tv_table_print(&table, err) : say_nothing(cli, err);
}

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *request = NULL, *reply = NULL, *found = NULL;
	enum tv_status status = tv_call_new(&request, tv_args_word(cli->args, 0), err);

	if (!status && tv_json_get(request, "label"))
		status = tv_fail(err, TV_USAGE, "a PROVIDER without a label");
	if (status)
		return status;
	if (tv_args_has(cli->args, "expiring")) {
		status = find_expiring(&found, cli, request, err);
		return status ? status : report(cli, found, err);
	}
	if (!cli->is_json)
		return report_all(cli, request, err);
	status = tv_cli_call(&reply, cli, TV_AGENT_list, request, err);
	return status ? status : report(cli, tv_json_get(reply, "entries"), err);
}

static const struct tv_option options[] = {
	{"expiring", 'e', false, "WHEN", "only what expires by then: 14d, 12h, 2027-08-19, 0d"},
	{0},
};

const struct tv_command tv_command_list = {
	.name = "list",
	.arguments = "[PROVIDER]",
	.most = 1,
	.summary = "what is in the vault",
	.help = "Lists the entries, of one service or all, without their tokens. Times are\n"
		"UTC. VERIFIED is the day of the service's last answer; `verify` asks. With\n"
		"--expiring the exit status is 10 when there is one, expired ones included.\n"
		"With --json: an array of objects.",
	.options = options,
	.run = run,
	.only_asks = true,
};
