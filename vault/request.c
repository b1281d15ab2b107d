/* Requests on an open vault: dispatch by the table in agent.def, and what the handlers share. */
#include "vault/request.h"

#include <string.h>

#include "vault/arena.h"

enum tv_status tv_request_only(const struct tv_json *request, const char *const *names,
			       struct tv_error *err)
{
	if (!tv_json_is_object(request))
		return tv_fail(err, TV_BAD_VALUE, "the request is no object");
	for (struct tv_json *m = tv_json_first(request); m; m = tv_json_next(m)) {
		const char *const *known = names;

		while (*known && strcmp(*known, tv_json_key(m)))
			known++;
		if (!*known)
			return tv_fail(err, TV_BAD_VALUE, "the request's member %.40s is not known",
				       tv_json_key(m));
	}
	return TV_OK;
}

enum tv_status tv_request_name(const char **provider, const char **label,
			       const struct tv_json *request, struct tv_error *err)
{
	*provider = tv_json_get_text(request, "provider");
	*label = tv_json_get_text(request, "label");
	if (!*provider || !tv_provider_name_is_valid(*provider))
		return tv_fail(err, TV_BAD_VALUE,
			       "a service's name is 1 to 32 of a-z 0-9 -, not beginning with -");
	if (tv_json_get(request, "label") && (!*label || !tv_label_is_valid(*label)))
		return tv_fail(err, TV_BAD_VALUE, "a label is 1 to %d of A-Z a-z 0-9 . _ -",
			       TV_LABEL_MAX);
	return TV_OK;
}

enum tv_status tv_request_entry(const struct tv_entry **out, const struct tv_doc *doc,
				const struct tv_json *request, struct tv_error *err)
{
	const char *provider;
	const char *label;
	enum tv_status status = tv_request_name(&provider, &label, request, err);

	if (status)
		return status;
	*out = tv_doc_find(doc, provider, label);
	if (!*out)
		return tv_fail(err, TV_NO_ENTRY, "%s%s%s; see: tokenvault list", provider,
			       label ? "/" : "", label ? label : "");
	return TV_OK;
}

enum tv_status tv_request_own(struct tv_entry **out, struct tv_doc *doc,
			      const struct tv_json *request, struct tv_error *err)
{
	const struct tv_entry *e;
	enum tv_status status = tv_request_entry(&e, doc, request, err);

	return status ? status : tv_doc_own(out, doc, e, err);
}

enum tv_status tv_request_time(int64_t *out, bool *given, const struct tv_json *request,
			       const char *key, struct tv_error *err)
{
	const struct tv_json *j = tv_json_get(request, key);

	*out = 0;
	*given = j;
	if (!j || tv_json_is_null(j) || (tv_json_int(j, out) && *out >= 0))
		return TV_OK;
	return tv_fail(err, TV_BAD_VALUE, "%s is no time", key);
}

bool tv_reply_time(struct tv_json *j, const char *key, int64_t time)
{
	return time ? tv_json_put_int(j, key, time) : tv_json_put_null(j, key);
}

bool tv_reply_expiry(struct tv_json *reply, const struct tv_version *v)
{
	return tv_reply_time(reply, "expires", v->expires) &&
	       tv_json_put_text(reply, "expires_from", tv_expiry_name(v->expires_from));
}

enum tv_status tv_reply_put(bool put, struct tv_error *err)
{
	return put ? TV_OK : tv_fail(err, TV_NO_MEMORY, "for a reply");
}

enum tv_status tv_reply_name(struct tv_json *reply, const struct tv_entry *e, struct tv_error *err)
{
	return tv_reply_put(tv_json_put_text(reply, "provider", e->provider) &&
				    tv_json_put_text(reply, "label", e->now.label),
			    err);
}

#define TV_HANDLER_READ(name)                                                                      \
	case TV_AGENT_##name:                                                                      \
		status = tv_request_##name(made, vault, request, err);                             \
		break;
#define TV_HANDLER_EDIT(name)
#define TV_HANDLER_KEYS(name)
#define TV_HANDLER_SERVER(name)
#define TV_AGENT(number, name, kind) TV_HANDLER_##kind(name)

enum tv_status tv_agent_read(struct tv_json **reply, const struct tv_vault *vault,
			     enum tv_agent_message message, const struct tv_json *request,
			     struct tv_error *err)
{
	tv_auto_json *made = tv_json_object();
	enum tv_status status = tv_reply_put(made, err);

	if (status)
		return status;
	switch ((unsigned)message) {
#include "vault/agent.def"
	default:
		status = tv_fail(err, TV_BAD_VALUE, "message %u does not read", message);
	}
	if (status)
		return status;
	*reply = made;
	made = NULL;
	return TV_OK;
}

