/* Rules as JSON, in the document and in messages, and their place in the document. */
#include <string.h>

#include "vault/arena.h"
#include "vault/entry.h"
#include "vault/hex.h"
#include "vault/rules.h"

static const char *const verdicts[] = {"deny", "allow", "ask"};

const char *tv_access_name(enum tv_access verdict)
{
	return verdicts[verdict];
}

void tv_rule_free(struct tv_access_rule *r)
{
	tv_arena_free(r->program);
	tv_arena_free(r->script);
	tv_arena_free(r->ancestor);
	tv_arena_free(r->cgroup);
	for (size_t i = 0; i < r->n_no_ancestor; i++)
		tv_arena_free(r->no_ancestor[i]);
	tv_arena_free(r->no_ancestor);
	*r = (struct tv_access_rule){0};
}

const struct tv_access_rule *tv_doc_rule(const struct tv_doc *doc, const char *id)
{
	for (size_t i = 0; i < doc->n_rules; i++)
		if (!strcmp(doc->rules[i].id, id))
			return &doc->rules[i];
	return NULL;
}

static size_t count_watched(const struct tv_doc *doc)
{
	size_t n = 0;

	for (size_t i = 0; i < doc->n_rules; i++)
		n += doc->rules[i].exit_pid != 0;
	return n;
}

enum tv_status tv_doc_add_rule(struct tv_doc *doc, struct tv_access_rule *rule, bool first,
			       struct tv_error *err)
{
	struct tv_access_rule *rules = NULL;
	enum tv_status status = TV_OK;

	if (doc->n_rules >= TV_RULES_MAX)
		status = tv_fail(err, TV_REFUSED, "a vault has at most %d rules", TV_RULES_MAX);
	else if (rule->exit_pid && count_watched(doc) >= TV_CALLER_WATCHED)
		status = tv_fail(err, TV_REFUSED,
				 "at most %d rules end with a process; to take one away: "
				 "tokenvault rule remove",
				 TV_CALLER_WATCHED);
	else if (!(rules = tv_grow(doc->rules, doc->n_rules, sizeof *rules)))
		status = tv_fail(err, TV_NO_MEMORY, "for a rule");
	if (status) {
		tv_rule_free(rule);
		return status;
	}
	doc->rules = rules;
	if (first)
		memmove(rules + 1, rules, doc->n_rules * sizeof *rules);
	rules[first ? 0 : doc->n_rules] = *rule;
	doc->n_rules++;
	*rule = (struct tv_access_rule){0};
	return TV_OK;
}

void tv_doc_remove_rule(struct tv_doc *doc, const struct tv_access_rule *rule)
{
	const size_t i = (size_t)(rule - doc->rules);
	struct tv_access_rule *at = &doc->rules[i];

	tv_rule_free(at);
	memmove(at, at + 1, (doc->n_rules - i - 1) * sizeof *at);
	doc->n_rules--;
}

static enum tv_status out_of_bounds(const char *what, struct tv_error *err)
{
	return tv_fail(err, TV_BAD_VALUE, "a rule's %s is out of bounds", what);
}

static enum tv_status read_text(char **out, const struct tv_json *j, const char *key, bool is_path,
				struct tv_error *err)
{
	const char *text = tv_json_get_text(j, key);

	if (!tv_json_get(j, key))
		return TV_OK;
	if (!text || !*text || (is_path && *text != '/') ||
	    !tv_text_is_valid(text, TV_RULE_TEXT_MAX))
		return out_of_bounds(key, err);
	*out = tv_arena_strdup(text);
	return *out ? TV_OK : tv_fail(err, TV_NO_MEMORY, "for a rule");
}

static enum tv_status read_names(struct tv_access_rule *r, const struct tv_json *list,
				 struct tv_error *err)
{
	const size_t n = tv_json_count(list);

	if (!list)
		return TV_OK;
	if (!tv_json_is_array(list) || !n || n > TV_RULE_NAMES_MAX)
		return out_of_bounds("no_ancestor", err);
	r->no_ancestor = tv_arena_alloc(n * sizeof *r->no_ancestor);
	if (!r->no_ancestor)
		return tv_fail(err, TV_NO_MEMORY, "for a rule");
	for (const struct tv_json *j = tv_json_first(list); j; j = tv_json_next(j)) {
		const char *name = tv_json_text(j);

		if (!name || !*name || strchr(name, '/') ||
		    !tv_text_is_valid(name, TV_RULE_NAME_MAX))
			return out_of_bounds("no_ancestor", err);
		r->no_ancestor[r->n_no_ancestor] = tv_arena_strdup(name);
		if (!r->no_ancestor[r->n_no_ancestor])
			return tv_fail(err, TV_NO_MEMORY, "for a rule");
		r->n_no_ancestor++;
	}
	return TV_OK;
}

