/* Which entries a run is given, and a vault that holds nothing else. */
#include <string.h>

#include "cli/call.h"
#include "cli/run/run.h"

static enum tv_status no_memory(struct tv_error *err)
{
	return tv_fail(err, TV_NO_MEMORY, "the entries");
}

static bool has_entry(const struct tv_json *list, const struct tv_json *entry)
{
	const char *id = tv_json_get_text(entry, "id");

	for (const struct tv_json *e = tv_json_first(list); e; e = tv_json_next(e)) {
		if (!strcmp(tv_json_get_text(e, "id"), id))
			return true;
	}
	return false;
}

static enum tv_status add_entry(struct tv_json *list, struct tv_cli *cli, const char *word,
				struct tv_error *err)
{
	tv_auto_json *request = NULL, *entry = NULL;
	struct tv_json *added;
	enum tv_status status = tv_call_new(&request, word, err);

	if (!status)
		status = tv_cli_call(&entry, cli, TV_AGENT_show, request, err);
	if (status || has_entry(list, entry))
		return status;
	added = entry;
	entry = NULL;
	return tv_json_put(list, NULL, added) ? TV_OK : no_memory(err);
}

enum tv_status tv_run_entries(struct tv_json **out, struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *list = tv_json_array();
	enum tv_status status = TV_OK;

	for (const char *at = tv_args_word(cli->args, 0); at && !status;) {
		const size_t len = strcspn(at, ",");
		char word[200];

		if (!len || len >= sizeof(word))
			return tv_fail(err, TV_USAGE,
				       "entries are PROVIDER or PROVIDER/LABEL, with commas "
				       "between");
		memcpy(word, at, len);
		word[len] = '\0';
		status = add_entry(list, cli, word, err);
		at = at[len] ? at + len + 1 : NULL;
	}
	if (!status && !list)
		status = no_memory(err);
	if (status)
		return status;
	*out = list;
	list = NULL;
	return TV_OK;
}

/* One as the message has it that made it. */
static enum tv_status copy_rule(struct tv_scratch *s, const struct tv_json *rule,
				struct tv_error *err)
{
	static const char *const others[] = {"id", "removed", "created"};
	tv_auto_json *request = tv_json_copy(rule);

	if (!request)
		return no_memory(err);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		tv_json_remove(request, others[i]);
	return tv_scratch_call(NULL, s, TV_AGENT_rule, request, err);
}

static enum tv_status copy_rules(struct tv_scratch *s, struct tv_cli *cli,
				 const struct tv_json *entry, struct tv_error *err)
{
	tv_auto_json *request = tv_json_object(), *reply = NULL;
	enum tv_status status;

	if (!tv_call_put_name(request, entry))
		return no_memory(err);
	status = tv_cli_call(&reply, cli, TV_AGENT_rules, request, err);
	for (const struct tv_json *r = tv_json_first(tv_json_get(reply, "rules")); r && !status;
	     r = tv_json_next(r))
		status = copy_rule(s, r, err);
	return status;
}

static bool is_first_of_service(const struct tv_json *entries, const struct tv_json *entry)
{
	const char *provider = tv_json_get_text(entry, "provider");

	for (const struct tv_json *e = tv_json_first(entries); e != entry; e = tv_json_next(e)) {
		if (!strcmp(tv_json_get_text(e, "provider"), provider))
			return false;
	}
	return true;
}

/* What is asked for is used, whichever is otherwise. */
static enum tv_status use_first(struct tv_scratch *s, const struct tv_json *entries,
				struct tv_error *err)
{
	enum tv_status status = TV_OK;

	for (const struct tv_json *e = tv_json_first(entries); e && !status; e = tv_json_next(e)) {
		tv_auto_json *request = tv_json_object();

		if (!is_first_of_service(entries, e))
			continue;
		if (!tv_call_put_name(request, e))
			return no_memory(err);
		status = tv_scratch_call(NULL, s, TV_AGENT_use, request, err);
	}
	return status;
}

enum tv_status tv_run_vault(struct tv_scratch **out, struct tv_cli *cli,
			    const struct tv_json *entries, struct tv_error *err)
{
	tv_auto_scratch *s = NULL;
	enum tv_status status = tv_scratch_new(&s, err);

	for (const struct tv_json *e = tv_json_first(entries); e && !status; e = tv_json_next(e)) {
		status = tv_scratch_copy_entry(s, cli, e, err);
		if (!status)
			status = copy_rules(s, cli, e, err);
	}
	if (!status)
		status = use_first(s, entries, err);
	if (status)
		return status;
	*out = s;
	s = NULL;
	return TV_OK;
}
