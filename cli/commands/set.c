/* tokenvault set: changes an entry. */
#include <string.h>

#include "cli/call.h"
#include "cli/scratch.h"

static enum tv_status put_label(struct tv_json *request, const struct tv_cli *cli,
				struct tv_error *err)
{
	const char *label = tv_args_value(cli->args, "label");

	if (!label)
		return TV_OK;
	if (!tv_label_is_valid(label))
		return tv_fail(err, TV_BAD_VALUE, "--label `%s`: 1 to 64 of A-Z a-z 0-9 . _ -",
			       label);
	return tv_json_put_text(request, "new_label", label)
		       ? TV_OK
		       : tv_fail(err, TV_NO_MEMORY, "a request");
}

static enum tv_status put_deny(struct tv_json *request, const struct tv_cli *cli,
			       struct tv_error *err)
{
	const char *what = tv_args_value(cli->args, "when-expired");
	bool is_deny = what && !strcmp(what, "deny");

	if (!what)
		return TV_OK;
	if (!is_deny && strcmp(what, "serve"))
		return tv_fail(err, TV_BAD_VALUE, "--when-expired %.20s: deny or serve", what);
	return tv_json_put_bool(request, "deny", is_deny) ? TV_OK
							  : tv_fail(err, TV_NO_MEMORY, "a request");
}

static enum tv_status put_options(struct tv_json *request, struct tv_cli *cli,
				  const struct tv_provider *provider, struct tv_error *err)
{
	size_t named = tv_json_count(request);
	enum tv_status status = tv_call_put_fields(request, cli, provider, err);

	if (!status)
		status = tv_call_put_note(request, cli, err);
	if (!status)
		status = put_label(request, cli, err);
	if (!status)
		status = tv_call_put_expires(request, cli, err);
	if (!status)
		status = put_deny(request, cli, err);
	/* Without any option the token is what people mean. */
	if (!status && (tv_args_has(cli->args, "token") ||
			(tv_json_count(request) == named && !tv_args_has(cli->args, "pin"))))
		status = tv_call_put_token(request, cli, provider, err);
	return status;
}

/* The entry as the request makes it, hosts aside. */
static bool put_changes(struct tv_json *entry, const struct tv_json *old,
			const struct tv_json *request)
{
	const struct tv_json *changed = tv_json_get(request, "fields");
	const char *token = tv_json_get_text(request, "token");
	struct tv_json *fields = tv_json_object();
	bool put = true;

	for (struct tv_json *f = tv_json_first(tv_json_get(old, "fields")); f; f = tv_json_next(f))
		if (!tv_json_get(changed, tv_json_key(f)))
			put &= tv_json_put_text(fields, tv_json_key(f), tv_json_text(f));
	for (struct tv_json *f = tv_json_first(changed); f; f = tv_json_next(f))
		if (tv_json_text(f))
			put &= tv_json_put_text(fields, tv_json_key(f), tv_json_text(f));
	put &= tv_json_put(entry, "fields", fields);
	return put && (!token || tv_json_put_text(entry, "token", token));
}

/* Whether two lists have the same texts. */
static bool is_same(const struct tv_json *a, const struct tv_json *b)
{
	const struct tv_json *one = tv_json_first(a), *other = tv_json_first(b);

	while (one && other && !strcmp(tv_json_text(one), tv_json_text(other))) {
		one = tv_json_next(one);
		other = tv_json_next(other);
	}
	return !one && !other;
}

static void say_hosts(const struct tv_cli *cli, const struct tv_json *entry,
		      const struct tv_json *hosts)
{
	for (const struct tv_json *h = tv_json_first(hosts); h; h = tv_json_next(h))
		tv_say(cli, "the token of %s/%s may now be sent to %s",
		       tv_json_get_text(entry, "provider"), tv_json_get_text(entry, "label"),
		       tv_json_text(h));
}

/* A token's hosts are those that it came with: they change when a field changes them, when --pin says
 * so, and when there were none. A definition that has changed meanwhile does not change them. */
