/* The state of the audit log's key: one small file beside the log, written over with each batch of lines. Only
 * for the library itself. */
#ifndef TV_AUDITKEY_H
#define TV_AUDITKEY_H

#include "vault/auditline.h"
#include "vault/ratchet.h"

struct tv_audit_state {
	struct tv_line_place
		last; /* the last line that was written; meaningless where there is none */
	bool has_last;
	bool has_key; /* else lines have no MAC, and next counts them */
	unsigned char epoch[TV_EPOCH_BYTES];
	unsigned char vault[TV_ID_BYTES]; /* whose it is */
	struct tv_ratchet
		key;   /* for the next line, whose number it has also where there is no key */
	uint64_t part; /* of the file that is written to; 0: none was yet */
};

/* Reads the file; false where it does not hold such a state. */
bool tv_audit_state_read(struct tv_audit_state *out, int fd);
/* Writes it over what the file held; errno says why not. */
bool tv_audit_state_write(int fd, const struct tv_audit_state *state);

#endif
