/* Checks the audit log: the vault alone can say whether a line is what was written. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/audit/audit.h"
#include "cli/report.h"

struct checking {
	struct tv_cli *cli;
	struct tv_json *findings; /* for --json */
	size_t n_grave;
};

static enum tv_status ask(bool *wrong, const struct tv_audit_page *page, void *arg,
			  struct tv_error *err)
{
	struct checking *c = arg;
	tv_auto_json *request = tv_json_object(), *reply = NULL;
	enum tv_status status;
	int64_t index;

	if (!tv_json_put_hex(request, "epoch", page->epoch, sizeof(page->epoch)) ||
	    !tv_json_put_int(request, "first", (int64_t)page->first) ||
	    !tv_json_put_hex(request, "digests", page->digests[0],
			     page->n * sizeof(*page->digests)) ||
	    !tv_json_put_hex(request, "macs", page->macs[0], page->n * sizeof(*page->macs)))
		return tv_fail(err, TV_NO_MEMORY, "a request");
	status = tv_cli_call(&reply, c->cli, TV_AGENT_audit, request, err);
	if (status)
		return status;
	for (const struct tv_json *w = tv_json_first(tv_json_get(reply, "wrong")); w;
	     w = tv_json_next(w)) {
		if (!tv_json_int(w, &index) || index < 0 || (size_t)index >= page->n)
			return tv_fail(err, TV_SERVER,
				       "it names a line that it was not asked about");
		wrong[index] = true;
	}
	return TV_OK;
}

static bool put(struct tv_json *list, const struct tv_audit_finding *f)
{
	struct tv_json *j = tv_json_object();

	return tv_json_put(list, NULL, j) &&
	       tv_json_put_text(j, "fault", tv_audit_fault_name(f->fault)) &&
	       tv_json_put_bool(j, "grave", tv_audit_fault_is_grave(f->fault)) &&
	       tv_json_put_text(j, "file", f->file) &&
	       (f->number ? tv_json_put_int(j, "line", (int64_t)f->number)
			  : tv_json_put_null(j, "line")) &&
	       (f->count ? tv_json_put_int(j, "count", (int64_t)f->count)
			 : tv_json_put_null(j, "count")) &&
	       tv_json_put_text(j, "detail", f->detail);
}

static enum tv_status found(const struct tv_audit_finding *f, void *arg, struct tv_error *err)
{
	struct checking *c = arg;

	c->n_grave += tv_audit_fault_is_grave(f->fault);
	if (c->findings)
		return put(c->findings, f) ? TV_OK : tv_fail(err, TV_NO_MEMORY, "a report");
	printf("%s", f->file ? f->file : "the log");
	if (f->number)
		printf(", line %" PRIu64, f->number);
	printf(": %s", tv_audit_fault_name(f->fault));
	if (f->count)
		printf(", %" PRIu64 " line%s", f->count, f->count == 1 ? "" : "s");
	printf(": %s\n", f->detail);
	return TV_OK;
}

/* Whose log it should be says the vault's header. */
static enum tv_status read_id(unsigned char id[static TV_ID_BYTES], const struct tv_cli *cli,
			      struct tv_error *err)
{
	tv_auto_store *store = NULL;
	tv_auto_bytes file = {0};
	struct tv_header header = {0};
	enum tv_status status = tv_store_open(&store, cli->paths.vault, err);

	if (!status)
		status = tv_store_read(&file, store, err);
	if (!status)
		status = tv_header_parse(&header, file.data, file.len, err);
	if (!status)
		memcpy(id, header.vault_id, TV_ID_BYTES);
	tv_header_free(&header);
	return status;
}

static enum tv_status verify(struct tv_audit_report *report, struct checking *c,
			     struct tv_error *err)
{
	const struct tv_audit_judge judge = {ask, found, c};
	struct tv_audit_log *log = NULL;
	unsigned char id[TV_ID_BYTES];
	enum tv_status status = read_id(id, c->cli, err);

	if (!status)
		status = tv_audit_log_open(&log, c->cli->paths.state, c->cli->paths.name, err);
	if (!status)
		status = tv_audit_verify(report, log, id, &judge, err);
	tv_audit_log_free(log);
	return status;
}

static enum tv_status report_json(const struct checking *c, const struct tv_audit_report *report,
				  struct tv_json **findings, struct tv_error *err)
{
	tv_auto_json *j = tv_json_object();
	const bool is_put = tv_json_put_bool(j, "good", !c->n_grave) &&
			    tv_json_put_int(j, "lines", (int64_t)report->n_lines) &&
			    tv_json_put_int(j, "oldest_file", (int64_t)report->part) &&
			    tv_json_put(j, "findings", *findings);

	*findings = NULL;
	return is_put ? tv_report_json(j, err) : tv_fail(err, TV_NO_MEMORY, "a report");
}

static void report_words(const struct tv_cli *cli, const struct tv_audit_report *report)
{
	if (report->part > 1)
		tv_say(cli, "older lines were rotated away: the oldest file is number %" PRIu64,
		       report->part);
	if (report->n_first)
		tv_say(cli,
		       "%" PRIu64
		       " line%s at the beginning, from before the vault was unlocked for "
		       "the first time, can't be checked",
		       report->n_first, report->n_first == 1 ? "" : "s");
}

enum tv_status tv_audit_check(struct tv_cli *cli, struct tv_error *err)
{
	struct tv_audit_report report = {0};
	tv_auto_json *findings = cli->is_json ? tv_json_array() : NULL;
	struct checking c = {.cli = cli, .findings = findings};
	enum tv_status status = tv_cli_open(cli, err);

	if (!status)
		status = verify(&report, &c, err);
	if (status)
		return status;
	if (cli->is_json)
		status = report_json(&c, &report, &findings, err);
	else
		report_words(cli, &report);
	fflush(stdout);
	if (!status && c.n_grave)
		return tv_fail(err, TV_CHANGED_LOG, "%zu fault%s in %" PRIu64 " lines", c.n_grave,
			       c.n_grave == 1 ? "" : "s", report.n_lines);
	if (!status)
		tv_say(cli, "%" PRIu64 " line%s, all as they were written", report.n_lines,
		       report.n_lines == 1 ? "" : "s");
	return status;
}
