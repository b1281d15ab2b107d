/* Asking a service: the definition's request, sent only where the token may go, and what came of it. */
#include "cli/service.h"

#include <string.h>
#include <time.h>

#include "cli/call.h"
#include "cli/days.h"
#include "cli/fetch.h"

#define ACCOUNT_MAX 320 /* the longest address that mail knows */

static enum tv_status no_memory(struct tv_error *err)
{
	return tv_fail(err, TV_NO_MEMORY, "what a service says");
}

static bool is_allowed(const struct tv_json *hosts, const char *host)
{
	for (const struct tv_json *h = tv_json_first(hosts); h; h = tv_json_next(h)) {
		if (tv_json_text(h) && !strcmp(tv_json_text(h), host))
			return true;
	}
	return false;
}

/* The host is the one that was there when the token came: a changed definition changes nothing. */
static enum tv_status check_pin(const struct tv_provider *provider, const struct tv_json *entry,
				const char *host, struct tv_error *err)
{
	const struct tv_json *hosts = tv_json_get(entry, "hosts");
	const char *label = tv_json_get_text(entry, "label");

	if (is_allowed(hosts, host))
		return TV_OK;
	if (!tv_json_count(hosts))
		return tv_fail(
			err, TV_REFUSED,
			"nothing says that the token of %s/%s may be sent to %s; to allow it: "
			"tokenvault set %s/%s --pin",
			provider->name, label, host, provider->name, label);
	return tv_fail(
		err, TV_REFUSED,
		"the definition of %s now sends the token to %s, which it did not when it was "
		"stored; if that is right: tokenvault set %s/%s --pin",
		provider->name, host, provider->name, label);
}

/* What an answer means, and who gave it. */
static enum tv_status judge(struct tv_json **json, const struct tv_http *http,
			    const struct tv_http_request *request,
			    const struct tv_fetch_reply *reply, struct tv_error *err)
{
	struct tv_error why = {""};
	enum tv_status status = tv_http_judge(json, http, reply->status, &reply->body, &why);

	return status ? tv_fail(err, status, "%s: %s", request->host, why.detail) : TV_OK;
}

enum tv_status tv_service_ask_status(struct tv_json **answer, int *http_status, struct tv_cli *cli,
				     const struct tv_provider *provider, const struct tv_http *http,
				     const struct tv_json *entry, const struct tv_json *more,
				     struct tv_error *err)
{
	tv_auto_http_request request = {0};
	tv_auto_fetch_reply reply = {0};
	tv_auto_json *json = NULL;
	enum tv_status status = tv_http_render(&request, http, provider, entry, more, err);

	if (!status)
		status = check_pin(provider, entry, request.host, err);
	if (!status)
		status = tv_fetch(&reply, cli, &request, err);
	if (!status) {
		*http_status = reply.status;
		status = judge(&json, http, &request, &reply, err);
	}
	if (!status && answer) {
		*answer = json;
		json = NULL;
	}
	return status;
}

enum tv_status tv_service_ask(struct tv_json **answer, struct tv_cli *cli,
			      const struct tv_provider *provider, const struct tv_http *http,
			      const struct tv_json *entry, const struct tv_json *more,
			      struct tv_error *err)
{
	int http_status;

	return tv_service_ask_status(answer, &http_status, cli, provider, http, entry, more, err);
}

const char *tv_service_next(const struct tv_http *http, const struct tv_json *answer)
{
	const char *next = http->next ? tv_json_text(tv_pointer_get(answer, http->next)) : NULL;

	return next && *next ? next : NULL;
}

static bool take_expires(struct tv_json *checked, const struct tv_http *http,
			 const struct tv_json *answer)
{
	int64_t when;

	if (!http->expires || !tv_http_time(&when, answer, http->expires))
		return true;
	return tv_json_put_int(checked, "expires", when);
}

/* Takes a text of an answer's, where it has a usable one, as a member. */
static bool take_text(struct tv_json *to, const char *name, const struct tv_json *answer,
		      const char *pointer, size_t most)
{
	tv_auto_secret text = {0};

	if (!pointer || !tv_pointer_text(&text, answer, pointer) || text.failed || !text.len ||
	    strlen(tv_secret_text(&text)) != text.len ||
	    !tv_text_is_shown(tv_secret_text(&text), most))
		return true;
	return tv_json_put_text(to, name, tv_secret_text(&text));
}

static bool take_fields(struct tv_json *to, const struct tv_http *http,
			const struct tv_json *answer)
{
	bool is_put = true;

	for (size_t i = 0; i < http->n_fields && is_put; i++)
		is_put = take_text(to, http->fields[i].field, answer, http->fields[i].pointer,
				   TV_FIELD_MAX);
	return is_put;
}

/* Puts what an accepted answer tells into the result, and into the entry, whose fields the requests
 * after this one may need. */
static bool take(struct tv_json *checked, struct tv_json *entry, const struct tv_http *http,
		 const struct tv_json *answer)
{
	return take_text(checked, "account", answer, http->account, ACCOUNT_MAX) &&
	       take_fields(tv_json_get(checked, "fields"), http, answer) &&
	       take_fields(tv_json_get(entry, "fields"), http, answer) &&
	       take_expires(checked, http, answer);
}

/* A field as the requests see it. */
static bool has_field(const struct tv_provider *provider, const struct tv_json *entry,
		      const char *name)
{
	const char *value = tv_json_get_text(tv_json_get(entry, "fields"), name);

	for (size_t i = 0; i < provider->n_fields && !value; i++) {
		if (!strcmp(provider->fields[i].name, name))
			value = provider->fields[i].value;
	}
	return value && *value;
}

