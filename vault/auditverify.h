/* Whether an audit log is what was written: each line by its MAC, and no line missing or out of place. */
#ifndef TV_AUDITVERIFY_H
#define TV_AUDITVERIFY_H

#include "vault/audit.h"

#define TV_AUDIT_PAGE 512 /* lines that are checked at once */

/* Lines of one epoch, one behind the other. */
struct tv_audit_page {
	unsigned char epoch[TV_EPOCH_BYTES];
	uint64_t first;
	size_t n;
	unsigned char digests[TV_AUDIT_PAGE][32];
	unsigned char macs[TV_AUDIT_PAGE][TV_LINE_MAC_BYTES];
};

enum tv_audit_fault {
	TV_AUDIT_CHANGED, /* lines that were changed, or put there by somebody */
	TV_AUDIT_REMOVED, /* before this line some are missing */
	TV_AUDIT_MOVED,	  /* it does not belong here, or is there twice */
	TV_AUDIT_CUT,	  /* after this line some are missing: the end */
	TV_AUDIT_NO_KEY,  /* the key's state is missing, so that this can't be told of the end */
	/* These are no proof of a change; but the log does not tell everything. */
	TV_AUDIT_UNSIGNED, /* lines without a MAC where there should be one */
	TV_AUDIT_GAP,	   /* the log says itself that lines could not be written */
	TV_AUDIT_OTHER,	   /* lines of another vault that had this name: not to be checked here */
};

/* A fault is told of once for all lines that have it behind each other. */
struct tv_audit_finding {
	enum tv_audit_fault fault;
	const char *file;
	uint64_t number; /* the first of them there; 0: the file as a whole */
	uint64_t count;	 /* how many; of those that are missing, 0: unknown */
	char detail[200];
};

struct tv_audit_report {
	uint64_t n_lines;
	uint64_t n_first; /* of them without a MAC since no vault had been unlocked yet */
	uint64_t part;	  /* of the oldest file; above 1: there were files before it */
};

struct tv_audit_judge {
	/* Which of a page's lines are wrong; by the message `audit`. */
	enum tv_status (*check)(bool *wrong, const struct tv_audit_page *page, void *arg,
				struct tv_error *err);
	enum tv_status (*found)(const struct tv_audit_finding *finding, void *arg,
				struct tv_error *err);
	void *arg;
};

/* Reads the log to its end. A finding is no failure. vault: whose log it should be. */
enum tv_status tv_audit_verify(struct tv_audit_report *out, struct tv_audit_log *log,
			       const unsigned char vault[static TV_ID_BYTES],
			       const struct tv_audit_judge *judge,
			       struct tv_error *err) TV_MUST_CHECK;
/* "changed", "removed", …. */
const char *tv_audit_fault_name(enum tv_audit_fault fault);
/* Whether it is one that only somebody who changes the log can bring about, or a crash of the machine. */
bool tv_audit_fault_is_grave(enum tv_audit_fault fault);

#endif
