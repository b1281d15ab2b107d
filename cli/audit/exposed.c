/* Which tokens were given out since a time, to whom, and how each of them is replaced. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/audit/audit.h"
#include "cli/call.h"
#include "cli/report.h"

#define READERS 64 /* that are told apart; more are counted */

/* A version of an entry's token that was read. */
struct exposed {
	char entry[192];
	int64_t version;
	int64_t first, last;
	int64_t reads;
	struct {
		char who[TV_AUDIT_WHO];
		int64_t reads;
	} by[READERS];
	size_t n_by;
	int64_t others;
};

struct exposure {
	struct exposed *at;
	size_t count;
};

static struct exposed *find(struct exposure *x, const char *entry, int64_t version)
{
	struct exposed *grown;

	for (size_t i = 0; i < x->count; i++)
		if (x->at[i].version == version && !strcmp(x->at[i].entry, entry))
			return &x->at[i];
	grown = reallocarray(x->at, x->count + 1, sizeof(*grown));
	if (!grown)
		return NULL;
	x->at = grown;
	grown += x->count++;
	memset(grown, 0, sizeof(*grown));
	snprintf(grown->entry, sizeof(grown->entry), "%s", entry);
	grown->version = version;
	return grown;
}

static void note(struct exposed *e, int64_t at, int64_t reads, const char *who)
{
	size_t i = 0;

	if (!e->first || at < e->first)
		e->first = at;
	if (at > e->last)
		e->last = at;
	e->reads += reads;
	while (i < e->n_by && strcmp(e->by[i].who, who) != 0)
		i++;
	if (i == READERS) {
		e->others += reads;
		return;
	}
	if (i == e->n_by)
		snprintf(e->by[e->n_by++].who, sizeof(e->by->who), "%s", who);
	e->by[i].reads += reads;
}

/* A file that was opened, or a token that was given to a client. */
static bool is_exposure(const struct tv_json *line)
{
	const char *event = tv_json_get_text(line, "event");
	const char *verdict = tv_json_get_text(line, "verdict");

	return event && (!strcmp(event, "show") ||
			 (!strcmp(event, "open") && verdict && !strcmp(verdict, "allowed")));
}

static enum tv_status each(const struct tv_line *line, const struct tv_json *j, void *arg,
			   struct tv_error *err)
{
	const struct tv_json *entries = tv_json_get(j, "entries");
	char who[TV_AUDIT_WHO];
	int64_t count = 1;

	(void)line;
	if (!is_exposure(j))
		return TV_OK;
	tv_json_get_int(j, "count", &count);
	tv_audit_who(who, j);
	for (const struct tv_json *e = tv_json_first(entries); e; e = tv_json_next(e)) {
		const char *name = tv_json_get_text(e, "entry");
		int64_t version = 0;
		struct exposed *found;

		tv_json_get_int(e, "version", &version);
		found = name ? find(arg, name, version) : NULL;
		if (name && !found)
			return tv_fail(err, TV_NO_MEMORY, "a report");
		if (found)
			note(found, tv_audit_at(j), count, who);
	}
	return TV_OK;
}

static int order(const void *a, const void *b)
{
	const struct exposed *x = a, *y = b;
	const int names = strcmp(x->entry, y->entry);

	return names ? names : (x->version > y->version) - (x->version < y->version);
}

/* The vault's word on that version: "current", "ended", "replaced" (at its service it may work still), or
 * "unknown": removed, renamed or forgotten. */
static const char *fate_of(const struct exposed *e, const struct tv_json *versions)
{
	for (const struct tv_json *v = tv_json_first(versions); v; v = tv_json_next(v)) {
		char name[192];
		int64_t version = 0, ended;

		snprintf(name, sizeof(name), "%s/%s", tv_json_get_text(v, "provider"),
			 tv_json_get_text(v, "label"));
		tv_json_get_int(v, "version", &version);
		if (version != e->version || strcmp(name, e->entry) != 0)
			continue;
		if (tv_json_get_int(v, "ended", &ended))
			return "ended";
		return tv_json_get_true(v, "current") && !tv_json_get_true(v, "removed")
			       ? "current"
			       : "replaced";
	}
	return "unknown";
}

