/*
 * The check-up of this machine and vault, for `tokenvault doctor`. A check is a file in cli/checkup/checks
 * with a const struct at its foot, and a line in checks.def; nothing else has to know of it.
 */
#ifndef TV_CHECKUP_H
#define TV_CHECKUP_H

#include "cli/cli.h"

/* What `doctor` exits with when something is wrong. */
#define TV_CHECKUP_WRONG 26

enum tv_verdict {
	TV_VERDICT_FINE,
	TV_VERDICT_NOTE, /* worth knowing; or it could not be looked at */
	TV_VERDICT_WRONG,
};

/* What a check has to say: what, where, and what to do next. */
struct tv_remark {
	const struct tv_check *check;
	enum tv_verdict verdict;
	char *text;
	bool can_mend;	 /* by --fix */
	bool is_mended;	 /* it was, now */
	bool is_unknown; /* not looked at, for what the text says */
};

struct tv_checkup {
	struct tv_cli *cli;
	const char *
		root; /* stands in front of /proc, /sys, /etc and /dev; "": they are the machine's own */
	struct tv_json *server; /* its reply to `status`; NULL: none runs, or it does not answer */
	enum tv_status answer;	/* TV_OK, TV_NOT_MOUNTED, or why it does not */
	struct tv_error why;
	struct tv_json *entries; /* the reply to `list`; NULL: the vault is closed */
	struct tv_remark *remarks;
	size_t count;
	bool failed; /* memory was out */
};

struct tv_check {
	const char *name;
	const char *fine; /* what is to be said when there is nothing else */
	void (*look)(struct tv_checkup *c);
	/* Mends what the remarks of this check say that it can; NULL: nothing. */
	enum tv_status (*mend)(struct tv_checkup *c, struct tv_error *err);
};

/* checks.def in order, ended by NULL. */
const struct tv_check *const *tv_checks(void);

/* Asks the running server, if there is one, and nobody else. */
enum tv_status tv_checkup_open(struct tv_checkup *c, struct tv_error *err) TV_MUST_CHECK;
/* Makes a check, or each; with mends, has what is wrong mended and looks again. A failure to mend is
 * printed, and the remark stays. TV_NO_MEMORY. */
enum tv_status tv_checkup_make(struct tv_checkup *c, const struct tv_check *check, bool mends,
			       struct tv_error *err) TV_MUST_CHECK;
enum tv_status tv_checkup_make_all(struct tv_checkup *c, bool mends,
				   struct tv_error *err) TV_MUST_CHECK;
void tv_checkup_free(struct tv_checkup *c);
#define tv_auto_checkup __attribute__((cleanup(tv_checkup_free))) struct tv_checkup
/* How many remarks have a verdict. */
size_t tv_checkup_count(const struct tv_checkup *c, enum tv_verdict verdict);
/* Prints them: {checks: [{name, verdict, text, fixable, fixed, checked}], wrong, notes, fixed}, or for
 * people, what is wrong last. */
enum tv_status tv_checkup_report(const struct tv_checkup *c, struct tv_error *err) TV_MUST_CHECK;
void tv_checkup_print(const struct tv_checkup *c);

/* For checks: what they found. */
void tv_remark_fine(struct tv_checkup *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void tv_remark_note(struct tv_checkup *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void tv_remark_wrong(struct tv_checkup *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* That something could not be looked at. */
void tv_remark_unknown(struct tv_checkup *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* That the last remark's matter can be mended. */
void tv_remark_can_mend(struct tv_checkup *c);

/* Whether the vault has an entry of a service, as far as that is known while it is closed. */
enum tv_known { TV_KNOWN_NOT, TV_KNOWN_SO, TV_UNKNOWN };
enum tv_known tv_checkup_has_entry(const struct tv_checkup *c, const char *provider);
/* The running server's view of a path, or NULL. */
const struct tv_json *tv_checkup_view(const struct tv_checkup *c, const char *path);

#endif
