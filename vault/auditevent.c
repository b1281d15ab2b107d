/* Puts what messages did into words. */
#include "vault/auditevent.h"

#include <string.h>
#include <sys/random.h>

#include "vault/agent.h"

/* Messages by their numbers. */
static const char *const messages[] = {
#define TV_AGENT(number, name, kind) [number] = #name,
#include "vault/agent.def"
#undef TV_AGENT
};

bool tv_message_shows(unsigned message)
{
	return message == TV_AGENT_show || message == TV_AGENT_rotation_token;
}

bool tv_message_is_noted(const struct tv_doc *doc, unsigned message, const struct tv_json *request)
{
	const char *name = tv_json_get_text(request, "name");

	return !doc->settings.unaudited ||
	       (message == TV_AGENT_setting && name && !strcmp(name, "audit"));
}

void tv_line_show(struct tv_bytes *out, const struct tv_doc *doc, unsigned message,
		  const struct tv_json *request)
{
	const struct tv_entry *e = tv_doc_find(doc, tv_json_get_text(request, "provider"),
					       tv_json_get_text(request, "label"));

	tv_line_text(out, "event", "show");
	tv_line_text(out, "what", messages[message]);
	if (e)
		tv_line_entries(out, &e, 1);
}

static const char *text_of(const struct tv_json *a, const struct tv_json *b, const char *key)
{
	const char *text = tv_json_get_text(a, key);

	return text ? text : tv_json_get_text(b, key);
}

void tv_line_edit(struct tv_bytes *out, unsigned message, const struct tv_json *request,
		  const struct tv_json *reply)
{
	const char *provider = text_of(reply, request, "provider");
	const char *label = text_of(reply, request, "label");

	tv_line_text(out, "event", "edit");
	tv_line_text(out, "what", messages[message]);
	if (provider && label)
		tv_line_entry_name(out, provider, label);
	if (message == TV_AGENT_setting)
		tv_line_text(out, "setting", tv_json_get_text(request, "name"));
	if (message == TV_AGENT_rule)
		tv_line_text(out, "rule", text_of(reply, request, "id"));
	if (tv_json_get_text(request, "file"))
		tv_line_text(out, "file", tv_json_get_text(request, "file"));
}

bool tv_audit_epoch_make(struct tv_audit_epoch *out, const struct tv_vault *vault)
{
	const struct tv_doc *doc = tv_vault_doc(vault);

	if (!doc->has_audit || getrandom(out->id, sizeof out->id, 0) != (ssize_t)sizeof out->id)
		return false;
	memcpy(out->vault, tv_vault_header(vault)->vault_id, sizeof out->vault);
	tv_doc_epoch_key(out->key, doc, out->id);
	return true;
}
