/* tokenvault rule: which programs may read an entry's files. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/audit/learn.h"
#include "cli/call.h"
#include "cli/program.h"
#include "cli/report.h"

static enum tv_status no_memory(struct tv_error *err)
{
	return tv_fail(err, TV_NO_MEMORY, "a request");
}

/* The program, and the script that it runs: a script that is named alone is run by what its first line
 * says. */
static enum tv_status put_program(struct tv_json *request, const struct tv_args *args,
				  struct tv_error *err)
{
	struct tv_program program = {0};
	char hash[2 * TV_HASH_BYTES + 1];
	enum tv_status status;

	if (!tv_args_has(args, "program") &&
	    (tv_args_has(args, "hash") || tv_args_has(args, "script")))
		return tv_fail(err, TV_USAGE, "--hash and --script go with --program");
	if (!tv_args_has(args, "program"))
		return TV_OK;
	status = tv_program_find_out(&program, tv_args_value(args, "program"),
				     tv_args_value(args, "script"), err);
	if (status)
		return status;
	if (!tv_json_put_text(request, "program", program.path) ||
	    (*program.script && !tv_json_put_text(request, "script", program.script)))
		return no_memory(err);
	if (!tv_args_has(args, "hash"))
		return TV_OK;
	status = tv_program_hash(hash, *program.script ? program.script : program.path, err);
	if (!status && !tv_json_put_text(request, "hash", hash))
		status = no_memory(err);
	return status;
}

static enum tv_status put_ancestors(struct tv_json *request, const struct tv_args *args,
				    struct tv_error *err)
{
	const char *names = tv_args_value(args, "no-ancestor");
	struct tv_program program = {0};
	struct tv_json *list = names ? tv_json_array() : NULL;
	enum tv_status status = TV_OK;

	if (names && !tv_json_put(request, "no_ancestor", list))
		return no_memory(err);
	while (names && *names) {
		char name[TV_RULE_NAME_MAX + 1];
		const size_t len = strcspn(names, ",");

		if (len >= sizeof(name))
			return tv_fail(err, TV_BAD_VALUE,
				       "--no-ancestor: names of at most %d bytes",
				       TV_RULE_NAME_MAX);
		memcpy(name, names, len);
		name[len] = '\0';
		if (!tv_json_put_text(list, NULL, name))
			return no_memory(err);
		names += len + (names[len] == ',');
	}
	if (!tv_args_has(args, "ancestor"))
		return TV_OK;
	status = tv_program_find_out(&program, tv_args_value(args, "ancestor"), NULL, err);
	if (!status &&
	    !tv_json_put_text(request, "ancestor", *program.script ? program.script : program.path))
		status = no_memory(err);
	return status;
}

/* "90s", "10m", "12h", "7d". */
static enum tv_status put_span(struct tv_json *request, const char *text, struct tv_error *err)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
	int64_t count = 0;
	const char *at = text;

	while (isdigit((unsigned char)*at) && count < 1000000)
		count = 10 * count + (*at++ - '0');
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (!count || *at != units[i].unit || at[1])
			continue;
		return tv_json_put_int(request, "until", time(NULL) + count * units[i].seconds)
			       ? TV_OK
			       : no_memory(err);
	}
	return tv_fail(err, TV_BAD_VALUE, "--for %.40s: a span like 90s, 10m, 12h or 7d", text);
}

/* The rule lasts as long as whoever runs this command: the shell, or the script. */
static enum tv_status put_exit(struct tv_json *request, struct tv_error *err)
{
	struct tv_json *exit = tv_json_object();
	uint64_t start = tv_program_start(getppid());

	if (!start) {
		tv_json_free(exit);
		return tv_fail(err, TV_FAILED, "--until-exit: the calling process can't be seen");
	}
	return tv_json_put(request, "until_exit", exit) &&
			       tv_json_put_int(exit, "pid", getppid()) &&
			       tv_json_put_int(exit, "start", (int64_t)start)
		       ? TV_OK
		       : no_memory(err);
}

static enum tv_status put_ends(struct tv_json *request, const struct tv_args *args,
			       struct tv_error *err)
{
	unsigned long reads = 0;
	enum tv_status status = tv_args_number(&reads, args, "reads", TV_RULE_READS_MAX, err);

