/* tokenvault verify: asks the services whether their tokens are good. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/call.h"
#include "cli/report.h"
#include "cli/service.h"

#define STORE_EVERY 20 /* so that little is lost when it ends in the middle */

/* The failures of an entry, the worst first: the exit code is that of the worst. */
static const enum tv_status ranks[] = {
	TV_REFUSED,	TV_CERTIFICATE, TV_TOKEN_REFUSED, TV_ODD_REPLY,
	TV_UNREACHABLE, TV_NO_PROVIDER, TV_NO_API,	  TV_OK,
};

struct run {
	struct tv_cli *cli;
	bool is_all;
	bool shows_progress;
	struct tv_json *results; /* not stored yet */
	struct tv_json *report;
	size_t n_good, n_failed, n_skipped;
	enum tv_status worst;
	struct tv_error why;
};

static volatile sig_atomic_t stopped_by;

static void stop(int sig)
{
	stopped_by = sig;
}

static size_t rank_of(enum tv_status status)
{
	size_t i = 0;

	while (i < sizeof(ranks) / sizeof(ranks[0]) && ranks[i] != status)
		i++;
	return i;
}

/* Whether it is about one entry, so that the others can be asked all the same. */
static bool is_of_entry(enum tv_status status)
{
	return rank_of(status) < sizeof(ranks) / sizeof(ranks[0]);
}

static enum tv_status no_memory(struct tv_error *err)
{
	return tv_fail(err, TV_NO_MEMORY, "a report");
}

static enum tv_status store(struct run *r, struct tv_error *err)
{
	struct tv_json *results = r->results;

	if (!tv_json_count(results))
		return TV_OK;
	r->results = tv_json_array();
	return tv_service_store_results(r->cli, results, err);
}

static void show_progress(const struct run *r, const struct tv_json *entry, size_t i, size_t n)
{
	if (r->shows_progress)
		fprintf(stderr, "\r\033[Kverifying %zu/%zu %s/%s", i, n,
			tv_json_get_text(entry, "provider"), tv_json_get_text(entry, "label"));
}

static void clear_progress(const struct run *r)
{
	if (r->shows_progress)
		fprintf(stderr, "\r\033[K");
}

static bool put_report(struct run *r, const struct tv_json *entry, const struct tv_json *checked,
		       enum tv_status answer, const struct tv_error *why)
{
	struct tv_json *one = tv_json_object();
	/* What is known of an entry stays known when its service does not answer. */
	const struct tv_json *known = answer ? entry : checked;
	int64_t at, expires;

	return tv_json_put(r->report, NULL, one) && tv_call_put_name(one, entry) &&
	       tv_json_put_text(one, "answer", tv_status_name(answer)) &&
	       tv_json_put_text(one, "detail", answer ? why->detail : NULL) &&
	       (tv_json_get_int(checked, "at", &at) ? tv_json_put_int(one, "tried", at)
						    : tv_json_put_null(one, "tried")) &&
	       tv_json_put_text(one, "account", tv_json_get_text(known, "account")) &&
	       (tv_json_get_int(known, "expires", &expires) ||
				tv_json_get_int(entry, "expires", &expires)
			? tv_json_put_int(one, "expires", expires)
			: tv_json_put_null(one, "expires"));
}

/* Every entry that is not good has a line of its own. */
static void complain(struct run *r, const struct tv_json *entry, enum tv_status answer,
		     const struct tv_error *why)
{
	struct tv_error named;

	clear_progress(r);
	snprintf(named.detail, sizeof(named.detail), "%s/%s: %.240s",
		 tv_json_get_text(entry, "provider"), tv_json_get_text(entry, "label"),
		 why->detail);
	if (rank_of(answer) < rank_of(r->worst)) {
		r->worst = answer;
		r->why = named;
	}
	r->n_failed++;
	if (r->is_all || r->cli->args->n_words > 1)
		tv_complain(answer, &named);
}

static enum tv_status verify_shown(struct run *r, const struct tv_json *entry, struct tv_error *err)
{
	tv_auto_json *checked = NULL;
	const struct tv_provider *provider;
	struct tv_error why = {""};
	enum tv_status answer = tv_providers_require(&provider, r->cli->providers,
						     tv_json_get_text(entry, "provider"), &why);

	if (!answer)
		answer = tv_service_verify(&checked, r->cli, provider, entry, &why);
	/* What ended this program may have ended the asking as well. */
	if (stopped_by)
		return TV_OK;
	if (!is_of_entry(answer))
		return tv_fail(err, answer, "%s", why.detail);
	if (r->is_all && (answer == TV_NO_API || answer == TV_NO_PROVIDER)) {
		r->n_skipped++;
		return TV_OK;
	}
	if (!put_report(r, entry, checked, answer, &why) ||
	    (checked && !tv_service_put_result(r->results, entry, checked)))
		return no_memory(err);
	if (answer)
		complain(r, entry, answer, &why);
	else
		r->n_good++;
	return tv_json_count(r->results) < STORE_EVERY ? TV_OK : store(r, err);
}

/* The token is looked up when it is its turn, and let go after it. */
static enum tv_status verify_one(struct run *r, const struct tv_json *name, struct tv_error *err)
{
	tv_auto_json *entry = NULL;
	enum tv_status status = tv_call_show(&entry, r->cli, name, err);

