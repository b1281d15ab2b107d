/* Intakes on their way: into a copy of the vault, past their services, into the vault, and back from the
 * disk. */
#include <string.h>

#include "cli/adopt/intake.h"
#include "cli/service.h"

static enum tv_status no_memory(struct tv_error *err)
{
	return tv_fail(err, TV_NO_MEMORY, "the tokens found");
}

/* Where a field makes no host, the token may be sent nowhere; that is no reason not to keep it. Nor is one
 * sent to whom a definition of the user's own names, unless the user named it: it would only have to lie
 * about to be told of tokens that are none of its service's. */
static enum tv_status hosts_of(struct tv_json **out, const struct tv_intake *intake,
			       struct tv_error *err)
{
	enum tv_status status = intake->has_hosts
					? tv_http_hosts(out, intake->provider, intake->fields, err)
					: TV_BAD_VALUE;

	if (status != TV_BAD_VALUE)
		return status;
	*out = tv_json_array();
	return *out ? TV_OK : no_memory(err);
}

static enum tv_status make_request(struct tv_json **out, const struct tv_intake *intake,
				   struct tv_error *err)
{
	tv_auto_json *request = tv_json_object();
	struct tv_json *hosts = NULL;
	enum tv_status status = hosts_of(&hosts, intake, err);

	if (status)
		return status;
	if (!tv_json_put(request, "hosts", hosts) ||
	    !tv_json_put_text(request, "provider", intake->provider->name) ||
	    !tv_json_put_text(request, "label", intake->label) ||
	    !tv_json_put_text(request, "token", tv_secret_text(&intake->token)) ||
	    !tv_json_put(request, "fields", tv_json_copy(intake->fields)) ||
	    (intake->checked && !tv_json_put(request, "checked", tv_json_copy(intake->checked))))
		return no_memory(err);
	*out = request;
	request = NULL;
	return TV_OK;
}

enum tv_status tv_intakes_add(const struct tv_intakes *i, struct tv_scratch *vault,
			      struct tv_error *err)
{
	enum tv_status status = TV_OK;

	for (size_t n = 0; n < i->count; n++) {
		struct tv_intake *in = i->at[n];

		in->may_lead =
			!in->exists && !tv_doc_in_use(tv_scratch_doc(vault), in->provider->name);
	}
	for (size_t n = 0; n < i->count && !status; n++) {
		tv_auto_json *request = NULL;

		if (i->at[n]->exists)
			continue;
		status = make_request(&request, i->at[n], err);
		if (!status)
			status = tv_scratch_call(NULL, vault, TV_AGENT_add, request, err);
	}
	return status;
}

static struct tv_json *name(const struct tv_intake *intake)
{
	tv_auto_json *request = tv_json_object();
	struct tv_json *out = NULL;

	if (tv_json_put_text(request, "provider", intake->provider->name) &&
	    tv_json_put_text(request, "label", intake->label)) {
		out = request;
		request = NULL;
	}
	return out;
}

static bool is_taken(const struct tv_intake *intake, const struct tv_findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct tv_finding *f = &findings->at[i];

		for (size_t n = 0; n < f->count; n++) {
			if (f->at[n].intake == intake &&
			    (f->fate == TV_FATE_READY || f->fate == TV_FATE_KEPT))
				return true;
		}
	}
	return false;
}

/* The first of its service's in the order in which they are stored. */
static bool leads(const struct tv_intakes *i, size_t n, const struct tv_findings *findings)
{
	for (size_t m = 0; m < n; m++) {
		if (i->at[m]->provider == i->at[n]->provider && !i->at[m]->exists &&
		    is_taken(i->at[m], findings))
			return false;
	}
	return i->at[n]->may_lead && is_taken(i->at[n], findings);
}

enum tv_status tv_intakes_settle(const struct tv_intakes *i, const struct tv_findings *findings,
				 struct tv_scratch *vault, struct tv_error *err)
{
	enum tv_status status = TV_OK;

	for (int leading = 0; leading < 2; leading++) {
		for (size_t n = 0; n < i->count && !status; n++) {
			const struct tv_intake *in = i->at[n];
			tv_auto_json *request = name(in);

			if (!request)
				return no_memory(err);
			if (leading && leads(i, n, findings))
				status = tv_scratch_call(NULL, vault, TV_AGENT_use, request, err);
			if (!leading && !in->exists && !is_taken(in, findings) &&
			    tv_doc_find(tv_scratch_doc(vault), in->provider->name, in->label))
				status =
					tv_scratch_call(NULL, vault, TV_AGENT_remove, request, err);
		}
	}
	return status;
}

