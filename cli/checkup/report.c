/* The check-up's report: JSON, or lines of 80 columns. */
#include <stdio.h>
#include <string.h>

#include "cli/checkup/checkup.h"
#include "cli/report.h"
#include "cli/wrap.h"

#define NAME_COLUMN 7
#define TEXT_COLUMN 21

static const char *const words[] = {
	[TV_VERDICT_FINE] = "fine", [TV_VERDICT_NOTE] = "note", [TV_VERDICT_WRONG] = "wrong"};

static size_t count_mended(const struct tv_checkup *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->count; i++)
		n += c->remarks[i].is_mended;
	return n;
}

static size_t count_mendable(const struct tv_checkup *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->count; i++)
		n += c->remarks[i].can_mend;
	return n;
}

static bool put_remark(struct tv_json *list, const struct tv_remark *r)
{
	struct tv_json *j = tv_json_object();

	return tv_json_put(list, NULL, j) && tv_json_put_text(j, "name", r->check->name) &&
	       tv_json_put_text(j, "verdict", words[r->verdict]) &&
	       tv_json_put_text(j, "text", r->text) &&
	       tv_json_put_bool(j, "fixable", r->can_mend) &&
	       tv_json_put_bool(j, "fixed", r->is_mended) &&
	       tv_json_put_bool(j, "checked", !r->is_unknown);
}

enum tv_status tv_checkup_report(const struct tv_checkup *c, struct tv_error *err)
{
	tv_auto_json *j = tv_json_object();
	struct tv_json *list = tv_json_array();
	bool is_put = tv_json_put(j, "checks", list);

	for (size_t i = 0; i < c->count && is_put; i++)
		is_put = put_remark(list, &c->remarks[i]);
	if (!is_put ||
	    !tv_json_put_int(j, "wrong", (int64_t)tv_checkup_count(c, TV_VERDICT_WRONG)) ||
	    !tv_json_put_int(j, "notes", (int64_t)tv_checkup_count(c, TV_VERDICT_NOTE)) ||
	    !tv_json_put_int(j, "fixed", (int64_t)count_mended(c)))
		return tv_fail(err, TV_NO_MEMORY, "a report");
	return tv_report_json(j, err);
}

static void print_remark(const struct tv_remark *r)
{
	const char *word = r->is_mended ? "mended" : words[r->verdict];

	printf("%-*s%-*s", NAME_COLUMN, word, TEXT_COLUMN - NAME_COLUMN, r->check->name);
	tv_wrap(r->text, TEXT_COLUMN, TEXT_COLUMN);
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

void tv_checkup_print(const struct tv_checkup *c)
{
	const size_t wrong = tv_checkup_count(c, TV_VERDICT_WRONG);
	const size_t notes = tv_checkup_count(c, TV_VERDICT_NOTE);
	const size_t mendable = count_mendable(c), mended = count_mended(c);

	for (int verdict = TV_VERDICT_FINE; verdict <= TV_VERDICT_WRONG; verdict++) {
		for (size_t i = 0; i < c->count; i++) {
			if ((int)c->remarks[i].verdict == verdict)
				print_remark(&c->remarks[i]);
		}
	}
	if (wrong)
		printf("\n%zu thing%s wrong, ", wrong, wrong == 1 ? " is" : "s are");
	else
		printf("\nnothing is wrong, ");
	printf("%zu note%s", notes, plural(notes));
	if (mended)
		printf(", %zu mended", mended);
	if (mendable)
		printf("; tokenvault doctor --fix mends %zu", mendable);
	putchar('\n');
}
