/* tokenvault rule learn: proposes rules from what the audit log says of an entry's readers. */
#include "cli/audit/learn.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/audit/audit.h"
#include "cli/call.h"
#include "cli/report.h"
#include "cli/span.h"

#define DEFAULT_SPAN "10m"

/* A program that read, and the script that it ran. */
struct reader {
	char *program;
	char *script; /* or NULL */
	int64_t reads;
};

struct readers {
	struct reader *at;
	size_t count;
	int64_t unknown; /* reads by who could not be looked at */
};

static void readers_free(struct readers *r)
{
	for (size_t i = 0; i < r->count; i++) {
		free(r->at[i].program);
		free(r->at[i].script);
	}
	free(r->at);
}

static bool is_same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static struct reader *find(struct readers *r, const char *program, const char *script)
{
	struct reader *grown;

	for (size_t i = 0; i < r->count; i++)
		if (is_same(r->at[i].program, program) && is_same(r->at[i].script, script))
			return &r->at[i];
	grown = reallocarray(r->at, r->count + 1, sizeof(*grown));
	if (!grown)
		return NULL;
	r->at = grown;
	grown += r->count;
	*grown = (struct reader){.program = strdup(program),
				 .script = script ? strdup(script) : NULL};
	r->count++;
	return grown->program && (grown->script || !script) ? grown : NULL;
}

/* Refused ones as well: who learns wants to know whom the rules of today leave out. */
static enum tv_status each(const struct tv_line *line, const struct tv_json *j, void *arg,
			   struct tv_error *err)
{
	struct readers *r = arg;
	const char *program = tv_json_get_text(j, "program");
	struct reader *found;
	int64_t count = 1;

	(void)line;
	tv_json_get_int(j, "count", &count);
	if (!program) {
		r->unknown += count;
		return TV_OK;
	}
	found = find(r, program, tv_json_get_text(j, "script"));
	if (!found)
		return tv_fail(err, TV_NO_MEMORY, "the readers");
	found->reads += count;
	return TV_OK;
}

static volatile sig_atomic_t is_enough;

static void enough(int sig)
{
	(void)sig;
	is_enough = 1;
}

/* Until the time is over, or somebody interrupts. */
static void wait_until(int64_t end)
{
	struct sigaction catch = {.sa_handler = enough}, before;

	is_enough = 0;
	sigaction(SIGINT, &catch, &before);
	while (!is_enough && time(NULL) < end)
		nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
	sigaction(SIGINT, &before, NULL);
}

/* Without a server nothing is read, and without the log nothing is noted. */
static enum tv_status check_recording(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *settings = NULL;
	enum tv_status status = tv_cli_call(&settings, cli, TV_AGENT_settings, NULL, err);

	if (!status && !tv_json_get_true(settings, "audit"))
		status = tv_fail(
			err, TV_REFUSED,
			"there is no audit log to learn from; tokenvault setting set audit on");
	if (!status && !tv_session_keeper(cli->session))
		status = tv_fail(err, TV_NOT_MOUNTED,
				 "nobody can read anything; to mount: tokenvault mount");
	return status;
}

static enum tv_status record(struct tv_audit_filter *filter, struct tv_cli *cli,
			     struct tv_error *err)
{
	const char *text = tv_args_value(cli->args, "for");
	char words[TV_SPAN_WORDS];
	int64_t span;
	enum tv_status status = tv_span_parse(&span, text ? text : DEFAULT_SPAN, err);

	if (!status && !span)
		status = tv_fail(err, TV_BAD_VALUE, "--for %s: a span like 90s, 10m or 2h", text);
	if (!status)
		status = check_recording(cli, err);
	if (status)
		return status;
	filter->since = (int64_t)time(NULL);
	tv_span_say(words, span);
	tv_say(cli, "looking at who opens %s for %s; use your tools now, Ctrl-C ends it",
	       filter->entry, words);
	wait_until(filter->since + span);
	return TV_OK;
}

/* A word as a shell takes it. */
static void print_word(const char *word)
{
	if (!word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			       "/._-+:,@%")]) {
		printf(" %s", word);
		return;
	}
	fputs(" '", stdout);
	for (; *word; word++)
		*word == '\'' ? fputs("'\\''", stdout) : putchar(*word);
	putchar('\'');
}

/* A path that was no UTF-8 is in the log with \xHH for some bytes, and names no file then. */
static bool is_there(const struct reader *r)
{
	return !access(r->program, F_OK) && (!r->script || !access(r->script, F_OK));
}

