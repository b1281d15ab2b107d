/* What services say of tokens: taking it over, and the message checked. */
#include "vault/checked.h"

#include <string.h>

#include "vault/arena.h"
#include "vault/http.h"
#include "vault/request.h"

static enum tv_status take_account(struct tv_entry *e, const struct tv_json *account, int64_t now,
				   struct tv_error *err)
{
	const char *text = tv_json_text(account);
	enum tv_status status;

	if (!account || tv_json_is_null(account))
		return TV_OK;
	if (!text)
		return tv_fail(err, TV_BAD_VALUE, "an account is no text");
	if (e->now.account && !strcmp(e->now.account, text))
		return TV_OK;
	status = tv_version_set_account(&e->now, text, err);
	if (!status)
		e->updated = now;
	return status;
}

static enum tv_status take_fields(struct tv_entry *e, const struct tv_json *fields, int64_t now,
				  struct tv_error *err)
{
	if (fields && !tv_json_is_object(fields))
		return tv_fail(err, TV_BAD_VALUE, "the fields are no object");
	for (struct tv_json *f = tv_json_first(fields); f; f = tv_json_next(f)) {
		const char *before = tv_version_field(&e->now, tv_json_key(f));
		const char *value = tv_json_text(f);
		enum tv_status status;

		if (!value)
			return tv_fail(err, TV_BAD_VALUE, "a field is no text");
		if (before && !strcmp(before, value))
			continue;
		status = tv_version_set_field(&e->now, tv_json_key(f), value, err);
		if (status)
			return status;
		e->updated = now;
	}
	return TV_OK;
}

enum tv_status tv_checked_apply(struct tv_entry *e, const struct tv_json *checked, int64_t now,
				struct tv_error *err)
{
	static const char *const known[] = {"at", "answer", "account", "expires", "fields", NULL};
	const char *name = tv_json_get_text(checked, "answer");
	const enum tv_status answer = name ? tv_status_by_name(name) : TV_FAILED;
	enum tv_status status = tv_request_only(checked, known, err);
	int64_t expires;
	int64_t at;
	bool given;

	if (status)
		return status;
	if (!tv_answer_is_valid(answer) || !tv_json_get_int(checked, "at", &at) || at <= 0)
		return tv_fail(err, TV_BAD_VALUE, "a check wants a time and a known answer");
	status = tv_request_time(&expires, &given, checked, "expires", err);
	if (!status && answer == TV_OK) {
		status = take_account(e, tv_json_get(checked, "account"), now, err);
		if (!status)
			status = take_fields(e, tv_json_get(checked, "fields"), now, err);
		if (!status && expires)
			tv_version_set_expires(&e->now, expires, TV_EXPIRY_SERVICE);
	}
	if (status)
		return status;
	e->tried = at;
	e->answer = answer;
	if (answer == TV_OK) {
		e->verified = at;
		e->now.ended = 0;
	}
	return TV_OK;
}

/* Stores one result, unless the entry, or this version of it, is no longer there. */
static enum tv_status store(int64_t *stored, struct tv_doc *doc, const struct tv_json *result,
			    int64_t now, struct tv_error *err)
{
	static const char *const known[] = {"provider", "label", "since", "checked", NULL};
	enum tv_status status = tv_request_only(result, known, err);
	const char *provider;
	const char *label;
	const struct tv_entry *e;
	struct tv_entry *own;
	int64_t since;

	if (!status)
		status = tv_request_name(&provider, &label, result, err);
	if (status)
		return status;
	if (!label || !tv_json_get_int(result, "since", &since))
		return tv_fail(err, TV_BAD_VALUE, "a result wants a label and a time");
	e = tv_doc_find(doc, provider, label);
	if (!e || e->now.since != since)
		return TV_OK;
	status = tv_doc_own(&own, doc, e, err);
	if (!status)
		status = tv_checked_apply(own, tv_json_get(result, "checked"), now, err);
	*stored += !status;
	return status;
}

enum tv_status tv_request_checked(struct tv_json *reply, struct tv_vault *vault,
				  const struct tv_json *request, int64_t now, struct tv_error *err)
{
	static const char *const known[] = {"results", NULL};
	const struct tv_json *results = tv_json_get(request, "results");
	enum tv_status status = tv_request_only(request, known, err);
	int64_t stored = 0;

	if (!status && !tv_json_is_array(results))
		status = tv_fail(err, TV_BAD_VALUE, "the results are no list");
	for (struct tv_json *r = tv_json_first(results); r && !status; r = tv_json_next(r))
		status = store(&stored, tv_vault_doc(vault), r, now, err);
	return status ? status : tv_reply_put(tv_json_put_int(reply, "stored", stored), err);
}