/* Asks the requests after the first. What they can't tell is no failure: the token is good. */
static bool ask_further(struct tv_json *checked, struct tv_json *entry, struct tv_cli *cli,
			const struct tv_provider *provider)
{
	for (size_t i = 1; i < provider->n_verify; i++) {
		const struct tv_http *http = &provider->verify[i];
		tv_auto_json *answer = NULL;
		struct tv_error ignored;

		if (http->needs && !has_field(provider, entry, http->needs))
			continue;
		if (!tv_service_ask(&answer, cli, provider, http, entry, NULL, &ignored) &&
		    !take(checked, entry, http, answer))
			return false;
	}
	return true;
}

/* Without the token's id at the service its list of tokens tells when this one expires only if it is the
 * only one. Its id is not taken from there: by an id a token is ended, and that must be no guess. */
static bool ask_list(struct tv_json *checked, const struct tv_json *entry, struct tv_cli *cli,
		     const struct tv_provider *provider)
{
	const struct tv_http *http = provider->tokens;
	tv_auto_json *answer = NULL;
	const struct tv_json *items;
	struct tv_error ignored;

	if (!http || !provider->id_field || has_field(provider, entry, provider->id_field) ||
	    tv_json_get(checked, "expires") ||
	    tv_service_ask(&answer, cli, provider, http, entry, NULL, &ignored))
		return true;
	items = http->items ? tv_pointer_get(answer, http->items) : answer;
	if (!tv_json_is_array(items) || tv_json_count(items) != 1 || tv_service_next(http, answer))
		return true;
	return take_expires(checked, http, tv_json_first(items));
}

/* The token's own word on its expiry counts more than its service's. */
static bool put_own_expiry(struct tv_json *checked, const struct tv_json *entry)
{
	const char *text = tv_json_get_text(entry, "token");
	tv_auto_secret token = {0};
	int64_t when;

	tv_secret_puts(&token, text ? text : "");
	if (token.failed)
		return false;
	when = tv_jwt_expiry(&token);
	return when == TV_NEVER || tv_json_put_int(checked, "expires", when);
}

/* An entry that can be added to: `show` may leave `fields` out. */
static struct tv_json *working_copy(const struct tv_json *entry)
{
	tv_auto_json *copy = tv_json_copy(entry);
	struct tv_json *made;

	if (!tv_json_is_object(tv_json_get(copy, "fields")) &&
	    !tv_json_put(copy, "fields", tv_json_object()))
		return NULL;
	made = copy;
	copy = NULL;
	return made;
}

enum tv_status tv_service_verify(struct tv_json **checked, struct tv_cli *cli,
				 const struct tv_provider *provider, const struct tv_json *entry,
				 struct tv_error *err)
{
	tv_auto_json *made = tv_json_object();
	tv_auto_json *known = working_copy(entry);
	tv_auto_json *answer = NULL;
	enum tv_status status;
	bool is_put;

	if (!provider->n_verify)
		return tv_fail(err, TV_NO_API, "%s has no way to verify a token", provider->name);
	if (!known)
		return no_memory(err);
	status = tv_service_ask(&answer, cli, provider, &provider->verify[0], known, NULL, err);
	if (!tv_answer_is_valid(status))
		return status;
	is_put = tv_json_put_int(made, "at", (int64_t)time(NULL)) &&
		 tv_json_put_text(made, "answer", tv_status_name(status));
	if (!status)
		is_put = is_put && tv_json_put(made, "fields", tv_json_object()) &&
			 take(made, known, &provider->verify[0], answer) &&
			 ask_further(made, known, cli, provider) && put_own_expiry(made, known) &&
			 ask_list(made, known, cli, provider);
	if (!is_put)
		return no_memory(err);
	*checked = made;
	made = NULL;
	return status;
}

bool tv_service_put_result(struct tv_json *results, const struct tv_json *entry,
			   const struct tv_json *checked)
{
	struct tv_json *result = tv_json_object();
	int64_t since = 0;

	return tv_json_get_int(entry, "since", &since) && tv_json_put(results, NULL, result) &&
	       tv_call_put_name(result, entry) && tv_json_put_int(result, "since", since) &&
	       tv_json_put(result, "checked", tv_json_copy(checked));
}

enum tv_status tv_service_store_results(struct tv_cli *cli, struct tv_json *results,
					struct tv_error *err)
{
	tv_auto_json *request = tv_json_object();

	if (!tv_json_put(request, "results", results))
		return no_memory(err);
	return tv_cli_call(NULL, cli, TV_AGENT_checked, request, err);
}

enum tv_status tv_service_store(struct tv_cli *cli, const struct tv_json *entry,
				const struct tv_json *checked, struct tv_error *err)
{
	struct tv_json *results = tv_json_array();

	if (!tv_service_put_result(results, entry, checked)) {
		tv_json_free(results);
		return no_memory(err);
	}
	return tv_service_store_results(cli, results, err);
}

void tv_service_say(const struct tv_cli *cli, const struct tv_provider *provider,
		    const struct tv_json *checked)
{
	const char *name = tv_json_get_text(checked, "answer");
	const char *account = tv_json_get_text(checked, "account");
	enum tv_status answer = tv_status_by_name(name ? name : "");
	char days[TV_DAYS_CHARS];
	int64_t when;

	if (answer) {
		tv_say(cli, "%s: %s", provider->title, tv_status_sentence(answer));
		return;
	}
	if (!tv_json_get_int(checked, "expires", &when)) {
		tv_say(cli, "%s: %s", provider->title, account ? account : "the token is good");
		return;
	}
	tv_days_print(days, when, (int64_t)time(NULL));
	tv_say(cli, "%s: %s, %s", provider->title, account ? account : "the token is good", days);
}
