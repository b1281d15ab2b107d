/* Finds the lines of the audit log that somebody asks for. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/audit/audit.h"
#include "cli/span.h"

#define DATE_CHARS 10 /* 2027-08-19 */
#define DAY	   86400

enum tv_status tv_audit_time(int64_t *out, const char *option, const char *text, bool as_end,
			     struct tv_error *err)
{
	struct tv_error ignored;
	int64_t span;

	if (tv_when_read(out, text)) {
		if (strlen(text) == DATE_CHARS && !as_end)
			*out -= DAY - 1;
		return TV_OK;
	}
	if (tv_span_parse(&span, text, &ignored) || !span)
		return tv_fail(
			err, TV_BAD_VALUE,
			"--%s %.40s: a span like 2h or 7d, a date like 2027-08-19, or RFC 3339",
			option, text);
	*out = (int64_t)time(NULL) - span;
	return TV_OK;
}

enum tv_status tv_audit_filter_make(struct tv_audit_filter *out, const struct tv_args *args,
				    struct tv_error *err)
{
	const char *since = tv_args_value(args, "since"), *until = tv_args_value(args, "until");
	enum tv_status status = TV_OK;

	*out = (struct tv_audit_filter){
		.entry = tv_args_value(args, "entry"),
		.program = tv_args_value(args, "program"),
		.event = tv_args_value(args, "event"),
	};
	if (since)
		status = tv_audit_time(&out->since, "since", since, false, err);
	if (!status && until)
		status = tv_audit_time(&out->until, "until", until, true, err);
	return status;
}

/* RFC 3339 with thousandths, which are of no interest here. */
int64_t tv_audit_at(const struct tv_json *line)
{
	const char *text = tv_json_get_text(line, "at");
	char seconds[TV_WHEN_CHARS];
	int64_t at = 0;

	if (!text || strlen(text) < TV_WHEN_CHARS - 2)
		return 0;
	snprintf(seconds, sizeof(seconds), "%.19sZ", text);
	return tv_when_read(&at, seconds) ? at : 0;
}

bool tv_audit_is_entry(const char *entry, const char *wanted)
{
	const size_t len = strlen(wanted);

	return !strncmp(entry, wanted, len) &&
	       (!entry[len] || (entry[len] == '/' && !strchr(wanted, '/')));
}

static bool has_entry(const struct tv_json *line, const char *wanted)
{
	const struct tv_json *entries = tv_json_get(line, "entries");

	for (const struct tv_json *e = tv_json_first(entries); e; e = tv_json_next(e)) {
		const char *name = tv_json_get_text(e, "entry");

		if (name && tv_audit_is_entry(name, wanted))
			return true;
	}
	return false;
}

static bool is_named(const char *path, const char *wanted)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return path && (!strcmp(path, wanted) || (slash && !strcmp(slash + 1, wanted)));
}

static bool fits(const struct tv_json *line, const struct tv_audit_filter *f)
{
	const int64_t at = tv_audit_at(line);
	const char *event = tv_json_get_text(line, "event");

	if ((f->since && at < f->since) || (f->until && at > f->until))
		return false;
	if (f->event && (!event || strcmp(event, f->event) != 0))
		return false;
	if (f->entry && !has_entry(line, f->entry))
		return false;
	return !f->program || is_named(tv_json_get_text(line, "program"), f->program) ||
	       is_named(tv_json_get_text(line, "script"), f->program);
}

/* Whether what it calls entries can be any: others were put there by somebody, and might be no harmless text. */
static bool has_names(const struct tv_json *line)
{
	const struct tv_json *entries = tv_json_get(line, "entries");

	for (const struct tv_json *e = tv_json_first(entries); e; e = tv_json_next(e)) {
		const char *name = tv_json_get_text(e, "entry");
		const char *slash = name ? strchr(name, '/') : NULL;
		char provider[64];

		if (!slash || (size_t)(slash - name) >= sizeof(provider))
			return false;
		snprintf(provider, sizeof(provider), "%.*s", (int)(slash - name), name);
		if (!tv_provider_name_is_valid(provider) || !tv_label_is_valid(slash + 1))
			return false;
	}
	return true;
}

static enum tv_status take(const struct tv_line *line, const struct tv_audit_filter *f,
			   tv_audit_each_fn *each, void *arg, struct tv_error *err)
{
	tv_auto_json *j = NULL;
	struct tv_error ignored;

	if (!line->is_understood || tv_json_parse(&j, line->text, line->len, &ignored))
		return TV_OK;
	return has_names(j) && fits(j, f) ? each(line, j, arg, err) : TV_OK;
}

enum tv_status tv_audit_lines(const struct tv_cli *cli, const struct tv_audit_filter *filter,
			      tv_audit_each_fn *each, void *arg, struct tv_error *err)
{
	struct tv_audit_log *log = NULL;
	struct tv_line line;
	uint64_t number;
	const char *file;
	bool end = false;
	enum tv_status status = tv_audit_log_open(&log, cli->paths.state, cli->paths.name, err);

	while (!status) {
		status = tv_audit_log_next(&line, &end, &file, &number, log, err);
		if (status || end)
			break;
		status = take(&line, filter, each, arg, err);
	}
	tv_audit_log_free(log);
	return status;
}

void tv_audit_who(char out[static TV_AUDIT_WHO], const struct tv_json *line)
{
	const char *program = tv_json_get_text(line, "program");
	const char *script = tv_json_get_text(line, "script");
	const char *trouble = tv_json_get_text(line, "trouble");
	const char *name = tv_json_get_text(line, "name");
	int64_t pid = 0;

	*out = '\0';
	if (program)
		snprintf(out, TV_AUDIT_WHO, "%s%s%s", program, script ? " " : "",
			 script ? script : "");
	else if (name)
		snprintf(out, TV_AUDIT_WHO, "%s (by its name alone)", name);
	else if (tv_json_get_int(line, "pid", &pid) && pid)
		snprintf(out, TV_AUDIT_WHO, "pid %lld (%s)", (long long)pid,
			 trouble ? trouble : "unknown");
	else if (trouble)
		snprintf(out, TV_AUDIT_WHO, "%s", trouble);
	tv_utf8_make_line(out);
}
