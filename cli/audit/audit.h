/* What the audit log is asked: which lines fit, whether they are what was written, and what follows from them. */
#ifndef TV_CLI_AUDIT_H
#define TV_CLI_AUDIT_H

#include "cli/cli.h"

struct tv_audit_filter {
	int64_t since, until; /* seconds since 1970; 0: from the first line, to the last */
	const char *entry;    /* PROVIDER or PROVIDER/LABEL, or NULL */
	const char *program;  /* a program's or script's path, or the last part of one, or NULL */
	const char *event;    /* or NULL */
};

/* A line as it stands in the log, and as JSON. */
typedef enum tv_status tv_audit_each_fn(const struct tv_line *line, const struct tv_json *j,
					void *arg, struct tv_error *err);

/* Options of every part that looks for lines, for its table. */
#define TV_AUDIT_OPTIONS                                                                           \
	{"since", 's', false, "TIME", "from then on: 2h, 7d, 2027-08-19 or RFC 3339"},             \
		{"until", 'u', false, "TIME", "up to then"},                                       \
		{"entry", 'e', false, "ENTRY", "of PROVIDER or PROVIDER/LABEL alone"},             \
	{                                                                                          \
		"program", 'p', false, "PATH", "by this program or script, or one of this name"    \
	}

enum tv_status tv_audit_filter_make(struct tv_audit_filter *out, const struct tv_args *args,
				    struct tv_error *err) TV_MUST_CHECK;
/* A time that is past: a span is so long ago, a date its beginning, or its end in UTC. TV_BAD_VALUE. */
enum tv_status tv_audit_time(int64_t *out, const char *option, const char *text, bool as_end,
			     struct tv_error *err) TV_MUST_CHECK;
/* Calls each for the lines that fit, oldest first. What can't be read as a line is left to --verify. */
enum tv_status tv_audit_lines(const struct tv_cli *cli, const struct tv_audit_filter *filter,
			      tv_audit_each_fn *each, void *arg,
			      struct tv_error *err) TV_MUST_CHECK;

/* When it was; 0 when it does not say. */
int64_t tv_audit_at(const struct tv_json *line);
/* Whether an entry is meant by PROVIDER or PROVIDER/LABEL. */
bool tv_audit_is_entry(const char *entry, const char *wanted);
/* "/usr/bin/python3 /home/me/x.py", "pid 12 (it was gone)". */
#define TV_AUDIT_WHO 512
void tv_audit_who(char out[static TV_AUDIT_WHO], const struct tv_json *line);

/* Prints the lines that fit. */
enum tv_status tv_audit_show(struct tv_cli *cli, struct tv_error *err) TV_MUST_CHECK;
/* Whether every line is what was written; TV_CHANGED_LOG when one is not. */
enum tv_status tv_audit_check(struct tv_cli *cli, struct tv_error *err) TV_MUST_CHECK;
/* Which tokens were given out, to whom, and how each is replaced. */
enum tv_status tv_audit_exposed(struct tv_cli *cli, struct tv_error *err) TV_MUST_CHECK;

#endif
