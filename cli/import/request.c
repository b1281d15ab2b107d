/* Requests to store what is imported: of an item that a source had, and of an entry of another vault. */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "cli/call.h"
#include "cli/import/import.h"

static enum tv_status no_memory(struct tv_error *err)
{
	return tv_fail(err, TV_NO_MEMORY, "what is imported");
}

/* What a service said of the token, as far as an entry still knows it. */
static bool put_checked(struct tv_json *request, const struct tv_json *entry)
{
	const char *from = tv_json_get_text(entry, "expires_from");
	const char *account = tv_json_get_text(entry, "account");
	int64_t verified, expires, now = time(NULL);
	bool has_expiry = tv_json_get_int(entry, "expires", &expires);
	bool is_verified = tv_json_get_int(entry, "verified", &verified);
	bool is_service = is_verified && from && !strcmp(from, "service");
	struct tv_json *checked;

	if (has_expiry && !is_service && !tv_json_put_int(request, "expires", expires))
		return false;
	if (!is_verified)
		return true;
	checked = tv_json_object();
	return tv_json_put(request, "checked", checked) &&
	       tv_json_put_int(checked, "at", verified < now ? verified : now) &&
	       tv_json_put_text(checked, "answer", tv_status_name(TV_OK)) &&
	       (!account || tv_json_put_text(checked, "account", account)) &&
	       (!has_expiry || !is_service || tv_json_put_int(checked, "expires", expires));
}

enum tv_status tv_import_request(struct tv_json **out, const struct tv_json *entry,
				 struct tv_error *err)
{
	static const char *const members[] = {"provider", "label", "token", "fields",
					      "note",	  "hosts", "deny",  NULL};
	tv_auto_json *request = tv_json_object();

	for (const char *const *m = members; *m; m++) {
		const struct tv_json *value = tv_json_get(entry, *m);

		if (value && !tv_json_is_null(value) &&
		    !tv_json_put(request, *m, tv_json_copy(value)))
			return no_memory(err);
	}
	if (!put_checked(request, entry))
		return no_memory(err);
	*out = request;
	request = NULL;
	return TV_OK;
}

static bool is_one_of(const char *name, const char *const *names)
{
	while (*names && strcmp(*names, name) != 0)
		names++;
	return *names;
}

/* The variable PROVIDER_FIELD that stands in the same file, as AWS_ACCESS_KEY_ID does. */
static const char *variable_for(const struct tv_json *items, const struct tv_provider *provider,
				const char *field)
{
	char wanted[80];

	snprintf(wanted, sizeof(wanted), "%s_%s", provider->name, field);
	for (const struct tv_json *i = tv_json_first(items); i; i = tv_json_next(i)) {
		const char *name = tv_json_get_text(i, "variable");

		if (name && !strcasecmp(name, wanted))
			return tv_json_get_text(i, "token");
	}
	return NULL;
}

/* A field from what the source knows: a pair of its name, another variable, who the user is, where the
 * service is. */
static const char *value_for(const struct tv_json *items, const struct tv_json *item,
			     const struct tv_provider *provider, const char *field,
			     const char *own_host)
{
	static const char *const users[] = {"user", "username", "login", NULL};
	static const char *const hosts[] = {"host", "machine", "registry", NULL};
	const char *username = tv_json_get_text(item, "username");

	for (const struct tv_json *j = tv_json_first(tv_json_get(item, "pairs")); j;
	     j = tv_json_next(j)) {
		if (!strcasecmp(tv_json_key(j), field))
			return tv_json_text(j);
	}
	if (tv_json_get(item, "variable"))
		return variable_for(items, provider, field);
	if (is_one_of(field, users))
		return username;
	if (is_one_of(field, hosts))
		return own_host;
	return username && !strcmp(field, "email") && strchr(username, '@') ? username : NULL;
}

static enum tv_status put_fields(struct tv_json *request, const struct tv_json *items,
				 const struct tv_json *item, const struct tv_provider *provider,
				 struct tv_error *err)
{
	struct tv_json *fields = tv_json_object();
	char host[TV_HOST_MAX];
	bool is_own = tv_import_own_host(host, item, provider);
	struct tv_error why = {""};

	if (!tv_json_put(request, "fields", fields))
		return no_memory(err);
	for (size_t i = 0; i < provider->n_fields; i++) {
		const char *name = provider->fields[i].name;
		const char *value = value_for(items, item, provider, name, is_own ? host : NULL);

		if (value && *value && tv_text_is_valid(value, TV_FIELD_MAX) &&
		    !tv_json_put_text(fields, name, value))
			return no_memory(err);
	}
	if (tv_call_check_fields(request, provider, &why))
		return tv_fail(err, TV_BAD_VALUE, "%.*s, which is not known here",
			       (int)strcspn(why.detail, ":"), why.detail);
	return TV_OK;
}

/* A note is one line here; what does not fit is left behind. */
static enum tv_status put_note(struct tv_json *request, const struct tv_json *item,
			       struct tv_error *err)
{
	const char *at = tv_json_get_text(item, "note");
	tv_auto_secret note = {0};

	while (at && *at && note.len < TV_NOTE_MAX - 4) {
		const char *start = at;
		const uint32_t c = tv_utf8_next(&at);

		if (c >= ' ' && c != 127)
			tv_secret_append(&note, start, (size_t)(at - start));
		else if (note.len && note.data[note.len - 1] != ' ')
			tv_secret_putc(&note, ' ');
	}
	if (!note.len || !tv_text_is_valid(tv_secret_text(&note), TV_NOTE_MAX))
		return TV_OK;
	return tv_json_put_text(request, "note", tv_secret_text(&note)) ? TV_OK : no_memory(err);
}

enum tv_status tv_import_item_request(struct tv_json **out, const struct tv_cli *cli,
				      const struct tv_json *items, const struct tv_json *item,
				      const struct tv_provider *provider, struct tv_error *err)
{
	const struct tv_json *entry = tv_json_get(item, "entry");
	tv_auto_json *request = entry ? NULL : tv_json_object();
	struct tv_json *hosts;
	enum tv_status status = entry ? tv_import_request(&request, entry, err) : TV_OK;

	if (status)
		return status;
	if (!tv_call_put_name(request, item))
		return no_memory(err);
	if (!entry)
		status = put_fields(request, items, item, provider, err);
	if (!status && !entry)
		status = put_note(request, item, err);
	if (!status)
		status = tv_call_put_new_token(request, tv_json_get_text(item, "token"), provider,
					       err);
	if (!status && provider) {
		status = tv_call_hosts(&hosts, cli, provider, tv_json_get(request, "fields"), false,
				       err);
		if (!status && !tv_json_put(request, "hosts", hosts))
			status = no_memory(err);
	}
	if (status)
		return status;
	*out = request;
	request = NULL;
	return TV_OK;
}