enum tv_status tv_agent_print(struct tv_secret *out, const struct tv_vault *vault,
			      enum tv_agent_message message, const struct tv_json *request,
			      struct tv_error *err)
{
	tv_auto_json *reply = NULL;
	enum tv_status status;

	if (message == TV_AGENT_list)
		return tv_print_list(out, vault, request, err);
	if (message == TV_AGENT_show)
		return tv_print_show(out, vault, request, err);
	if (message == TV_AGENT_expiring)
		return tv_print_expiring(out, vault, request, err);
	status = tv_agent_read(&reply, vault, message, request, err);
	return status ? status : tv_json_print(out, reply, err);
}

/* Whoever changes keys has to have one: else any program that reaches an unlocked server could make
 * itself a key, and read the vault with it after it was locked. */
static enum tv_status check_proof(const struct tv_vault *vault, const struct tv_json *request,
				  struct tv_error *err)
{
	const struct tv_json *proof = tv_json_get(request, "proof");
	tv_auto_slot_key key = {0};

	if (!tv_json_get_hex(proof, "slot", key.uuid, sizeof key.uuid) ||
	    !tv_json_get_hex(proof, "key", key.key, sizeof key.key))
		return tv_fail(err, TV_WRONG_KEY, "who changes keys has to prove one");
	return tv_vault_check_key(vault, &key, err);
}

#undef TV_HANDLER_READ
#undef TV_HANDLER_EDIT
#undef TV_HANDLER_KEYS
#define TV_HANDLER_READ(name)
#define TV_HANDLER_KEYS(name) TV_HANDLER_EDIT(name)
#define TV_HANDLER_EDIT(name)                                                                      \
	case TV_AGENT_##name:                                                                      \
		status = tv_request_##name(made, vault, request, now, err);                        \
		break;

enum tv_status tv_agent_edit(struct tv_json **reply, struct tv_vault *vault,
			     enum tv_agent_message message, const struct tv_json *request,
			     int64_t now, struct tv_error *err)
{
	tv_auto_json *made = tv_json_object();
	enum tv_status status = tv_reply_put(tv_json_put_text(made, "backup", "keep"), err);

	if (!status && tv_agent_kind(message) == TV_AGENT_KEYS)
		status = check_proof(vault, request, err);
	if (status)
		return status;
	tv_doc_make_audit(tv_vault_doc(vault));
	switch ((unsigned)message) {
#include "vault/agent.def"
	default:
		status = tv_fail(err, TV_BAD_VALUE, "message %u does not edit", message);
	}
	if (!status)
		status = tv_doc_settle(tv_vault_doc(vault), err);
	if (status)
		return status;
	*reply = made;
	made = NULL;
	return TV_OK;
}

enum tv_status tv_agent_next(struct tv_json **reply, struct tv_secret *next, struct tv_vault *vault,
			     enum tv_agent_message message, const struct tv_json *request,
			     int64_t now, const struct tv_outlet *outlet, struct tv_error *err)
{
	tv_auto_json *made = NULL;
	struct tv_outlet ahead = outlet ? *outlet : (struct tv_outlet){0};
	tv_auto_secret file = {0};
	struct tv_seen seen;
	enum tv_status status = tv_agent_edit(&made, vault, message, request, now, err);

	if (!status)
		status = tv_vault_print(&file, vault, err);
	if (status)
		return status;
	seen = tv_vault_seen(vault);
	status = tv_reply_put(tv_json_put(made, "seen", tv_seen_to_json(&seen)), err);
	ahead.answer = made;
	if (!status)
		status = tv_vault_encrypt(&file, vault, outlet ? &ahead : NULL, err);
	if (status)
		return status;
	tv_secret_move(next, &file);
	*reply = made;
	made = NULL;
	return TV_OK;
}

struct tv_json *tv_seen_to_json(const struct tv_seen *seen)
{
	struct tv_json *j = tv_json_object();

	if (tv_json_put_hex(j, "vault_id", seen->vault_id, sizeof seen->vault_id) &&
	    tv_json_put_int(j, "generation", (int64_t)seen->generation) &&
	    tv_json_put_hex(j, "mac", seen->mac, sizeof seen->mac) &&
	    tv_json_put_hex(j, "pin", seen->pin, sizeof seen->pin))
		return j;
	tv_json_free(j);
	return NULL;
}

bool tv_seen_from_json(struct tv_seen *out, const struct tv_json *j)
{
	struct tv_seen seen;
	int64_t generation;

	if (!tv_json_get_hex(j, "vault_id", seen.vault_id, sizeof seen.vault_id) ||
	    !tv_json_get_int(j, "generation", &generation) || generation < 0 ||
	    !tv_json_get_hex(j, "mac", seen.mac, sizeof seen.mac) ||
	    !tv_json_get_hex(j, "pin", seen.pin, sizeof seen.pin))
		return false;
	seen.generation = (uint64_t)generation;
	*out = seen;
	return true;
}