/* Members that are there only when they are true. */
static enum tv_status read_truth(bool *out, const struct tv_json *j, const char *key,
				 struct tv_error *err)
{
	*out = tv_json_get_true(j, key);
	return *out || !tv_json_get(j, key) ? TV_OK : out_of_bounds(key, err);
}

static enum tv_status read_ends(struct tv_access_rule *r, const struct tv_json *j,
				struct tv_error *err)
{
	const struct tv_json *exit = tv_json_get(j, "until_exit");
	int64_t pid = 0, start = 0;

	if (tv_json_get(j, "until") && (!tv_json_get_int(j, "until", &r->until) || r->until <= 0))
		return out_of_bounds("until", err);
	if (tv_json_get(j, "reads") && (!tv_json_get_int(j, "reads", &r->reads) || r->reads < 1 ||
					r->reads > TV_RULE_READS_MAX))
		return out_of_bounds("reads", err);
	if (!exit)
		return TV_OK;
	if (tv_json_count(exit) != 2 || !tv_json_get_int(exit, "pid", &pid) || pid < 1 ||
	    pid > INT32_MAX || !tv_json_get_int(exit, "start", &start) || start < 1)
		return out_of_bounds("until_exit", err);
	r->exit_pid = (int32_t)pid;
	r->exit_start = (uint64_t)start;
	return TV_OK;
}

static enum tv_status read_all(struct tv_access_rule *r, const struct tv_json *j,
			       struct tv_error *err)
{
	const char *verdict = tv_json_get_text(j, "verdict");
	enum tv_status status = TV_OK;
	size_t v = 0;

	while (v < 3 && verdict && strcmp(verdict, verdicts[v]) != 0)
		v++;
	if (!verdict || v == 3)
		return out_of_bounds("verdict", err);
	r->verdict = (enum tv_access)v;
	r->has_hash = tv_json_get(j, "hash");
	if (r->has_hash && !tv_json_get_hex(j, "hash", r->hash, sizeof r->hash))
		return out_of_bounds("hash", err);
	status = read_text(&r->program, j, "program", true, err);
	if (!status)
		status = read_text(&r->script, j, "script", true, err);
	if (!status)
		status = read_text(&r->ancestor, j, "ancestor", true, err);
	if (!status)
		status = read_text(&r->cgroup, j, "cgroup", false, err);
	if (!status)
		status = read_names(r, tv_json_get(j, "no_ancestor"), err);
	if (!status)
		status = read_truth(&r->tty, j, "tty", err);
	if (!status)
		status = read_truth(&r->namespaces, j, "namespaces", err);
	if (!status)
		status = read_ends(r, j, err);
	/* A script or a hash is of some program. */
	if (!status && !r->program && (r->script || r->has_hash))
		status = out_of_bounds("program", err);
	return status;
}

enum tv_status tv_rule_read(struct tv_access_rule *out, const struct tv_json *j,
			    struct tv_error *err)
{
	struct tv_access_rule made = {0};
	enum tv_status status = read_all(&made, j, err);

	if (status) {
		tv_rule_free(&made);
		return status;
	}
	*out = made;
	return TV_OK;
}

static bool put_names(struct tv_json *j, const struct tv_access_rule *r)
{
	struct tv_json *list = r->n_no_ancestor ? tv_json_array() : NULL;
	bool put = !r->n_no_ancestor || tv_json_put(j, "no_ancestor", list);

	for (size_t i = 0; put && i < r->n_no_ancestor; i++)
		put = tv_json_put_text(list, NULL, r->no_ancestor[i]);
	return put;
}

static bool put_exit(struct tv_json *j, const struct tv_access_rule *r)
{
	struct tv_json *exit = r->exit_pid ? tv_json_object() : NULL;

	return !r->exit_pid ||
	       (tv_json_put(j, "until_exit", exit) && tv_json_put_int(exit, "pid", r->exit_pid) &&
		tv_json_put_int(exit, "start", (int64_t)r->exit_start));
}

static bool put_text(struct tv_json *j, const char *key, const char *text)
{
	return !text || tv_json_put_text(j, key, text);
}

bool tv_rule_put(struct tv_json *j, const struct tv_access_rule *r)
{
	return tv_json_put_text(j, "verdict", verdicts[r->verdict]) &&
	       put_text(j, "program", r->program) && put_text(j, "script", r->script) &&
	       (!r->has_hash || tv_json_put_hex(j, "hash", r->hash, sizeof r->hash)) &&
	       put_text(j, "ancestor", r->ancestor) && put_names(j, r) &&
	       (!r->tty || tv_json_put_bool(j, "tty", true)) && put_text(j, "cgroup", r->cgroup) &&
	       (!r->namespaces || tv_json_put_bool(j, "namespaces", true)) &&
	       (!r->until || tv_json_put_int(j, "until", r->until)) &&
	       (!r->reads || tv_json_put_int(j, "reads", r->reads)) && put_exit(j, r);
}
