/* tokenvault revoke: ends a token at its service. */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/report.h"
#include "cli/rotate/rotation.h"
#include "cli/rotate/tokens.h"
#include "cli/service.h"
#include "cli/terminal.h"

struct revoke {
	struct tv_rotating r;
	const char *id;
	bool is_own;		 /* it is the entry's token */
	struct tv_secret shared; /* the label of another entry that has it too, or empty */
};

static enum tv_status find(struct revoke *v, struct tv_error *err)
{
	const char *own = tv_token_id(v->r.provider, v->r.entry);
	const char *given = tv_args_value(v->r.cli->args, "id");

	if (!v->r.provider->revoke)
		return tv_fail(err, TV_NO_API, "end the token here: %s",
			       tv_rotating_console(&v->r));
	v->id = given ? given : own;
	if (!v->id)
		return tv_fail(
			err, TV_BAD_VALUE,
			"the id of %s at the service is not known: --id ID, or end it here: %s",
			v->r.name, tv_rotating_console(&v->r));
	if (!*v->id || !tv_text_is_valid(v->id, TV_FIELD_MAX))
		return tv_fail(err, TV_BAD_VALUE, "--id: that is no id");
	v->is_own = own && !strcmp(own, v->id);
	return tv_token_shared(&v->shared, v->r.cli, v->r.provider, v->r.entry, NULL, v->id, err);
}

/* Asks whoever sits there; nobody else can say yes without --yes. */
static enum tv_status confirm(const struct revoke *v, struct tv_error *err)
{
	tv_auto_secret question = {0}, answer = {0};
	enum tv_status status;

	if (tv_args_has(v->r.cli->args, "yes"))
		return TV_OK;
	tv_secret_puts(&question, "End ");
	if (!v->is_own) {
		tv_secret_puts(&question, "the token ");
		tv_secret_puts(&question, v->id);
		tv_secret_puts(&question, " of the account of ");
	}
	tv_secret_puts(&question, v->r.name);
	if (v->shared.len) {
		tv_secret_puts(&question, ", which is also ");
		tv_secret_puts(&question, tv_secret_text(&v->shared));
		tv_secret_puts(&question, "'s,");
	}
	tv_secret_puts(&question, " for good? Type yes: ");
	status = tv_secret_check(&question, err);
	if (!status)
		status = tv_terminal_ask(&answer, tv_secret_text(&question), 16, "", err);
	if (status == TV_LOCKED)
		return tv_fail(err, TV_USAGE, "no terminal to ask on; --yes says yes");
	if (!status && !tv_secret_texts_equal(tv_secret_text(&answer), "yes"))
		return tv_fail(err, TV_REFUSED, "the answer was not yes; nothing was ended");
	return status;
}

/* Notes that the service will refuse it from now on. */
static enum tv_status mark(const struct revoke *v, struct tv_error *err)
{
	tv_auto_json *checked = tv_json_object();

	if (!tv_json_put_int(checked, "at", time(NULL)) ||
	    !tv_json_put_text(checked, "answer", tv_status_name(TV_TOKEN_REFUSED)))
		return tv_fail(err, TV_NO_MEMORY, "a note");
	return tv_service_store(v->r.cli, v->r.entry, checked, err);
}

static bool is_queued(const struct revoke *v)
{
	const struct tv_json *list = tv_json_get(v->r.entry, "revoking_ids");

	for (const struct tv_json *i = tv_json_first(list); i; i = tv_json_next(i)) {
		const char *id = tv_json_get_text(i, "id");

		if (id && !strcmp(id, v->id))
			return true;
	}
	return false;
}

/* The token is no longer to be ended, and `undo` is to know that it is of no use. The vault need not have it:
 * it may be any of the account's. */
static enum tv_status note_ended(struct revoke *v, struct tv_error *err)
{
	const char *id_field = v->r.provider->id_field;
	struct tv_json *more = tv_json_object();
	struct tv_error why = {""};
	enum tv_status status;

	if (!tv_json_put_text(more, "id", v->id) ||
	    (id_field && !tv_json_put_text(more, "id_field", id_field))) {
		tv_json_free(more);
		return tv_fail(err, TV_NO_MEMORY, "a note");
	}
	status = tv_rotating_note(&v->r, "revoked", more, &why);
	if (!status || status == TV_NO_ENTRY)
		return TV_OK;
	return tv_fail(err, status, "%s", why.detail);
}

static enum tv_status report(const struct revoke *v, struct tv_error *err)
{
	tv_auto_json *j = tv_rotating_request(&v->r);

	if (v->r.cli->is_json) {
		if (!tv_json_put_text(j, "ended", v->id) ||
		    !tv_json_put_bool(j, "in_use", v->is_own))
			return tv_fail(err, TV_NO_MEMORY, "a report");
		return tv_report_json(j, err);
	}
	tv_say(v->r.cli, "ended the token%s%s at %s", v->is_own ? " of " : " ",
	       v->is_own ? v->r.name : v->id, v->r.provider->title);
	if (v->is_own)
		tv_say(v->r.cli,
		       "its files still show it; to replace it: tokenvault set %s --token\n    %s",
		       v->r.name, tv_rotating_console(&v->r));
	return TV_OK;
}

static enum tv_status end_it(struct revoke *v, struct tv_error *err)
{
	bool is_known, was_there = false;
	enum tv_status status = find(v, err);

	if (!status)
		status = confirm(v, err);
	if (!status)
		status = tv_token_end(&was_there, v->r.cli, v->r.provider, v->r.entry, v->id, err);
	/* An id that only the command line has may be mistyped. */
	is_known = !status && (v->is_own || is_queued(v));
	if (!status && !was_there && !is_known)
		return tv_fail(err, TV_NO_ENTRY, "no such token at %s: %s", v->r.provider->title,
			       v->id);
	if (!status && v->is_own)
		status = mark(v, err);
	if (!status)
		status = note_ended(v, err);
	return status ? status : report(v, err);
}

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	struct revoke v = {0};
	enum tv_status status = tv_rotating_open(&v.r, cli, tv_args_word(cli->args, 0), err);

	if (!status)
		status = end_it(&v, err);
	tv_secret_free(&v.shared);
	tv_rotating_free(&v.r);
	return status;
}

static const struct tv_option options[] = {
	{"id", 'i', false, "ID", "another token of the account, by its id"},
	{"yes", 'y', false, NULL, "do not ask"},
	{0},
};

const struct tv_command tv_command_revoke = {
	.name = "revoke",
	.arguments = "PROVIDER[/LABEL]",
	.least = 1,
	.most = 1,
	.summary = "end a token at its service",
	.help = "Ends the entry's token at the service, for good: nobody can use it from then\n"
		"on, while files still show it. For a new one first, see `rotate`. Where the\n"
		"service has no way to do that, it says where a person can.",
	.options = options,
	.run = run,
};
