/* Access rules: which programs may read an entry's files. */
#ifndef TV_RULES_H
#define TV_RULES_H

#include "vault/caller.h"
#include "vault/doc.h"
#include "vault/view.h"

#define TV_RULE_ID_CHARS   8 /* 4 random bytes in hex */
#define TV_RULES_MAX	   1000
#define TV_RULE_TEXT_MAX   4096 /* bytes of a path or a pattern */
#define TV_RULE_NAMES_MAX  32
#define TV_RULE_NAME_MAX   64
#define TV_RULE_READS_MAX  1000000
#define TV_RULE_NEVER_OVER ((int64_t)0)

enum tv_access { TV_ACCESS_DENY, TV_ACCESS_ALLOW, TV_ACCESS_ASK };

/* All conditions that are there have to hold. */
struct tv_access_rule {
	char id[TV_RULE_ID_CHARS + 1];
	char entry[TV_ID_CHARS + 1];
	enum tv_access verdict;
	int64_t created;
	char *program;	    /* paths, or NULL */
	char *script;	    /* what the program runs */
	char *ancestor;	    /* some ancestor's program, or its script */
	char *cgroup;	    /* pattern of fnmatch(3) */
	char **no_ancestor; /* names that no ancestor has */
	size_t n_no_ancestor;
	bool has_hash;
	unsigned char hash[TV_HASH_BYTES]; /* of the script where there is one, else the program */
	bool tty;			   /* has a controlling terminal */
	bool namespaces;		   /* also from other mount and user namespaces */
	int64_t until;			   /* TV_RULE_NEVER_OVER, or when it ends */
	int64_t reads;			   /* 0, or how many opens it is good for */
	int32_t exit_pid;		   /* 0, or the process that it ends with */
	uint64_t exit_start;
};

/* "deny", "allow", "ask". */
const char *tv_access_name(enum tv_access verdict);

/* How often rules of so many opens were used, and what a person said that was asked. */
struct tv_rule_uses {
	struct tv_rule_use {
		char id[TV_RULE_ID_CHARS + 1];
		int64_t count;
	} * at;
	size_t count;
	struct tv_rule_answer {
		char entry[TV_ID_CHARS + 1];
		unsigned char who[TV_HASH_BYTES]; /* tv_caller_digest: the process, which may */
	} * answers;
	size_t n_answers;
};

void tv_rule_uses_free(struct tv_rule_uses *uses);

struct tv_judgement {
	bool is_allowed;
	bool asks;     /* it would be, if the person who is to be asked allows it */
	size_t n_asks; /* about so many entries, of which this is the first */
	char rule[TV_RULE_ID_CHARS + 1]; /* the one that decided; "": none did */
	char label[TV_LABEL_MAX + 1];	 /* whose entry's it was */
	char why[160];
};

/* What has to be found out about a caller before a view's rules can be looked at: wants and watched.
 * false: there are no rules for what it shows. */
bool tv_view_question(struct tv_caller_question *out, const struct tv_view *view,
		      const struct tv_doc *doc);
/* Whether a caller may read a view: each entry that it shows has to allow that. is_again: it was opened
 * already, so a rule that was good for that open still is. */
void tv_view_judge(struct tv_judgement *out, const struct tv_view *view, const struct tv_doc *doc,
		   const struct tv_providers *providers, const struct tv_caller *caller,
		   const struct tv_rule_uses *uses, int64_t now, bool is_again);
/* Counts an open that was allowed, for the rules of so many that decided; false when memory is out. */
bool tv_view_count(struct tv_rule_uses *uses, const struct tv_view *view, const struct tv_doc *doc,
		   const struct tv_providers *providers, const struct tv_caller *caller,
		   int64_t now);
/* A person allowed a process to read a view: its entries are remembered. false when memory is out. */
bool tv_view_answer(struct tv_rule_uses *uses, const struct tv_view *view, const struct tv_doc *doc,
		    const struct tv_providers *providers,
		    const unsigned char who[static TV_HASH_BYTES]);
void tv_rule_answers_forget(struct tv_rule_uses *uses);
/* All that any rule could look at. */
void tv_rules_question(struct tv_caller_question *out, const struct tv_doc *doc);
/* The same judgement for one entry. */
void tv_entry_judge(struct tv_judgement *out, const struct tv_entry *e, const struct tv_doc *doc,
		    const struct tv_caller *caller, const struct tv_rule_uses *uses, int64_t now,
		    bool is_again);

/* In the document. */
const struct tv_access_rule *tv_doc_rule(const struct tv_doc *doc, const char *id);
/* Takes the rule over, also when it fails; first: before all others. */
enum tv_status tv_doc_add_rule(struct tv_doc *doc, struct tv_access_rule *rule, bool first,
			       struct tv_error *err) TV_MUST_CHECK;
void tv_doc_remove_rule(struct tv_doc *doc, const struct tv_access_rule *rule);
void tv_rule_free(struct tv_access_rule *rule);

/* As the document and messages have it: the members but id, entry and created, which are the reader's to
 * read. TV_BAD_VALUE. */
enum tv_status tv_rule_read(struct tv_access_rule *out, const struct tv_json *j,
			    struct tv_error *err) TV_MUST_CHECK;
bool tv_rule_put(struct tv_json *j, const struct tv_access_rule *rule);

#endif
