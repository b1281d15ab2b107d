/* Decides who may read: the first rule that fits a caller. */
#include "vault/rules.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vault/entries.h"

#define COMM_MAX 15 /* bytes that the kernel keeps of a process' name */

#define ANSWERS_MAX 1000 /* remembered; the oldest goes first */

void tv_rule_answers_forget(struct tv_rule_uses *uses)
{
	free(uses->answers);
	uses->answers = NULL;
	uses->n_answers = 0;
}

void tv_rule_uses_free(struct tv_rule_uses *uses)
{
	tv_rule_answers_forget(uses);
	free(uses->at);
	*uses = (struct tv_rule_uses){0};
}

static int64_t uses_of(const struct tv_rule_uses *uses, const struct tv_access_rule *r)
{
	for (size_t i = 0; i < uses->count; i++)
		if (!strcmp(uses->at[i].id, r->id))
			return uses->at[i].count;
	return 0;
}

static bool count_use(struct tv_rule_uses *uses, const struct tv_access_rule *r)
{
	struct tv_rule_use *grown;

	for (size_t i = 0; i < uses->count; i++)
		if (!strcmp(uses->at[i].id, r->id)) {
			uses->at[i].count++;
			return true;
		}
	grown = reallocarray(uses->at, uses->count + 1, sizeof *grown);
	if (!grown)
		return false;
	uses->at = grown;
	grown[uses->count] = (struct tv_rule_use){.count = 1};
	memcpy(grown[uses->count++].id, r->id, sizeof r->id);
	return true;
}

static bool is_answered(const struct tv_rule_uses *uses, const struct tv_entry *e,
			const unsigned char who[static TV_HASH_BYTES])
{
	for (size_t i = 0; i < uses->n_answers; i++)
		if (!strcmp(uses->answers[i].entry, e->id) &&
		    !memcmp(uses->answers[i].who, who, TV_HASH_BYTES))
			return true;
	return false;
}

