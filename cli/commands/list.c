/* tokenvault list: what is in the vault. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/call.h"
#include "cli/report.h"
#include "cli/warn.h"

#define EXIT_EXPIRING 10

static void expiry_cell(struct tv_table *t, const struct tv_json *entry)
{
	char text[TV_WHEN_CHARS + 16];
	int64_t when;

	if (!tv_json_get_int(entry, "expires", &when) || when > time(NULL)) {
		tv_table_date(t, entry, "expires");
		return;
	}
	tv_when_print(text, when);
	snprintf(text + 10, sizeof(text) - 10, " (expired)");
	tv_table_cell(t, text);
}

/* The day of the last good answer; where the last one was not good, that answer and its day. */
static void verified_cell(struct tv_table *t, const struct tv_json *entry)
{
	const char *answer = tv_json_get_text(entry, "answer");
	char text[TV_WHEN_CHARS + 32], when[TV_WHEN_CHARS];
	int64_t tried;

	if (!answer || !strcmp(answer, "OK") || !tv_json_get_int(entry, "tried", &tried)) {
		if (tv_json_get_int(entry, "verified", &tried))
			tv_table_date(t, entry, "verified");
		else
			tv_table_cell(t, "never");
		return;
	}
	tv_when_print(when, tried);
	snprintf(text, sizeof(text), "%s %.10s", tv_report_answer(answer), when);
	tv_table_cell(t, text);
}

static enum tv_status print_table(const struct tv_json *entries, struct tv_error *err)
{
	static const char *const heads[] = {"PROVIDER", "LABEL",    "IN USE",  "ACCOUNT",
					    "EXPIRES",	"VERIFIED", "UPDATED", NULL};
	tv_auto_table table = {.heads = heads};

	for (const struct tv_json *e = tv_json_first(entries); e; e = tv_json_next(e)) {
		tv_table_cell(&table, tv_json_get_text(e, "provider"));
		tv_table_cell(&table, tv_json_get_text(e, "label"));
		tv_table_cell(&table, tv_json_get_true(e, "in_use") ? "yes" : "");
		tv_table_cell(&table, tv_json_get_text(e, "account"));
		expiry_cell(&table, e);
		verified_cell(&table, e);
		tv_table_minute(&table, e, "updated");
	}
	return tv_table_print(&table, err);
}

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

static enum tv_status find_all(struct tv_json **out, struct tv_cli *cli,
			       const struct tv_json *request, struct tv_error *err)
{
	tv_auto_json *reply = NULL;
	enum tv_status status = tv_cli_call(&reply, cli, TV_AGENT_list, request, err);

	if (status)
		return status;
	*out = tv_json_copy(tv_json_get(reply, "entries"));
	return *out ? TV_OK : tv_fail(err, TV_NO_MEMORY, "a report");
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
		status = tv_cli_call(NULL, cli, TV_AGENT_list, request, err);
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

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *request = NULL, *entries = NULL;
	enum tv_status status = tv_call_new(&request, tv_args_word(cli->args, 0), err);

	if (!status && tv_json_get(request, "label"))
		status = tv_fail(err, TV_USAGE, "a PROVIDER without a label");
	if (!status)
		status = tv_args_has(cli->args, "expiring")
				 ? find_expiring(&entries, cli, request, err)
				 : find_all(&entries, cli, request, err);
	if (!status && !tv_json_count(entries))
		status = say_nothing(cli, err);
	if (status)
		return status;
	if (cli->is_json)
		return tv_report_json(entries, err);
	return tv_json_count(entries) ? print_table(entries, err) : TV_OK;
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
};
