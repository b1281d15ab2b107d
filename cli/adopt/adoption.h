/*
 * Adoption: tokens move from plaintext files into the vault. In this order, so that whenever it is killed
 * the file or the vault or both have each token: stored and synced; read back from the disk and compared;
 * the files' views switched on; a server started; and only then each file overwritten and removed.
 */
#ifndef TV_ADOPT_ADOPTION_H
#define TV_ADOPT_ADOPTION_H

#include "cli/adopt/intake.h"

struct tv_adoption {
	struct tv_cli *cli;
	bool is_dry; /* looks, changes nothing, asks for no passphrase */
	bool keeps;  /* the files stay where they are */
	bool asks;   /* the services, about each token */
	bool mounts;
	const struct tv_adoption *before; /* the first pass, for the second: says nothing twice */
	struct tv_places places;
	struct tv_findings findings;
	struct tv_scratch *vault; /* a copy of it, with what is to come */
	struct tv_intakes intakes;
};

void tv_adoption_free(struct tv_adoption *a);
#define tv_auto_adoption __attribute__((cleanup(tv_adoption_free))) struct tv_adoption

/* Finds the files of the services that the arguments name (none: of all), and plans. Every finding is
 * left alone, a left-over or ready. */
enum tv_status tv_adoption_plan(struct tv_adoption *a, struct tv_error *err) TV_MUST_CHECK;
/* Does it. A file that was changed meanwhile is left alone, with TV_BUSY. */
enum tv_status tv_adoption_do(struct tv_adoption *a, struct tv_error *err) TV_MUST_CHECK;
/* Mounts what was replaced, and what an adoption that was killed has left to be mounted. */
enum tv_status tv_adoption_mount(const struct tv_adoption *a, struct tv_error *err) TV_MUST_CHECK;

/* Says what was found, before anything is done: no tokens, and no values of fields but accounts. */
void tv_adoption_say(const struct tv_adoption *a);
/* What came of it, of each token: objects for programs, appended to a list; of those only whose file was
 * replaced, or of all. */
enum tv_status tv_adoption_report(struct tv_json *list, const struct tv_adoption *a,
				  bool only_replaced, struct tv_error *err) TV_MUST_CHECK;
/* The same as lines on standard output. */
void tv_adoption_print(const struct tv_json *list);

#endif