/* The account and fields that the service told are in the file that will be rendered. */
static enum tv_status note_checked(const struct tv_intake *intake, const struct tv_json *entry,
				   struct tv_scratch *vault, struct tv_error *err)
{
	tv_auto_json *request = tv_json_object();
	struct tv_json *results = tv_json_array(), *one = name(intake);
	bool put = tv_json_put(request, "results", results);

	put = tv_json_put(results, NULL, one) && put;
	if (!put || !tv_json_put(one, "since", tv_json_copy(tv_json_get(entry, "since"))) ||
	    !tv_json_put(one, "checked", tv_json_copy(intake->checked)))
		return no_memory(err);
	return tv_scratch_call(NULL, vault, TV_AGENT_checked, request, err);
}

static void leave_those_with(struct tv_findings *findings, const struct tv_intake *intake)
{
	for (size_t i = 0; i < findings->count; i++) {
		struct tv_finding *f = &findings->at[i];

		for (size_t n = 0; n < f->count; n++) {
			if (f->at[n].intake == intake && f->fate == TV_FATE_READY)
				tv_finding_leave(f, TV_TOKEN_REFUSED,
						 "%s/%s in %s: %s; left alone: --no-verify adopts "
						 "it all the same",
						 intake->provider->name, intake->label,
						 f->source.path, intake->why.detail);
		}
	}
}

/* A service that can't be asked, or answers oddly, is no reason to leave plaintext about. */
static enum tv_status verify(struct tv_intake *intake, struct tv_findings *findings,
			     struct tv_scratch *vault, struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *entry = NULL, *gone = NULL;
	enum tv_status status =
		tv_scratch_show(&entry, vault, intake->provider->name, intake->label, err);

	if (status)
		return status;
	intake->answer =
		tv_service_verify(&intake->checked, cli, intake->provider, entry, &intake->why);
	if (!intake->checked && intake->answer != TV_NO_API && intake->answer != TV_REFUSED &&
	    intake->answer != TV_BAD_VALUE) {
		*err = intake->why;
		return intake->answer;
	}
	if (intake->answer == TV_TOKEN_REFUSED) {
		leave_those_with(findings, intake);
		gone = name(intake);
		return gone ? tv_scratch_call(NULL, vault, TV_AGENT_remove, gone, err)
			    : no_memory(err);
	}
	return intake->checked ? note_checked(intake, entry, vault, err) : TV_OK;
}

enum tv_status tv_intakes_verify(const struct tv_intakes *i, struct tv_findings *findings,
				 struct tv_scratch *vault, struct tv_cli *cli, struct tv_error *err)
{
	enum tv_status status = TV_OK;

	for (size_t n = 0; n < i->count && !status; n++) {
		if (!i->at[n]->exists)
			status = verify(i->at[n], findings, vault, cli, err);
	}
	return status;
}

static enum tv_status store(struct tv_intake *intake, struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *request = NULL;
	enum tv_status status = intake->exists ? tv_intake_lacking_request(&request, intake, err)
					       : make_request(&request, intake, err);

	return status ? status
		      : tv_cli_call(NULL, cli, intake->exists ? TV_AGENT_set : TV_AGENT_add,
				    request, err);
}

/* Nothing that is only in a memory counts, be it the server's: tv_session_reread has the file read and
 * opened, MAC and all, after the save has been synced; then this token has to come out of it. */
static enum tv_status read_back(struct tv_intake *intake, struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *request = name(intake), *entry = NULL;
	tv_auto_secret there = {0};
	enum tv_status status =
		request ? tv_cli_call(&entry, cli, TV_AGENT_show, request, err) : no_memory(err);

	if (status)
		return status;
	tv_secret_puts(&there, tv_json_get_text(entry, "token"));
	if (!tv_secret_equals(&there, &intake->token))
		return tv_fail(err, TV_IO,
			       "the vault does not give back %s/%s as it was stored; no file was "
			       "touched",
			       intake->provider->name, intake->label);
	intake->is_stored = true;
	return TV_OK;
}

enum tv_status tv_intakes_store(const struct tv_intakes *i, struct tv_cli *cli,
				struct tv_error *err)
{
	enum tv_status status = TV_OK;
	bool any = false;

	for (size_t n = 0; n < i->count && !status; n++) {
		any |= i->at[n]->is_wanted;
		if (i->at[n]->is_wanted && (!i->at[n]->exists || i->at[n]->lacking))
			status = store(i->at[n], cli, err);
	}
	if (!status && any)
		status = tv_session_reread(cli->session, err);
	for (size_t n = 0; n < i->count && !status; n++) {
		if (i->at[n]->is_wanted)
			status = read_back(i->at[n], cli, err);
	}
	return status;
}
