/* tokenvault history: the versions that undo can go back to. */
#include <stdio.h>

#include "cli/call.h"
#include "cli/report.h"

static const char *state_of(const struct tv_json *version)
{
	int64_t ended;
	bool is_ended = tv_json_get_int(version, "ended", &ended);

	if (tv_json_get_true(version, "removed"))
		return "removed";
	if (tv_json_get_true(version, "current"))
		return is_ended ? "current, ended" : "current";
	return is_ended ? "ended" : "";
}

static void number_cell(struct tv_table *t, const struct tv_json *version)
{
	char text[24];
	int64_t number = 0;

	if (!tv_json_get_int(version, "version", &number))
		number = 0;
	snprintf(text, sizeof(text), "%lld", (long long)number);
	tv_table_cell(t, text);
}

static enum tv_status print_table(const struct tv_json *versions, struct tv_error *err)
{
	static const char *const heads[] = {"PROVIDER", "LABEL", "VERSION", "SINCE",
					    "EXPIRES",	"STATE", "NOTE",    NULL};
	tv_auto_table table = {.heads = heads};

	for (const struct tv_json *v = tv_json_first(versions); v; v = tv_json_next(v)) {
		tv_table_cell(&table, tv_json_get_text(v, "provider"));
		tv_table_cell(&table, tv_json_get_text(v, "label"));
		number_cell(&table, v);
		tv_table_minute(&table, v, "since");
		tv_table_date(&table, v, "expires");
		tv_table_cell(&table, state_of(v));
		tv_table_cell(&table, tv_json_get_text(v, "note"));
	}
	return tv_table_print(&table, err);
}

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *request = NULL, *reply = NULL;
	const struct tv_json *versions;
	enum tv_status status = tv_call_new(&request, tv_args_word(cli->args, 0), err);

	if (!status)
		status = tv_cli_call(&reply, cli, TV_AGENT_history, request, err);
	if (status)
		return status;
	versions = tv_json_get(reply, "versions");
	if (cli->is_json)
		return tv_report_json(versions, err);
	if (tv_json_count(versions))
		return print_table(versions, err);
	tv_say(cli, "no history");
	return TV_OK;
}

const struct tv_command tv_command_history = {
	.name = "history",
	.arguments = "[PROVIDER[/LABEL]]",
	.most = 1,
	.summary = "versions undo can restore",
	.help = "Lists the versions of entries, also of removed ones, without their tokens.\n"
		"`undo` takes their numbers. The token of one that is `ended` was ended at its\n"
		"service. With --json: an array of objects.",
	.run = run,
};
