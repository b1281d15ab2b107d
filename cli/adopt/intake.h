/* Intakes: the entries that the tokens found become. Several files may have one token. */
#ifndef TV_ADOPT_INTAKE_H
#define TV_ADOPT_INTAKE_H

#include "cli/adopt/finding.h"
#include "cli/scratch.h"

struct tv_intake {
	const struct tv_provider *provider;
	char label[TV_LABEL_MAX + 1];
	struct tv_secret token;
	struct tv_json *fields;
	bool exists;		 /* the vault has it, and keeps what it has */
	struct tv_json *lacking; /* but it gets these fields, {name: text}; NULL: none */
	bool is_renamed;	 /* its own label is another token's */
	bool is_in_use; /* a file says so: it is added first, and so is the vault's in use */
	bool may_lead;	/* its service had none in use: the first one that is stored will be it */
	bool is_wanted; /* a file that is to be adopted has it */
	bool has_hosts; /* the definition may say where it goes: built in, or asked for by name */
	bool is_stored;
	enum tv_status answer; /* the service's: tv_service_verify; TV_NO_API: not asked */
	struct tv_json *checked;
	struct tv_error why;
};

struct tv_intakes {
	struct tv_intake **at;
	size_t count;
};

/* Makes the intakes of all findings and sets their `intake`. A token that the vault has is its entry;
 * a label that has another token gives a new one, LABEL-2. vault is a copy of the vault's services. */
enum tv_status tv_intakes_plan(struct tv_intakes *out, struct tv_findings *findings,
			       struct tv_scratch *vault, struct tv_error *err) TV_MUST_CHECK;
void tv_intakes_free(struct tv_intakes *i);
#define tv_auto_intakes __attribute__((cleanup(tv_intakes_free))) struct tv_intakes

/* Adds the new ones to the copy of the vault, each with its hosts. */
enum tv_status tv_intakes_add(const struct tv_intakes *i, struct tv_scratch *vault,
			      struct tv_error *err) TV_MUST_CHECK;
/* Makes the copy what the vault will be: without new ones whose files are all left alone, and with that one
 * in use which will be. */
enum tv_status tv_intakes_settle(const struct tv_intakes *i, const struct tv_findings *findings,
				 struct tv_scratch *vault, struct tv_error *err) TV_MUST_CHECK;
/* Compares the fields of those that the vault has: a finding that says something else of one is left alone,
 * and what the vault lacks is noted and added to the copy. No host is allowed by it. */
enum tv_status tv_intakes_compare(const struct tv_intakes *i, struct tv_findings *findings,
				  struct tv_scratch *vault, struct tv_error *err) TV_MUST_CHECK;
/* The message `set` that adds what an entry lacks. */
enum tv_status tv_intake_lacking_request(struct tv_json **out, const struct tv_intake *intake,
					 struct tv_error *err) TV_MUST_CHECK;
/* Asks the services about the new ones. What they say goes into the copy; what they refuse leaves it, and
 * the findings that have it are left alone. */
enum tv_status tv_intakes_verify(const struct tv_intakes *i, struct tv_findings *findings,
				 struct tv_scratch *vault, struct tv_cli *cli,
				 struct tv_error *err) TV_MUST_CHECK;
/* Stores the new ones that are wanted, and then makes sure that the disk gives each wanted one back: the
 * vault's file is read and opened again, and its token compared. */
enum tv_status tv_intakes_store(const struct tv_intakes *i, struct tv_cli *cli,
				struct tv_error *err) TV_MUST_CHECK;
/* The one that a file calls the one in use, or NULL. */
struct tv_intake *tv_intakes_in_use(const struct tv_findings *findings,
				    const struct tv_finding *by);

#endif