static bool put(struct tv_json *list, const struct exposed *e, const char *fate)
{
	struct tv_json *j = tv_json_object(), *by = tv_json_array();
	bool good = tv_json_put(list, NULL, j) && tv_json_put_text(j, "entry", e->entry) &&
		    tv_json_put_int(j, "version", e->version) &&
		    tv_json_put_text(j, "fate", fate) && tv_json_put_int(j, "reads", e->reads) &&
		    tv_json_put_int(j, "since", e->first) && tv_json_put_int(j, "until", e->last) &&
		    tv_json_put(j, "by", by);

	for (size_t i = 0; good && i < e->n_by; i++) {
		struct tv_json *one = tv_json_object();

		good = tv_json_put(by, NULL, one) && tv_json_put_text(one, "who", e->by[i].who) &&
		       tv_json_put_int(one, "reads", e->by[i].reads);
	}
	return good && tv_json_put_int(j, "other_reads", e->others);
}

static enum tv_status report_json(const struct exposure *x, const struct tv_json *versions,
				  struct tv_error *err)
{
	tv_auto_json *list = tv_json_array();
	bool good = true;

	for (size_t i = 0; good && i < x->count; i++)
		good = put(list, &x->at[i], fate_of(&x->at[i], versions));
	return good ? tv_report_json(list, err) : tv_fail(err, TV_NO_MEMORY, "a report");
}

static void print(const struct exposed *e, const char *fate)
{
	char first[TV_WHEN_CHARS], last[TV_WHEN_CHARS];

	tv_when_print(first, e->first);
	tv_when_print(last, e->last);
	printf("%s version %lld (%s): read %lld time%s, %s to %s\n", e->entry,
	       (long long)e->version, fate, (long long)e->reads, e->reads == 1 ? "" : "s", first,
	       last);
	for (size_t i = 0; i < e->n_by; i++)
		printf("\t%lld\tby %s\n", (long long)e->by[i].reads, e->by[i].who);
	if (e->others)
		printf("\t%lld\tby others\n", (long long)e->others);
}

/* What to run for it: rotate makes the new token, or says where it is to be made. */
static void print_plan(struct tv_cli *cli, const struct exposed *e, const char *fate)
{
	char provider[192];
	const struct tv_provider *p;

	snprintf(provider, sizeof(provider), "%.*s", (int)strcspn(e->entry, "/"), e->entry);
	p = tv_providers_find(cli->providers, provider);
	if (!strcmp(fate, "current"))
		printf("tokenvault rotate %s\n", e->entry);
	else if (!strcmp(fate, "replaced"))
		printf("# %s, version %lld: not in use any more, but nobody has ended it from "
		       "here\n",
		       e->entry, (long long)e->version);
	else if (!strcmp(fate, "unknown"))
		printf("# %s, version %lld: the vault does not know it any more; end it at the "
		       "service\n",
		       e->entry, (long long)e->version);
	if (strcmp(fate, "ended") != 0 && p && p->console && (!p->mint || strcmp(fate, "current")))
		printf("#\t%s\n", p->console);
}

static void report_words(struct tv_cli *cli, const struct exposure *x,
			 const struct tv_json *versions)
{
	for (size_t i = 0; i < x->count; i++)
		print(&x->at[i], fate_of(&x->at[i], versions));
	if (!x->count) {
		tv_say(cli, "the audit log knows of nobody who read a token since then");
		return;
	}
	printf("\n# to replace what was read:\n");
	for (size_t i = 0; i < x->count; i++)
		print_plan(cli, &x->at[i], fate_of(&x->at[i], versions));
}

enum tv_status tv_audit_exposed(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *request = tv_json_object(), *reply = NULL;
	struct tv_audit_filter filter;
	struct exposure x = {0};
	enum tv_status status = tv_audit_filter_make(&filter, cli->args, err);

	if (!status && !filter.since)
		status = tv_fail(err, TV_USAGE, "exposed wants --since TIME");
	if (!status)
		status = tv_cli_load_providers(cli, err);
	if (!status)
		status = tv_cli_call(&reply, cli, TV_AGENT_history, request, err);
	if (!status)
		status = tv_audit_lines(cli, &filter, each, &x, err);
	if (!status) {
		const struct tv_json *versions = tv_json_get(reply, "versions");

		if (x.count)
			qsort(x.at, x.count, sizeof(*x.at), order);
		if (cli->is_json)
			status = report_json(&x, versions, err);
		else
			report_words(cli, &x, versions);
	}
	free(x.at);
	return status;
}