/* A rule for one of these would be a rule for every script. */
static bool is_wide(const struct reader *r)
{
	return !r->script && tv_program_runs_scripts(r->program);
}

static const char *doubt_of(const struct reader *r)
{
	if (!tv_text_is_shown(r->program, SIZE_MAX) ||
	    (r->script && !tv_text_is_shown(r->script, SIZE_MAX)))
		return "its name has control characters";
	if (!is_there(r))
		return "it is not there any more";
	return is_wide(r) ? "that would allow every script of this interpreter" : NULL;
}

/* A name could make a line of its own, which a shell would run. */
static void comment(const char *text)
{
	char shown[1024];

	snprintf(shown, sizeof(shown), "%s", text);
	tv_utf8_make_line(shown);
	print_word(shown);
}

static void propose(const char *entry, const struct reader *r)
{
	const char *doubt = doubt_of(r);
	void (*const put_word)(const char *) = doubt ? comment : print_word;

	printf("%stokenvault rule allow %s --program", doubt ? "# " : "", entry);
	put_word(r->program);
	if (r->script) {
		fputs(" --script", stdout);
		put_word(r->script);
	}
	printf("  # %lld time%s%s%s\n", (long long)r->reads, r->reads == 1 ? "" : "s",
	       doubt ? "; " : "", doubt ? doubt : "");
}

static bool put(struct tv_json *list, const struct reader *r)
{
	struct tv_json *j = tv_json_object();

	return tv_json_put(list, NULL, j) && tv_json_put_text(j, "program", r->program) &&
	       tv_json_put_text(j, "script", r->script) && tv_json_put_int(j, "reads", r->reads) &&
	       tv_json_put_bool(j, "proposed", !doubt_of(r)) &&
	       tv_json_put_text(j, "why_not", doubt_of(r));
}

static enum tv_status report_json(const struct readers *readers, struct tv_error *err)
{
	tv_auto_json *list = tv_json_array();
	bool good = true;

	for (size_t i = 0; good && i < readers->count; i++)
		good = put(list, &readers->at[i]);
	return good ? tv_report_json(list, err) : tv_fail(err, TV_NO_MEMORY, "a report");
}

static enum tv_status conclude(struct tv_cli *cli, const char *entry, const struct readers *readers,
			       struct tv_error *err)
{
	enum tv_status status = TV_OK;

	if (cli->is_json)
		status = report_json(readers, err);
	for (size_t i = 0; !cli->is_json && i < readers->count; i++)
		propose(entry, &readers->at[i]);
	fflush(stdout);
	if (!readers->count)
		tv_say(cli, "nobody that is known opened %s; there is nothing to propose", entry);
	if (readers->unknown)
		tv_say(cli, "%lld more by programs that could not be looked at",
		       (long long)readers->unknown);
	return status;
}

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	const char *entry = tv_args_word(cli->args, 0), *since = tv_args_value(cli->args, "since");
	struct tv_audit_filter filter = {.entry = entry, .event = "open"};
	tv_auto_json *request = NULL, *reply = NULL;
	struct readers readers = {0};
	enum tv_status status = tv_call_new(&request, entry, err);

	if (!status && since && tv_args_has(cli->args, "for"))
		status = tv_fail(err, TV_USAGE, "--for looks on, --since looks back: one of them");
	/* So that nobody waits for what is not there. */
	if (!status)
		status = tv_cli_call(&reply, cli, TV_AGENT_rules, request, err);
	if (!status && since)
		status = tv_audit_time(&filter.since, "since", since, false, err);
	else if (!status)
		status = record(&filter, cli, err);
	if (!status)
		status = tv_audit_lines(cli, &filter, each, &readers, err);
	if (!status)
		status = conclude(cli, entry, &readers, err);
	readers_free(&readers);
	return status;
}

static const struct tv_option options[] = {
	{"for", 'f', false, "SPAN", "ends after 90s, 10m, 12h, 7d"},
	{"since", 's', false, "TIME", "learns from then on: 7d, 2027-08-19"},
	{0},
};

const struct tv_command tv_rule_learn = {
	.name = "learn",
	.arguments = "PROVIDER[/LABEL]",
	.least = 1,
	.most = 1,
	.summary = "propose rules",
	.help = "Looks for a while at who opens the entry's files, or back into the audit log, "
		"and\n"
		"prints a `rule allow` for each program and script. What would allow too much\n"
		"stands there as a comment. With --json: an array of objects.",
	.options = options,
	.run = run,
};