	if (!status && tv_args_has(args, "reads") && !reads)
		status = tv_fail(err, TV_BAD_VALUE, "--reads: at least 1");
	if (!status && reads && !tv_json_put_int(request, "reads", (int64_t)reads))
		status = no_memory(err);
	if (!status && tv_args_has(args, "for"))
		status = put_span(request, tv_args_value(args, "for"), err);
	if (!status && tv_args_has(args, "until-exit"))
		status = put_exit(request, err);
	return status;
}

static enum tv_status put_rest(struct tv_json *request, const struct tv_args *args,
			       struct tv_error *err)
{
	const char *cgroup = tv_args_value(args, "cgroup");

	if ((cgroup && !tv_json_put_text(request, "cgroup", cgroup)) ||
	    (tv_args_has(args, "tty") && !tv_json_put_bool(request, "tty", true)) ||
	    (tv_args_has(args, "first") && !tv_json_put_bool(request, "first", true)) ||
	    (tv_args_has(args, "any-namespace") && !tv_json_put_bool(request, "namespaces", true)))
		return no_memory(err);
	return TV_OK;
}

static enum tv_status add(struct tv_cli *cli, const char *verdict, struct tv_error *err)
{
	tv_auto_json *request = NULL, *reply = NULL;
	enum tv_status status = tv_call_new(&request, tv_args_word(cli->args, 0), err);

	if (!status && !tv_json_put_text(request, "verdict", verdict))
		status = no_memory(err);
	if (!status)
		status = put_program(request, cli->args, err);
	if (!status)
		status = put_ancestors(request, cli->args, err);
	if (!status)
		status = put_ends(request, cli->args, err);
	if (!status)
		status = put_rest(request, cli->args, err);
	if (!status)
		status = tv_cli_call(&reply, cli, TV_AGENT_rule, request, err);
	if (status)
		return status;
	if (cli->is_json)
		return tv_report_json(reply, err);
	tv_say(cli, "rule %s for %s/%s", tv_json_get_text(reply, "id"),
	       tv_json_get_text(reply, "provider"), tv_json_get_text(reply, "label"));
	return TV_OK;
}

static enum tv_status run_allow(struct tv_cli *cli, struct tv_error *err)
{
	return add(cli, "allow", err);
}

static enum tv_status run_deny(struct tv_cli *cli, struct tv_error *err)
{
	return add(cli, "deny", err);
}

static enum tv_status run_ask(struct tv_cli *cli, struct tv_error *err)
{
	return add(cli, "ask", err);
}

static void put_word(struct tv_secret *out, const char *word, const char *value)
{
	tv_secret_puts(out, out->len ? " " : "");
	tv_secret_puts(out, word);
	tv_secret_puts(out, value);
}

/* When a rule ends, and whether it has. */
static void put_end(struct tv_secret *out, const struct tv_json *r)
{
	const struct tv_json *exit = tv_json_get(r, "until_exit");
	char text[64], when[TV_WHEN_CHARS];
	int64_t number, start;

	if (tv_json_get_int(r, "until", &number)) {
		tv_when_print(when, number);
		put_word(out, "until ", when);
		if (number <= time(NULL))
			put_word(out, "(over)", "");
	}
	if (tv_json_get_int(r, "reads", &number)) {
		snprintf(text, sizeof(text), "%lld", (long long)number);
		put_word(out, "reads ", text);
	}
	if (tv_json_get_int(exit, "pid", &number) && tv_json_get_int(exit, "start", &start)) {
		snprintf(text, sizeof(text), "%lld", (long long)number);
		put_word(out, "until the end of ", text);
		if (tv_program_start((pid_t)number) != (uint64_t)start)
			put_word(out, "(over)", "");
	}
}