	/* With --all an entry may have been removed meanwhile. */
	if (status == TV_NO_ENTRY && r->is_all)
		return TV_OK;
	return status ? status : verify_shown(r, entry, err);
}

static enum tv_status verify_list(struct run *r, const struct tv_json *names, struct tv_error *err)
{
	size_t i = 0, n = tv_json_count(names);
	struct sigaction catch = {.sa_handler = stop}, before_int, before_term;
	enum tv_status status = TV_OK, stored;

	sigaction(SIGINT, &catch, &before_int);
	sigaction(SIGTERM, &catch, &before_term);
	for (const struct tv_json *e = tv_json_first(names); e && !status && !stopped_by;
	     e = tv_json_next(e)) {
		show_progress(r, e, ++i, n);
		status = verify_one(r, e, err);
	}
	clear_progress(r);
	stored = store(r, status ? &(struct tv_error){""} : err);
	sigaction(SIGINT, &before_int, NULL);
	sigaction(SIGTERM, &before_term, NULL);
	if (stopped_by)
		raise(stopped_by);
	return status ? status : stored;
}

/* The entries that were named; a wrong name is found before any token is sent. */
static enum tv_status find_named(struct tv_json **out, struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *names = tv_json_array();

	for (size_t i = 0; i < cli->args->n_words; i++) {
		tv_auto_json *request = NULL, *entry = NULL;
		struct tv_json *name = tv_json_object();
		enum tv_status status = tv_call_new(&request, tv_args_word(cli->args, i), err);

		if (!status)
			status = tv_cli_call(&entry, cli, TV_AGENT_show, request, err);
		if (!tv_json_put(names, NULL, name) && !status)
			status = no_memory(err);
		if (status)
			return status;
		if (!tv_call_put_name(name, entry))
			return no_memory(err);
	}
	*out = names;
	names = NULL;
	return TV_OK;
}

static enum tv_status find_all(struct tv_json **out, struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *reply = NULL;
	enum tv_status status = tv_cli_call(&reply, cli, TV_AGENT_list, NULL, err);

	if (status)
		return status;
	*out = tv_json_copy(tv_json_get(reply, "entries"));
	return *out ? TV_OK : no_memory(err);
}

static enum tv_status print_table(const struct tv_json *report, struct tv_error *err)
{
	static const char *const heads[] = {"PROVIDER", "LABEL",   "ANSWER",
					    "ACCOUNT",	"EXPIRES", NULL};
	tv_auto_table table = {.heads = heads};

	for (const struct tv_json *e = tv_json_first(report); e; e = tv_json_next(e)) {
		tv_table_cell(&table, tv_json_get_text(e, "provider"));
		tv_table_cell(&table, tv_json_get_text(e, "label"));
		tv_table_cell(&table, tv_report_answer(tv_json_get_text(e, "answer")));
		tv_table_cell(&table, tv_json_get_text(e, "account"));
		tv_table_date(&table, e, "expires");
	}
	return tv_table_print(&table, err);
}

static enum tv_status report(struct run *r, struct tv_error *err)
{
	enum tv_status status = TV_OK;

	if (r->cli->is_json)
		status = tv_report_json(r->report, err);
	else if (tv_json_count(r->report))
		status = print_table(r->report, err);
	if (r->is_all)
		tv_say(r->cli, "%zu good, %zu not; %zu can't be asked about", r->n_good,
		       r->n_failed, r->n_skipped);
	if (status || !r->worst)
		return status;
	if (!r->is_all && r->cli->args->n_words == 1)
		return tv_fail(err, r->worst, "%s", r->why.detail);
	/* Each has been told of already. */
	r->cli->exit_code = tv_status_exit(r->worst);
	return TV_OK;
}

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	bool is_all = tv_args_has(cli->args, "all");
	tv_auto_json *names = NULL;
	struct run r = {
		.cli = cli,
		.is_all = is_all,
		.shows_progress = is_all && !cli->is_quiet && isatty(STDERR_FILENO),
		.results = tv_json_array(),
		.report = tv_json_array(),
	};
	enum tv_status status;

	if (is_all == (cli->args->n_words > 0))
		status = tv_fail(err, TV_USAGE, "which entries: their names, or --all");
	else
		status = tv_cli_load_providers(cli, err);
	if (!status)
		status = is_all ? find_all(&names, cli, err) : find_named(&names, cli, err);
	if (!status)
		status = verify_list(&r, names, err);
	if (!status)
		status = report(&r, err);
	tv_json_free(r.results);
	tv_json_free(r.report);
	return status;
}

static const struct tv_option options[] = {
	{"all", 'a', false, NULL, "every entry that can be asked about"},
	{0},
};

const struct tv_command tv_command_verify = {
	.name = "verify",
	.arguments = "[PROVIDER[/LABEL]]...",
	.most = TV_ANY,
	.summary = "ask whether tokens are good",
	.help = "Asks the services about the tokens named, or about all, and stores what they\n"
		"say: whose a token is, and when it expires. A token goes to no other host\n"
		"than it was stored with. The exit status is 0 when all are good, else that\n"
		"of the worst answer: another host (8), a wrong certificate (23), refused\n"
		"(21), an odd reply (24), unreachable (22). With --json: an array of objects.",
	.options = options,
	.run = run,
};
