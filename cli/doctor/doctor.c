/* tokenvault provider doctor: whether a read-only file serves a tool. */
#include "cli/doctor/doctor.h"

#include <stdio.h>
#include <string.h>

#include "cli/report.h"

static void count_cell(struct tv_table *t, const struct tv_json *deed)
{
	char text[24] = "0";
	int64_t count;

	if (tv_json_get_int(deed, "count", &count))
		snprintf(text, sizeof(text), "%lld", (long long)count);
	tv_table_cell(t, text);
}

/* `~/.netrc` */
static void path_cell(struct tv_table *t, const struct tv_json *object)
{
	char text[1024];

	snprintf(text, sizeof(text), "~/%s", tv_json_get_text(object, "path"));
	tv_table_cell(t, text);
}

static void what_cell(struct tv_table *t, const struct tv_json *deed)
{
	const char *detail = tv_json_get_text(deed, "detail");
	const char *error = tv_json_get_text(deed, "error");
	char text[200];

	snprintf(text, sizeof(text), "%s%s%s", detail ? detail : "", detail && error ? ": " : "",
		 error ? error : "");
	tv_table_cell(t, *text ? text : NULL);
}

static void file_rows(struct tv_table *t, const struct tv_json *file)
{
	const struct tv_json *d = tv_json_first(tv_json_get(file, "deeds"));

	for (; d; d = tv_json_next(d)) {
		path_cell(t, file);
		tv_table_cell(t, tv_json_get_text(d, "words"));
		count_cell(t, d);
		tv_table_cell(t, tv_json_get_text(d, "by"));
		what_cell(t, d);
	}
}

static void beside_row(struct tv_table *t, const struct tv_json *beside)
{
	path_cell(t, beside);
	tv_table_cell(t, "is made beside");
	tv_table_cell(t, "1");
	tv_table_cell(t, tv_json_get_text(beside, "by"));
	tv_table_cell(t, tv_json_get_true(beside, "renamed_over") ? "renamed over the file: EBUSY"
			 : tv_json_get_true(beside, "removed")	  ? "and removed"
								  : "and stays");
}

static void print_ending(const struct tv_json *report, const char *name)
{
	int64_t number;

	if (tv_json_get_int(report, "signal", &number))
		printf("%s was ended by signal %lld\n", name, (long long)number);
	else if (tv_json_get_int(report, "exit", &number))
		printf("%s ended with %lld\n", name, (long long)number);
}

static enum tv_status print_report(const struct tv_json *report, const char *name,
				   struct tv_error *err)
{
	static const char *const heads[] = {"FILE", "THE TOOL", "TIMES", "PROCESS", "DETAIL", NULL};
	tv_auto_table table = {.heads = heads};
	const struct tv_json *files = tv_json_get(report, "files");
	const struct tv_json *beside = tv_json_get(report, "beside");
	enum tv_status status;

	for (const struct tv_json *f = tv_json_first(files); f; f = tv_json_next(f))
		file_rows(&table, f);
	for (const struct tv_json *b = tv_json_first(beside); b; b = tv_json_next(b))
		beside_row(&table, b);
	status = tv_table_print(&table, err);
	if (status)
		return status;
	putchar('\n');
	print_ending(report, name);
	for (const struct tv_json *f = tv_json_first(files); f; f = tv_json_next(f))
		printf("~/%s: %s\n", tv_json_get_text(f, "path"), tv_json_get_text(f, "verdict"));
	return TV_OK;
}

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *job = NULL;
	tv_auto_json *report = NULL;
	const struct tv_provider *provider;
	enum tv_status status = tv_cli_load_providers(cli, err);

	if (!status)
		status = tv_providers_require(&provider, cli->providers, tv_args_word(cli->args, 0),
					      err);
	if (!status)
		status = tv_doctor_job(&job, cli, provider, err);
	if (!status)
		status = tv_doctor_run(&report, job, cli->args->words + 1, err);
	if (status)
		return status;
	if (!cli->is_json)
		return print_report(report, cli->args->words[1], err);
	if (!tv_json_put_text(report, "provider", provider->name))
		return tv_fail(err, TV_NO_MEMORY, "a report");
	return tv_report_json(report, err);
}

static const struct tv_option options[] = {
	{"label", 'l', false, "LABEL", "the made-up entry's; default without"},
	{"field", 'f', true, "NAME[=VALUE]", "one of its fields"},
	{"file", 'F', true, "FILE", "show this one too, that is off"},
	{0},
};

const struct tv_command tv_command_provider_doctor = {
	.name = "doctor",
	.arguments = "PROVIDER -- COMMAND [ARG]...",
	.least = 2,
	.most = TV_ANY,
	.summary = "whether its tool can read",
	.help = "Runs a command with a temporary home directory, in which the service's files are\n"
		"as the mount shows them, with a made-up token, and reports what is done with\n"
		"them and whether a read-only file serves. The command's output goes to standard\n"
		"error. No vault is needed. Exits with 0 when there is a report.",
	.options = options,
	.run = run,
};
