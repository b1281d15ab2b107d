/* tokenvault list: what is in the vault. */
#include <stdio.h>
#include <time.h>

#include "cli/call.h"
#include "cli/report.h"

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

static enum tv_status print_table(const struct tv_json *entries, struct tv_error *err)
{
	static const char *const heads[] = {"PROVIDER", "LABEL",   "IN USE", "ACCOUNT",
					    "EXPIRES",	"UPDATED", NULL};
	tv_auto_table table = {.heads = heads};

	for (const struct tv_json *e = tv_json_first(entries); e; e = tv_json_next(e)) {
		tv_table_cell(&table, tv_json_get_text(e, "provider"));
		tv_table_cell(&table, tv_json_get_text(e, "label"));
		tv_table_cell(&table, tv_json_get_true(e, "in_use") ? "yes" : "");
		tv_table_cell(&table, tv_json_get_text(e, "account"));
		expiry_cell(&table, e);
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
	if (!status)
		tv_say(cli, "no entries; tokenvault add PROVIDER stores a token");
	return status;
}

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *request = NULL, *reply = NULL;
	const struct tv_json *entries;
	enum tv_status status = tv_call_new(&request, tv_args_word(cli->args, 0), err);

	if (!status && tv_json_get(request, "label"))
		status = tv_fail(err, TV_USAGE, "a PROVIDER without a label");
	if (!status)
		status = tv_cli_call(&reply, cli, TV_AGENT_list, request, err);
	if (status)
		return status;
	entries = tv_json_get(reply, "entries");
	if (!tv_json_count(entries))
		status = say_nothing(cli, err);
	if (status)
		return status;
	if (cli->is_json)
		return tv_report_json(entries, err);
	return tv_json_count(entries) ? print_table(entries, err) : TV_OK;
}

const struct tv_command tv_command_list = {
	.name = "list",
	.arguments = "[PROVIDER]",
	.most = 1,
	.summary = "what is in the vault",
	.help = "Lists the entries, of one service or all, without their tokens. Times are\n"
		"UTC. With --json: an array of objects.",
	.run = run,
};
