/* What the user chose, as the document's JSON: strict parsing. */
#include <string.h>

#include "vault/docjson.h"
#include "vault/path.h"
#include "vault/rules.h"

/* The members provider, file and, where there is one, entry, which is an entry of that provider. */
static bool get_about(struct tv_own_path *out, const struct tv_doc *doc, const struct tv_json *j)
{
	const char *provider = tv_json_get_text(j, "provider");
	const char *file = tv_json_get_text(j, "file");
	const char *id = tv_json_get_text(j, "entry");
	const struct tv_entry *e = id ? tv_doc_by_id(doc, id) : NULL;

	if (!provider || !tv_provider_name_is_valid(provider) || !file ||
	    !tv_file_name_is_valid(file) || (tv_json_get(j, "entry") && !e) ||
	    (e && strcmp(e->provider, provider)))
		return false;
	*out = (struct tv_own_path){.provider = (char *)(uintptr_t)provider,
				    .file = (char *)(uintptr_t)file};
	if (e)
		memcpy(out->entry, e->id, sizeof out->entry);
	return true;
}

/* A vault without any has no such member: the first ones had not. */
static enum tv_status parse_switches(struct tv_doc *doc, const struct tv_json *list,
				     struct tv_error *err)
{
	static const char *const known[] = {"provider", "entry", "file", "on", NULL};

	if (list && !tv_json_is_array(list))
		return tv_doc_damaged(err, "the views are no list");
	for (struct tv_json *j = tv_json_first(list); j; j = tv_json_next(j)) {
		struct tv_own_path about;
		enum tv_status status = tv_doc_only(j, known, err);
		const char *entry = about.entry;

		if (status)
			return status;
		if (!get_about(&about, doc, j) || !tv_json_is_bool(tv_json_get(j, "on")))
			return tv_doc_damaged(err, "a view is out of bounds");
		entry = *entry ? entry : NULL;
		if (tv_doc_switch(doc, about.provider, about.file, entry) ||
		    doc->n_switches >= TV_SWITCHES_MAX)
			return tv_doc_damaged(err, "the views are too many");
		status = tv_doc_set_switch(doc, about.provider, about.file, entry,
					   tv_json_get_true(j, "on"), err);
		if (status)
			return status;
	}
	return TV_OK;
}

static enum tv_status parse_paths(struct tv_doc *doc, const struct tv_json *list,
				  struct tv_error *err)
{
	static const char *const known[] = {"provider", "entry", "file", "path", NULL};

	if (list && !tv_json_is_array(list))
		return tv_doc_damaged(err, "the paths are no list");
	for (struct tv_json *j = tv_json_first(list); j; j = tv_json_next(j)) {
		const char *path = tv_json_get_text(j, "path");
		struct tv_own_path own;
		enum tv_status status = tv_doc_only(j, known, err);

		if (status)
			return status;
		if (!get_about(&own, doc, j) || !path || !tv_path_is_own(path) ||
		    tv_doc_path(doc, path) || doc->n_paths >= TV_PATHS_MAX)
			return tv_doc_damaged(err, "a path is out of bounds");
		own.path = (char *)(uintptr_t)path;
		status = tv_doc_add_path(doc, &own, err);
		if (status)
			return status;
	}
	return TV_OK;
}

/* Only what is set is there. */
static enum tv_status parse_settings(struct tv_settings *s, const struct tv_json *j,
				     struct tv_error *err)
{
	const struct tv_json *hosts = tv_json_get(j, "private_hosts");
	enum tv_status status = TV_OK;

	if (j && !tv_json_is_object(j))
		return tv_doc_damaged(err, "an object is missing");
	for (struct tv_json *m = tv_json_first(j); m; m = tv_json_next(m))
		if (!tv_setting_exists(tv_json_key(m)))
			return tv_fail(err, TV_NEWER, "the setting %.40s is not known",
				       tv_json_key(m));
	for (struct tv_json *m = tv_json_first(j); m && !status; m = tv_json_next(m)) {
		if (tv_json_is_null(m) || (m == hosts) != tv_json_is_array(m))
			return tv_doc_damaged(err, "a setting is out of bounds");
		status = tv_settings_set(s, tv_json_key(m), m, err);
	}
	if (status == TV_BAD_VALUE || (!status && tv_json_count(hosts) != s->private_hosts.count))
		return tv_doc_damaged(err, "a setting is out of bounds");
	return status;
}

static enum tv_status parse_rule(struct tv_doc *doc, const struct tv_json *j, struct tv_error *err)
{
	static const char *const known[] = {"id",      "entry",	      "verdict",    "created",
					    "program", "script",      "hash",	    "ancestor",
					    "tty",     "no_ancestor", "cgroup",	    "until",
					    "reads",   "until_exit",  "namespaces", NULL};
	static const char *const of_exit[] = {"pid", "start", NULL};
	const char *id = tv_json_get_text(j, "id");
	const char *entry = tv_json_get_text(j, "entry");
	struct tv_access_rule rule;
	int64_t created;
	enum tv_status status = tv_doc_only(j, known, err);

	if (!status && tv_json_get(j, "until_exit"))
		status = tv_doc_only(tv_json_get(j, "until_exit"), of_exit, err);
	if (status)
		return status;
	if (!id || strlen(id) != TV_RULE_ID_CHARS ||
	    strspn(id, "0123456789abcdef") != TV_RULE_ID_CHARS || tv_doc_rule(doc, id) || !entry ||
	    !tv_doc_by_id(doc, entry) || !tv_doc_time(&created, j, "created"))
		return tv_doc_damaged(err, "a rule is out of bounds");
	status = tv_rule_read(&rule, j, err);
	if (status == TV_BAD_VALUE)
		return tv_doc_damaged(err, "a rule is out of bounds");
	if (status)
		return status;
	memcpy(rule.id, id, sizeof rule.id);
	memcpy(rule.entry, entry, sizeof rule.entry);
	rule.created = created;
	status = tv_doc_add_rule(doc, &rule, false, err);
	return status == TV_REFUSED ? tv_doc_damaged(err, "the rules are too many") : status;
}

static enum tv_status parse_rules(struct tv_doc *doc, const struct tv_json *list,
				  struct tv_error *err)
{
	enum tv_status status = TV_OK;

	if (list && !tv_json_is_array(list))
		return tv_doc_damaged(err, "the rules are no list");
	for (struct tv_json *j = tv_json_first(list); j && !status; j = tv_json_next(j))
		status = parse_rule(doc, j, err);
	return status;
}

enum tv_status tv_choices_parse(struct tv_doc *doc, const struct tv_json *j, struct tv_error *err)
{
	enum tv_status status = parse_switches(doc, tv_json_get(j, "views"), err);

	if (!status)
		status = parse_paths(doc, tv_json_get(j, "paths"), err);
	if (!status)
		status = parse_rules(doc, tv_json_get(j, "rules"), err);
	return status ? status : parse_settings(&doc->settings, tv_json_get(j, "settings"), err);
}
