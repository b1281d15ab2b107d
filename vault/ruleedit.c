/* The messages about access rules: rules, rule. */
#include <sodium.h>
#include <string.h>

#include "vault/request.h"
#include "vault/rules.h"

enum tv_status tv_request_rules(struct tv_json *reply, const struct tv_vault *vault,
				const struct tv_json *request, struct tv_error *err)
{
	static const char *const known[] = {"provider", "label", NULL};
	const struct tv_doc *doc = tv_vault_doc(vault);
	struct tv_json *list = tv_json_array();
	bool put = tv_json_put(reply, "rules", list);
	const struct tv_entry *only = NULL;
	enum tv_status status = tv_request_only(request, known, err);

	if (!status && tv_json_get(request, "provider"))
		status = tv_request_entry(&only, doc, request, err);
	for (size_t i = 0; put && !status && i < doc->n_rules; i++) {
		const struct tv_access_rule *r = &doc->rules[i];
		const struct tv_entry *e = tv_doc_by_id(doc, r->entry);
		struct tv_json *j;

		if (!e || (only && e != only))
			continue;
		j = tv_json_object();
		put = tv_json_put(list, NULL, j) && tv_json_put_text(j, "id", r->id) &&
		      tv_json_put_text(j, "provider", e->provider) &&
		      tv_json_put_text(j, "label", e->now.label) &&
		      tv_json_put_bool(j, "removed", e->removed) && tv_rule_put(j, r) &&
		      tv_reply_time(j, "created", r->created);
	}
	return status ? status : tv_reply_put(put, err);
}

static enum tv_status remove_rule(struct tv_json *reply, struct tv_doc *doc, const char *id,
				  struct tv_error *err)
{
	const struct tv_access_rule *r = tv_doc_rule(doc, id);

	if (!r)
		return tv_fail(err, TV_NO_ENTRY, "no rule %.40s; see: tokenvault rule list", id);
	tv_doc_remove_rule(doc, r);
	return tv_reply_put(tv_json_put_text(reply, "id", id), err);
}

static void name_rule(struct tv_access_rule *r, const struct tv_doc *doc)
{
	unsigned char id[TV_RULE_ID_CHARS / 2];

	do {
		randombytes_buf(id, sizeof id);
		sodium_bin2hex(r->id, sizeof r->id, id, sizeof id);
	} while (tv_doc_rule(doc, r->id));
}

static enum tv_status add_rule(struct tv_json *reply, struct tv_doc *doc,
			       const struct tv_json *request, int64_t now, struct tv_error *err)
{
	struct tv_access_rule rule = {0};
	const struct tv_entry *e;
	enum tv_status status = tv_request_entry(&e, doc, request, err);

	if (!status)
		status = tv_rule_read(&rule, request, err);
	if (status)
		return status;
	memcpy(rule.entry, e->id, sizeof rule.entry);
	name_rule(&rule, doc);
	rule.created = now;
	if (!tv_json_put_text(reply, "id", rule.id)) {
		tv_rule_free(&rule);
		return tv_reply_put(false, err);
	}
	status = tv_doc_add_rule(doc, &rule, tv_json_get_true(request, "first"), err);
	return status ? status : tv_reply_name(reply, e, err);
}

enum tv_status tv_request_rule(struct tv_json *reply, struct tv_vault *vault,
			       const struct tv_json *request, int64_t now, struct tv_error *err)
{
	static const char *const known[] = {
		"provider", "label",	  "verdict", "program",	    "script", "hash",
		"tty",	    "ancestor",	  "cgroup",  "no_ancestor", "until",  "reads",
		"first",    "until_exit", "remove",  "namespaces",  NULL};
	static const char *const remove[] = {"remove", NULL};
	const char *id = tv_json_get_text(request, "remove");
	enum tv_status status = tv_request_only(request, id ? remove : known, err);

	if (status)
		return status;
	return id ? remove_rule(reply, tv_vault_doc(vault), id, err)
		  : add_rule(reply, tv_vault_doc(vault), request, now, err);
}
