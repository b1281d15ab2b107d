/* Plaintext files of known formats, taken apart by the program tokenvault-read. */
#include "cli/readfile.h"

#include "cli/helper.h"

#define ANSWER_MAX ((size_t)32 << 20)
#define SECONDS	   30

/* The tree, or the failure that was told instead of one. */
static enum tv_status take(struct tv_json **out, const struct tv_secret *answer, const char *what,
			   struct tv_error *err)
{
	tv_auto_json *j = NULL;
	const char *name, *detail;
	struct tv_json *tree;
	enum tv_status status = tv_json_parse(&j, answer->data, answer->len, err);

	if (status)
		return status == TV_DAMAGED
			       ? tv_fail(err, TV_BAD_VALUE, "%s: nested too deep", what)
			       : status;
	name = tv_json_get_text(j, "status");
	detail = tv_json_get_text(j, "detail");
	if (name)
		return tv_fail(err, tv_status_by_name(name), "%s: %s", what, detail ? detail : "");
	tree = tv_json_copy(tv_json_get(j, "tree"));
	if (!tree)
		return tv_fail(err, TV_FAILED, "tokenvault-read gave no tree");
	*out = tree;
	return TV_OK;
}

enum tv_status tv_readfile(struct tv_json **out, const char *format, const struct tv_secret *text,
			   const char *what, struct tv_error *err)
{
	const struct tv_helper reader = {
		.name = "tokenvault-read",
		.argument = format,
		.seconds = SECONDS,
		.answer_max = ANSWER_MAX,
	};
	tv_auto_secret answer = {0};
	enum tv_status status;

	if (text->len > TV_READFILE_MAX)
		return tv_fail(err, TV_BAD_VALUE, "%s: over 1 MiB", what);
	status = tv_helper_run(&answer, &reader, text, err);
	if (!status && !answer.len)
		status = tv_fail(err, TV_FAILED, "tokenvault-read gave no answer");
	return status ? status : take(out, &answer, what, err);
}