static bool answer(struct tv_rule_uses *uses, const struct tv_entry *e,
		   const unsigned char who[static TV_HASH_BYTES])
{
	struct tv_rule_answer *grown;

	if (uses->n_answers == ANSWERS_MAX)
		memmove(uses->answers, uses->answers + 1,
			--uses->n_answers * sizeof *uses->answers);
	grown = reallocarray(uses->answers, uses->n_answers + 1, sizeof *grown);
	if (!grown)
		return false;
	uses->answers = grown;
	memcpy(grown[uses->n_answers].entry, e->id, sizeof e->id);
	memcpy(grown[uses->n_answers++].who, who, TV_HASH_BYTES);
	return true;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* A denial is not to be dodged by a file that was moved away from its path. */
static bool is_program(const struct tv_access_rule *r, const struct tv_caller *c)
{
	const struct tv_caller_program *p = &c->self;

	if (r->program && ((r->verdict == TV_ACCESS_ALLOW && !p->is_there) ||
			   strcmp(tv_caller_text(c, p->path), r->program)))
		return false;
	return !r->script || !strcmp(tv_caller_text(c, p->script), r->script);
}

/* Of an ancestor of another user's only the name is known. */
static bool is_ancestor(const struct tv_access_rule *r, const struct tv_caller *c,
			const struct tv_caller_program *a)
{
	const char *path = tv_caller_text(c, a->path);

	if (!strcmp(tv_caller_text(c, a->script), r->ancestor))
		return true;
	if (*path)
		return !strcmp(path, r->ancestor) && (a->is_there || r->verdict != TV_ACCESS_ALLOW);
	return r->verdict != TV_ACCESS_ALLOW &&
	       !strncmp(tv_caller_text(c, a->name), last_part(r->ancestor), COMM_MAX);
}

/* What is not known speaks against the caller. */
static bool has_ancestor(const struct tv_access_rule *r, const struct tv_caller *c)
{
	for (size_t i = 0; i < c->n_ancestors; i++)
		if (is_ancestor(r, c, &c->ancestors[i]))
			return true;
	return c->is_cut && r->verdict != TV_ACCESS_ALLOW;
}

/* npm calls itself `npm install`, and its script is npm-cli.js. */
static bool begins_with(const char *text, const char *name)
{
	const size_t len = strlen(name);

	return !strncmp(text, name, len) && (!text[len] || strchr(" .-", text[len]));
}

static bool is_named(const struct tv_caller *c, const struct tv_caller_program *a, const char *name)
{
	return !strcmp(last_part(tv_caller_text(c, a->path)), name) ||
	       begins_with(last_part(tv_caller_text(c, a->script)), name) ||
	       begins_with(tv_caller_text(c, a->name), name) ||
	       !strcmp(tv_caller_text(c, a->module), name);
}

static bool lacks_ancestors(const struct tv_access_rule *r, const struct tv_caller *c)
{
	for (size_t i = 0; i < c->n_ancestors; i++)
		for (size_t n = 0; n < r->n_no_ancestor; n++)
			if (is_named(c, &c->ancestors[i], r->no_ancestor[n]))
				return false;
	return !r->n_no_ancestor || !c->is_cut || r->verdict != TV_ACCESS_ALLOW;
}

static bool is_over(const struct tv_access_rule *r, const struct tv_caller *c,
		    const struct tv_rule_uses *uses, int64_t now, bool is_again)
{
	if (r->until && now >= r->until)
		return true;
	if (r->reads && uses_of(uses, r) >= r->reads + is_again)
		return true;
	return r->exit_pid && tv_caller_watched(c, r->exit_pid) != r->exit_start;
}

static bool fits(const struct tv_access_rule *r, const struct tv_caller *c)
{
	return is_program(r, c) &&
	       (!r->has_hash || (c->has_hash && !memcmp(r->hash, c->hash, sizeof r->hash))) &&
	       (!r->ancestor || has_ancestor(r, c)) && lacks_ancestors(r, c) &&
	       (!r->tty || c->has_tty) &&
	       (!r->cgroup || !fnmatch(r->cgroup, tv_caller_text(c, c->cgroup), 0));
}

/* The rule that decides, or NULL; *only says whether there is any that allows. */
static const struct tv_access_rule *find_rule(bool *only, const struct tv_entry *e,
					      const struct tv_doc *doc, const struct tv_caller *c,
					      const struct tv_rule_uses *uses, int64_t now,
					      bool is_again)
{
	*only = false;
	for (size_t i = 0; i < doc->n_rules; i++) {
		const struct tv_access_rule *r = &doc->rules[i];

		if (strcmp(r->entry, e->id) != 0)
			continue;
		*only = *only || r->verdict == TV_ACCESS_ALLOW;
		if ((r->verdict == TV_ACCESS_ALLOW && c->is_foreign && !r->namespaces) ||
		    is_over(r, c, uses, now, is_again) || !fits(r, c))
			continue;
		return r;
	}
	return NULL;
}

static bool has_rules(const struct tv_entry *e, const struct tv_doc *doc)
{
	for (size_t i = 0; i < doc->n_rules; i++)
		if (!strcmp(doc->rules[i].entry, e->id))
			return true;
	return false;
}

static const char in_another[] = "the caller is in another mount or user namespace";

/* Of one in another namespace the person could not tell what they allow: paths mean others there. */
static const char *judge_asked(struct tv_judgement *out, const struct tv_entry *e,
			       const struct tv_access_rule *r, const struct tv_caller *c,
			       const struct tv_rule_uses *uses)
{
	unsigned char who[TV_HASH_BYTES];

	if (c->is_foreign && !r->namespaces)
		return in_another;
	tv_caller_digest(who, c, true);
	out->is_allowed = is_answered(uses, e, who);
	out->asks = !out->is_allowed;
	out->n_asks = out->asks;
	return out->asks ? "you are to be asked" : "";
}

void tv_entry_judge(struct tv_judgement *out, const struct tv_entry *e, const struct tv_doc *doc,
		    const struct tv_caller *c, const struct tv_rule_uses *uses, int64_t now,
		    bool is_again)
{
	const struct tv_access_rule *r;
	const char *why = "";
	bool only;

	*out = (struct tv_judgement){0};
	strncpy(out->label, e->now.label, sizeof out->label - 1);
	if (!has_rules(e, doc)) {
		out->is_allowed = true;
	} else if (c->trouble) {
		why = tv_caller_words(c->trouble);
	} else if ((r = find_rule(&only, e, doc, c, uses, now, is_again))) {
		memcpy(out->rule, r->id, sizeof out->rule);
		out->is_allowed = r->verdict == TV_ACCESS_ALLOW;
		if (r->verdict == TV_ACCESS_ASK)
			why = judge_asked(out, e, r, c, uses);
		else if (!out->is_allowed)
			why = "a rule denies it";
	} else if (c->is_foreign) {
		why = in_another;
	} else if (only) {
		why = "no rule allows it";
	} else {
		out->is_allowed = true;
	}
	snprintf(out->why, sizeof out->why, "%s", why);
}

/* Adds what a rule needs to know. */
static void ask_for(struct tv_caller_question *q, const struct tv_access_rule *r)
{
	if (r->script || r->ancestor || r->n_no_ancestor || r->tty || r->cgroup ||
	    r->verdict == TV_ACCESS_ASK)
		q->wants |= TV_CALLER_DETAILS;
	if (r->has_hash)
		q->wants |= TV_CALLER_HASH | (r->script ? TV_CALLER_DETAILS : 0);
}

static void watch_all(struct tv_caller_question *q, const struct tv_doc *doc)
{
	q->n_watched = 0;
	for (size_t i = 0; i < doc->n_rules; i++)
		if (doc->rules[i].exit_pid && q->n_watched < TV_CALLER_WATCHED)
			q->watched[q->n_watched++] = doc->rules[i].exit_pid;
}

static bool is_of_view(const struct tv_access_rule *r, const struct tv_view *view,
		       const struct tv_doc *doc)
{
	const struct tv_entry *e;

	if (view->is_alone)
		return !strcmp(r->entry, view->entry);
	e = tv_doc_by_id(doc, r->entry);
	return e && !strcmp(e->provider, view->provider);
}

bool tv_view_question(struct tv_caller_question *q, const struct tv_view *view,
		      const struct tv_doc *doc)
{
	bool any = false;

	q->wants = 0;
	for (size_t i = 0; i < doc->n_rules; i++) {
		if (!is_of_view(&doc->rules[i], view, doc))
			continue;
		any = true;
		ask_for(q, &doc->rules[i]);
	}
	q->n_watched = 0;
	if (any)
		watch_all(q, doc);
	return any;
}

void tv_rules_question(struct tv_caller_question *q, const struct tv_doc *doc)
{
	q->wants = TV_CALLER_DETAILS | TV_CALLER_HASH;
	watch_all(q, doc);
}

void tv_view_judge(struct tv_judgement *out, const struct tv_view *view, const struct tv_doc *doc,
		   const struct tv_providers *providers, const struct tv_caller *c,
		   const struct tv_rule_uses *uses, int64_t now, bool is_again)
{
	size_t n = 0;
	const struct tv_entry **entries = tv_view_entries(&n, view, doc, providers);

	*out = (struct tv_judgement){.is_allowed = n && !c->trouble};
	snprintf(out->why, sizeof out->why, "%s",
		 c->trouble ? tv_caller_words(c->trouble) : "there is no such entry any more");
	for (size_t i = 0; i < n && (out->is_allowed || out->asks); i++) {
		struct tv_judgement one;

		tv_entry_judge(&one, entries[i], doc, c, uses, now, is_again);
		if (!out->asks || !(one.is_allowed || one.asks))
			*out = one;
		else
			out->n_asks += one.n_asks;
	}
	free(entries);
}

bool tv_view_answer(struct tv_rule_uses *uses, const struct tv_view *view, const struct tv_doc *doc,
		    const struct tv_providers *providers,
		    const unsigned char who[static TV_HASH_BYTES])
{
	size_t n = 0;
	const struct tv_entry **entries = tv_view_entries(&n, view, doc, providers);
	bool good = entries;

	for (size_t i = 0; i < n && good; i++)
		good = answer(uses, entries[i], who);
	free(entries);
	return good;
}

bool tv_view_count(struct tv_rule_uses *uses, const struct tv_view *view, const struct tv_doc *doc,
		   const struct tv_providers *providers, const struct tv_caller *c, int64_t now)
{
	size_t n = 0;
	const struct tv_entry **entries = tv_view_entries(&n, view, doc, providers);
	bool good = entries;
	bool only;

	for (size_t i = 0; i < n && good; i++) {
		const struct tv_access_rule *r =
			find_rule(&only, entries[i], doc, c, uses, now, false);

		good = !r || !r->reads || count_use(uses, r);
	}
	free(entries);
	return good;
}
