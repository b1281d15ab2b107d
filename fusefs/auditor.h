/* The keeper's work at the audit log: says who callers are, and writes what the server has it write. */
#ifndef TV_AUDITOR_H
#define TV_AUDITOR_H

#include "fusefs/ask.h"
#include "fusefs/config.h"
#include "fusefs/lane.h"

#define TV_AUDITOR_REFUSED 16 /* programs, remembered */

struct tv_auditor {
	struct tv_audit *audit;
	bool is_run;
	size_t n_lines;		 /* of this packet */
	struct tv_error trouble; /* why nothing can be written, or "" */
	bool is_told;		 /* the server knows that */
	bool has_edit;		 /* a line was about one; whoever looks at the vault clears it */
	int patience;		 /* in ms, with a server that has no room for answers */
	struct tv_auditor_refused {
		uint64_t dev, ino; /* the program, and its script */
		unsigned char script[TV_HASH_BYTES];
		int64_t until;		/* ms of CLOCK_MONOTONIC; 0: none */
		uint64_t count;		/* refusals that no line tells of yet */
		struct tv_bytes event;	/* of the last of them */
		struct tv_bytes caller; /* and who that was */
	} refused[TV_AUDITOR_REFUSED];
};

/* Without memory for it there is no log. */
void tv_auditor_start(struct tv_auditor *auditor, const struct tv_fs_config *config);
void tv_auditor_stop(struct tv_auditor *auditor);
/* Serves what the server has asked at once; how many it has answered, −1 where nothing was asked. */
int tv_auditor_serve(struct tv_auditor *auditor, struct tv_lane *who);
/* tv_audit_lend's. */
bool tv_auditor_lend(struct tv_audit_lent *out, const struct tv_auditor *auditor);
/* How many ms may pass until tv_auditor_hurry has something to do; −1: any. */
int tv_auditor_wait(const struct tv_auditor *auditor);
/* Writes how often was refused meanwhile. */
void tv_auditor_hurry(struct tv_auditor *auditor);

#endif
