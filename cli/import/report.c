/* What became of the items of an import, for people and for programs. */
#include <stdio.h>

#include "cli/import/import.h"
#include "cli/report.h"

static enum tv_status no_memory(struct tv_error *err)
{
	return tv_fail(err, TV_NO_MEMORY, "what is imported");
}

static enum tv_status report_json(const struct tv_json *items, struct tv_error *err)
{
	static const char *const members[] = {"name",	"provider", "label",
					      "result", "reason",   NULL};
	tv_auto_json *list = tv_json_array();

	for (const struct tv_json *i = tv_json_first(items); i; i = tv_json_next(i)) {
		struct tv_json *line = tv_json_object();
		bool good = tv_json_put(list, NULL, line);

		for (const char *const *m = members; *m && good; m++)
			good = tv_json_put_text(line, *m, tv_json_get_text(i, *m));
		if (!good)
			return no_memory(err);
	}
	return tv_report_json(list, err);
}

enum tv_status tv_import_report(const struct tv_json *items, bool is_json, struct tv_error *err)
{
	static const char *const heads[] = {"NAME", "ENTRY", "RESULT", NULL};
	tv_auto_table table = {.heads = heads};

	if (is_json)
		return report_json(items, err);
	for (const struct tv_json *i = tv_json_first(items); i; i = tv_json_next(i)) {
		const char *provider = tv_json_get_text(i, "provider");
		const char *reason = tv_json_get_text(i, "reason");
		const char *name = tv_json_get_text(i, "name");
		char entry[128], result[512];

		snprintf(entry, sizeof(entry), "%s/%s", provider ? provider : "",
			 tv_json_get_text(i, "label") ? tv_json_get_text(i, "label") : "");
		snprintf(result, sizeof(result), "%s%s%s", tv_json_get_text(i, "result"),
			 reason ? ": " : "", reason ? reason : "");
		tv_table_cell(&table, tv_text_is_shown(name, TV_NOTE_MAX) ? name : "?");
		tv_table_cell(&table, provider ? entry : NULL);
		tv_table_cell(&table, result);
	}
	return tv_json_count(items) ? tv_table_print(&table, err) : TV_OK;
}