static enum tv_status put_hosts(struct tv_json *request, struct tv_json *entry,
				const struct tv_json *old, const struct tv_cli *cli,
				const struct tv_provider *provider, struct tv_error *err)
{
	tv_auto_json *now = NULL, *before = NULL;
	bool had_none = !tv_json_count(tv_json_get(old, "hosts"));
	enum tv_status status = tv_call_hosts(&now, cli, provider, tv_json_get(entry, "fields"),
					      tv_json_get(request, "token"), err);

	/* The old fields may have made no host either. */
	if (!status && tv_http_hosts(&before, provider, tv_json_get(old, "fields"), err))
		before = tv_json_array();
	if (status)
		return status;
	if (!tv_args_has(cli->args, "pin") && is_same(now, before) &&
	    !(had_none && tv_json_get(request, "token")))
		return TV_OK;
	if (!is_same(now, tv_json_get(old, "hosts")) || tv_args_has(cli->args, "pin"))
		say_hosts(cli, entry, now);
	if (!tv_json_put(request, "hosts", tv_json_copy(now)) ||
	    !tv_json_put(entry, "hosts", tv_json_copy(now)))
		return tv_fail(err, TV_NO_MEMORY, "a request");
	return TV_OK;
}

/* What a new token, other fields or --pin bring with them. */
static enum tv_status follow_up(struct tv_json *request, struct tv_cli *cli,
				const struct tv_provider *provider, struct tv_error *err)
{
	tv_auto_json *query = NULL, *old = NULL, *entry = NULL;
	bool is_pin = tv_args_has(cli->args, "pin");
	enum tv_status status;

	if (!provider && is_pin)
		return tv_providers_require(&provider, cli->providers,
					    tv_json_get_text(request, "provider"), err);
	if (!provider ||
	    (!tv_json_get(request, "token") && !tv_json_get(request, "fields") && !is_pin))
		return TV_OK;
	status = tv_call_new(&query, tv_args_word(cli->args, 0), err);
	if (!status)
		status = tv_cli_call(&old, cli, TV_AGENT_show, query, err);
	if (status)
		return status;
	entry = tv_json_copy(old);
	if (!put_changes(entry, old, request))
		return tv_fail(err, TV_NO_MEMORY, "a request");
	status = put_hosts(request, entry, old, cli, provider, err);
	if (!status && tv_json_get(request, "token"))
		status = tv_call_put_checked(request, cli, provider, entry, err);
	return status;
}

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *request = NULL, *reply = NULL;
	const struct tv_provider *provider = NULL;
	enum tv_status status = tv_call_new(&request, tv_args_word(cli->args, 0), err);

	if (!status)
		status = tv_cli_load_provider(cli, tv_json_get_text(request, "provider"), err);
	if (status)
		return status;
	provider = tv_providers_find(cli->providers, tv_json_get_text(request, "provider"));
	status = put_options(request, cli, provider, err);
	if (!status)
		status = follow_up(request, cli, provider, err);
	if (!status)
		status = tv_call_send(&reply, cli, TV_AGENT_set, request, "changed", err);
	if (!status)
		tv_call_say_stored(cli, provider, request, reply);
	if (!status)
		tv_scratch_warn(cli, reply);
	return status;
}

static const struct tv_option options[] = {
	{"token", 't', false, NULL, "read or ask for a new token, as add does"},
	{"field", 'f', true, "NAME[=VALUE]", "set one of the service's fields, as add does"},
	{"unset-field", 'u', true, "NAME", "take a field's value away"},
	{"note", 'n', false, "TEXT", "another note; an empty TEXT takes it away"},
	{"label", 'l', false, "NEW", "another label"},
	{"expires", 'e', false, "WHEN", "30d, 12h, 8w, 2027-08-19 or never"},
	{"when-expired", 0, false, "WHAT", "serve, or deny, reading once it has expired"},
	{"pin", 0, false, NULL, "let the token go to the hosts of today's definition"},
	{"no-verify", 0, false, NULL, "store a token without asking the service about it"},
	{0},
};

const struct tv_command tv_command_set = {
	.name = "set",
	.arguments = "PROVIDER[/LABEL]",
	.least = 1,
	.most = 1,
	.summary = "change an entry",
	.help = "Changes an entry: without options, its token. What was there before is kept,\n"
		"and `undo` brings it back. A new token comes from standard input or the\n"
		"terminal, is verified, and brings its own expiry, as with `add`.",
	.options = options,
	.run = run,
	.only_asks = true,
};
