/* Prints lines of the audit log, for people and for programs. */
#include <stdio.h>
#include <string.h>

#include "cli/audit/audit.h"

struct showing {
	const struct tv_cli *cli;
	size_t n;
};

/* "azion/default v2, azion/work v1 and 3 more". */
static void say_entries(const struct tv_json *line)
{
	const struct tv_json *entries = tv_json_get(line, "entries");
	const char *comma = "  ";
	int64_t version, more;

	for (const struct tv_json *e = tv_json_first(entries); e; e = tv_json_next(e)) {
		const char *name = tv_json_get_text(e, "entry");

		printf("%s%s", comma, name ? name : "?");
		if (tv_json_get_int(e, "version", &version))
			printf(" v%lld", (long long)version);
		comma = ", ";
	}
	if (tv_json_get_int(line, "more", &more))
		printf(" and %lld more", (long long)more);
}

/* A member's text, where it is there, made fit for a terminal. */
static void say(const struct tv_json *line, const char *member, const char *before,
		const char *after)
{
	const char *text = tv_json_get_text(line, member);
	char shown[1024];

	if (!text)
		return;
	snprintf(shown, sizeof(shown), "%s", text);
	tv_utf8_make_line(shown);
	printf("%s%s%s", before, shown, after);
}

static void say_ancestors(const struct tv_json *line)
{
	const struct tv_json *ancestors = tv_json_get(line, "ancestors");

	for (const struct tv_json *a = tv_json_first(ancestors); a; a = tv_json_next(a)) {
		const char *path = tv_json_get_text(a, "program");
		const char *slash = path ? strrchr(path, '/') : NULL;
		char shown[256];

		if (!path)
			path = tv_json_get_text(a, "name");
		snprintf(shown, sizeof(shown), "%s", slash ? slash + 1 : path ? path : "?");
		tv_utf8_make_line(shown);
		printf(" < %s", shown);
	}
}

static enum tv_status print(const struct tv_line *line, const struct tv_json *j, void *arg,
			    struct tv_error *err)
{
	struct showing *s = arg;
	char when[TV_WHEN_CHARS], who[TV_AUDIT_WHO];
	int64_t count;

	(void)line;
	(void)err;
	s->n++;
	tv_when_print(when, tv_audit_at(j));
	printf("%s", when);
	say(j, "event", "  ", "");
	say(j, "verdict", "  ", "");
	say(j, "what", "  ", "");
	say(j, "by", "  by ", "");
	say_entries(j);
	say(j, "file", "  ", "");
	if (tv_json_get_int(j, "count", &count))
		printf("  %lld times", (long long)count);
	say(j, "why", "  (", ")");
	tv_audit_who(who, j);
	printf("%s%s", *who ? "  " : "", who);
	say_ancestors(j);
	putchar('\n');
	return TV_OK;
}

/* An array of the lines as they are. */
static enum tv_status print_json(const struct tv_line *line, const struct tv_json *j, void *arg,
				 struct tv_error *err)
{
	struct showing *s = arg;

	(void)j;
	(void)err;
	fputs(s->n++ ? ",\n" : "[\n", stdout);
	fwrite(line->text, 1, line->len, stdout);
	return TV_OK;
}

enum tv_status tv_audit_show(struct tv_cli *cli, struct tv_error *err)
{
	struct showing s = {.cli = cli};
	struct tv_audit_filter filter;
	enum tv_status status = tv_audit_filter_make(&filter, cli->args, err);

	if (!status)
		status = tv_audit_lines(cli, &filter, cli->is_json ? print_json : print, &s, err);
	if (status)
		return status;
	if (cli->is_json)
		fputs(s.n ? "\n]\n" : "[]\n", stdout);
	if (fflush(stdout))
		return tv_fail(err, TV_IO, "standard output can't be written to");
	if (!s.n)
		tv_say(cli, "no line of the audit log fits");
	return TV_OK;
}
