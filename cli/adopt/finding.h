/* Findings: plaintext files with tokens in them, read and taken apart by their definitions' rules. */
#ifndef TV_ADOPT_FINDING_H
#define TV_ADOPT_FINDING_H

#include "cli/adopt/places.h"
#include "cli/adopt/source.h"

struct tv_intake; /* an entry that is to be: cli/adopt/intake.h */

/* One token in a file. */
struct tv_found {
	const struct tv_rule *rule;   /* the one that found it */
	struct tv_json *element;      /* in the finding's tree; not owned */
	char label[TV_LABEL_MAX + 1]; /* what the file or its path calls it */
	bool has_label;		      /* else it is "default", for want of a better one */
	bool is_label_cleaned;	      /* the file has something that can't be a label */
	struct tv_secret token;
	struct tv_json *fields;	  /* declared ones with a value: {name: text} */
	struct tv_intake *intake; /* set later: the entry that it becomes */
};

enum tv_fate {
	TV_FATE_LEFT,  /* left alone; `why` says why, `status` is TV_OK when that is no failure */
	TV_FATE_READY, /* may be adopted */
	TV_FATE_KEPT,  /* its tokens go into the vault; the file stays where it is */
	TV_FATE_REPLACED,  /* they are, and the file is gone */
	TV_FATE_LEFT_OVER, /* nothing but what an earlier run left */
};

struct tv_finding {
	const struct tv_place *place;
	struct tv_source source;
	struct tv_json *tree;
	struct tv_found *at;
	size_t count;
	struct tv_json *in_use; /* in the tree: the label in use; NULL: it has none */
	enum tv_fate fate;
	enum tv_status status;
	struct tv_error why;
};

struct tv_findings {
	struct tv_finding *at;
	size_t count;
};

/* Reads the files that there are. Those that can't be taken are findings too, with TV_FATE_LEFT; those
 * without a token in them as well. */
enum tv_status tv_findings_read(struct tv_findings *out, const struct tv_places *places,
				struct tv_error *err) TV_MUST_CHECK;
/* Reads one anew, after it was changed. */
enum tv_status tv_finding_reread(struct tv_finding *f, struct tv_error *err) TV_MUST_CHECK;
void tv_findings_free(struct tv_findings *f);
#define tv_auto_findings __attribute__((cleanup(tv_findings_free))) struct tv_findings
/* Leaves one alone. The status is what the command may end with. */
void tv_finding_leave(struct tv_finding *f, enum tv_status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The same, but its tokens are taken, if it has any. */
void tv_finding_keep(struct tv_finding *f, enum tv_status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