/* The conditions in the words of the options. */
static void conditions_cell(struct tv_table *t, const struct tv_json *r)
{
	static const struct {
		const char *member, *word;
	} texts[] = {{"program", "program "},
		     {"script", "script "},
		     {"hash", "hash "},
		     {"ancestor", "ancestor "},
		     {"cgroup", "cgroup "}};
	const struct tv_json *names = tv_json_get(r, "no_ancestor");
	tv_auto_secret text = {0};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		const char *value = tv_json_get_text(r, texts[i].member);
		char first[17] = "";

		if (value && !strcmp(texts[i].member, "hash"))
			snprintf(first, sizeof(first), "%.16s", value);
		if (value)
			put_word(&text, texts[i].word, *first ? first : value);
	}
	for (const struct tv_json *j = tv_json_first(names); j; j = tv_json_next(j))
		put_word(&text, "no-ancestor ", tv_json_text(j));
	if (tv_json_get_true(r, "tty"))
		put_word(&text, "tty", "");
	if (tv_json_get_true(r, "namespaces"))
		put_word(&text, "any-namespace", "");
	put_end(&text, r);
	tv_table_cell(t, text.len ? tv_secret_text(&text) : "any program");
}

static void entry_cell(struct tv_table *t, const struct tv_json *j)
{
	char name[128];

	snprintf(name, sizeof(name), "%s/%s", tv_json_get_text(j, "provider"),
		 tv_json_get_text(j, "label"));
	tv_table_cell(t, name);
}

static enum tv_status run_list(struct tv_cli *cli, struct tv_error *err)
{
	static const char *const heads[] = {"RULE", "ENTRY", "VERDICT", "FOR", NULL};
	tv_auto_table table = {.heads = heads};
	tv_auto_json *request = NULL, *reply = NULL;
	const struct tv_json *rules;
	enum tv_status status = tv_call_new(&request, tv_args_word(cli->args, 0), err);

	if (!status)
		status = tv_cli_call(&reply, cli, TV_AGENT_rules, request, err);
	if (status)
		return status;
	rules = tv_json_get(reply, "rules");
	if (cli->is_json)
		return tv_report_json(rules, err);
	if (!tv_json_count(rules)) {
		tv_say(cli, "no rules: every program of yours may read what is mounted");
		return TV_OK;
	}
	for (const struct tv_json *r = tv_json_first(rules); r; r = tv_json_next(r)) {
		tv_table_cell(&table, tv_json_get_text(r, "id"));
		entry_cell(&table, r);
		tv_table_cell(&table, tv_json_get_text(r, "verdict"));
		conditions_cell(&table, r);
	}
	return tv_table_print(&table, err);
}

static enum tv_status run_remove(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *request = tv_json_object(), *reply = NULL;
	const char *id = tv_args_word(cli->args, 0);
	enum tv_status status;

	if (!tv_json_put_text(request, "remove", id))
		return no_memory(err);
	status = tv_cli_call(&reply, cli, TV_AGENT_rule, request, err);
	if (!status && cli->is_json)
		return tv_report_json(reply, err);
	if (!status)
		tv_say(cli, "rule %s is gone", id);
	return status;
}

static enum tv_status print_verdicts(const struct tv_json *verdicts, struct tv_error *err)
{
	static const char *const heads[] = {"ENTRY", "VERDICT", "RULE", "WHY", NULL};
	tv_auto_table table = {.heads = heads};

	for (const struct tv_json *v = tv_json_first(verdicts); v; v = tv_json_next(v)) {
		entry_cell(&table, v);
		tv_table_cell(&table, tv_json_get_true(v, "allowed") ? "allow"
				      : tv_json_get_true(v, "asks")  ? "ask"
								     : "deny");
		tv_table_cell(&table, tv_json_get_text(v, "rule"));
		tv_table_cell(&table, tv_json_get_text(v, "why"));
	}
	return tv_table_print(&table, err);
}

/* Asks the server itself, for it alone knows what it knows of a caller. */
static enum tv_status run_test(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *request = tv_json_object(), *reply = NULL;
	const char *word = tv_args_word(cli->args, 0);
	enum tv_status status = tv_cli_open(cli, err);
	const struct tv_json *caller;
	int64_t pid = 0;

	for (const char *at = word; pid >= 0 && *at; at++)
		pid = isdigit((unsigned char)*at) && pid < 100000000 ? 10 * pid + (*at - '0') : -1;
	if (!status && (pid < 1))
		status = tv_fail(err, TV_BAD_VALUE, "%.40s: a process' number expected", word);
	if (!status && !tv_session_has_server(cli->session))
		status = tv_fail(err, TV_NOT_MOUNTED, "to mount: tokenvault mount");
	if (!status && !tv_json_put_int(request, "pid", pid))
		status = no_memory(err);
	if (!status)
		status = tv_cli_call(&reply, cli, TV_AGENT_caller, request, err);
	if (status)
		return status;
	if (cli->is_json)
		return tv_report_json(reply, err);
	caller = tv_json_get(reply, "caller");
	tv_say(cli, "process %s: %s%s%s", word,
	       tv_json_get_text(caller, "program") ? tv_json_get_text(caller, "program")
						   : "unknown",
	       tv_json_get_text(caller, "script") ? ", runs " : "",
	       tv_json_get_text(caller, "script") ? tv_json_get_text(caller, "script") : "");
	return print_verdicts(tv_json_get(reply, "verdicts"), err);
}

static const struct tv_option options[] = {
	{"program", 'p', false, "PATH", "this program, or this script"},
	{"script", 's', false, "PATH", "what the program runs, where it is an interpreter"},
	{"hash", 0, false, NULL, "as long as its bytes are those of now"},
	{"ancestor", 'a', false, "PATH", "started by it, or by what it started"},
	{"no-ancestor", 'n', false, "NAMES", "not started by any of these, as npm,pip"},
	{"tty", 't', false, NULL, "has a controlling terminal"},
	{"cgroup", 'c', false, "GLOB", "its control group, like */app-code-*"},
	{"any-namespace", 0, false, NULL, "also in other mount and user namespaces"},
	{"for", 'f', false, "SPAN", "ends after 90s, 10m, 12h, 7d"},
	{"reads", 'r', false, "N", "is good for so many opens"},
	{"until-exit", 0, false, NULL, "ends with the shell or script that runs this"},
	{"first", 0, false, NULL, "goes before the rules that are there"},
	{0},
};

static const struct tv_command allow = {
	.name = "allow",
	.arguments = "PROVIDER[/LABEL]",
	.least = 1,
	.most = 1,
	.summary = "let programs read",
	.help = "Lets programs read the entry's files for which all that is given is true. An\n"
		"entry that has such a rule is refused to all others.",
	.options = options,
	.run = run_allow,
};

static const struct tv_command deny = {
	.name = "deny",
	.arguments = "PROVIDER[/LABEL]",
	.least = 1,
	.most = 1,
	.summary = "refuse programs",
	.help = "Refuses the entry's files to programs for which all that is given is true.",
	.options = options,
	.run = run_deny,
};

static const struct tv_command ask = {
	.name = "ask",
	.arguments = "PROVIDER[/LABEL]",
	.least = 1,
	.most = 1,
	.summary = "ask about programs",
	.help = "Has you asked, by pinentry, when such a program opens the entry's files. What "
		"you\n"
		"allow goes for that process, until it ends or the vault is locked; what you\n"
		"refuse, for that program and 30 seconds. Nobody there to ask: refused.",
	.options = options,
	.run = run_ask,
};

static const struct tv_command list = {
	.name = "list",
	.arguments = "[PROVIDER[/LABEL]]",
	.most = 1,
	.summary = "the rules there are",
	.help = "Lists the rules in their order: the first that fits decides. With --json: an\n"
		"array of objects.",
	.run = run_list,
};

static const struct tv_command remove_rule = {
	.name = "remove",
	.arguments = "RULE",
	.least = 1,
	.most = 1,
	.summary = "take a rule away",
	.help = "Takes a rule away; RULE is its name in `rule list`.",
	.run = run_remove,
};

static const struct tv_command test = {
	.name = "test",
	.arguments = "PID",
	.least = 1,
	.most = 1,
	.summary = "what a process may read",
	.help = "Says what the running server makes of a process, and which entries it may read.",
	.run = run_test,
};

static const struct tv_command *const parts[] = {&allow,       &deny, &ask,	      &list,
						 &remove_rule, &test, &tv_rule_learn, NULL};

const struct tv_command tv_command_rule = {
	.name = "rule",
	.arguments = "allow|deny|ask|list|remove|test|learn",
	.summary = "which programs may read",
	.help = "",
	.parts = parts,
};
