/* The audit log's files: NAME.audit, to which lines are appended, NAME.audit.1 to .7 before it, and the key's.
 * Only for the library itself. */
#ifndef TV_AUDITFILES_H
#define TV_AUDITFILES_H

#include <sys/types.h>

#include "vault/auditline.h"
#include "vault/status.h"

#define TV_AUDIT_NAME_CHARS 128

struct tv_audit_lent;

struct tv_audit_files {
	char *directory;
	char name[TV_AUDIT_NAME_CHARS]; /* of the newest one */
	off_t most;			/* bytes of one */
	int key;			/* −1: not open */
	int log;
	off_t size;	/* of the newest one, when we left it */
	int64_t looked; /* when it was last looked whether it still is the newest one, in seconds */
	bool is_lent; /* by another process, which looks after the files; here nothing is opened */
	int tail;     /* the newest one, to read what was lent to be appended to */
};

enum tv_status tv_audit_files_start(struct tv_audit_files *out, const char *directory,
				    const char *name, off_t most,
				    struct tv_error *err) TV_MUST_CHECK;
void tv_audit_files_free(struct tv_audit_files *f);
/* Closes them; unless they were lent they are opened when they are wanted. */
void tv_audit_files_close(struct tv_audit_files *f);
/* Opens them for another process, as they are by their paths now. false: there are none, or one would have to wait for
 * a network. */
bool tv_audit_files_lend(struct tv_audit_lent *out, const struct tv_audit_files *f);
/* Takes over what was lent. Where anything has to be opened, mended or waited for, the rest of these fail. */
enum tv_status tv_audit_files_borrow(struct tv_audit_files *out, const struct tv_audit_lent *lent,
				     off_t most, struct tv_error *err) TV_MUST_CHECK;
/* The newest one, to be read; no other descriptor than those it has. */
int tv_audit_files_reader(const struct tv_audit_files *f);

#define TV_AUDIT_NEWEST	 (-1)
#define TV_AUDIT_LEAVING 0 /* what was the newest until now, on its way to be .1 */
/* "NAME.audit" for the newest one, "NAME.audit.3". */
void tv_audit_file_name(char out[static TV_AUDIT_NAME_CHARS + 8], const char *name, int i);
/* One of them, to be read; −1, errno says why. Nothing but a regular file of this user's is opened. */
int tv_audit_file_open(int dirfd, const char *name, int flags);

/* Opens the key's file, which is made where there is none, and locks it: two who write take turns. */
enum tv_status tv_audit_files_lock(struct tv_audit_files *f, struct tv_error *err) TV_MUST_CHECK;
void tv_audit_files_unlock(struct tv_audit_files *f);
/* Whether nobody else has written since, and our file still is the newest one. */
bool tv_audit_files_are_ours(struct tv_audit_files *f);
/* Opens the newest one anew, and cuts a line off that was not written to its end. */
enum tv_status tv_audit_files_reopen(struct tv_audit_files *f, struct tv_error *err) TV_MUST_CHECK;
/* The newest one becomes NAME.audit.1, the oldest goes; an empty one is begun. When that fails, the newest
 * one can be written to still. */
enum tv_status tv_audit_files_rotate(struct tv_audit_files *f, struct tv_error *err) TV_MUST_CHECK;
/* Appends all of it or nothing. */
enum tv_status tv_audit_files_append(struct tv_audit_files *f, const struct tv_bytes *lines,
				     struct tv_error *err) TV_MUST_CHECK;
/* The last line of the newest file that has any, the caller's to free; empty where there is none. */
enum tv_status tv_audit_files_last(struct tv_bytes *out, const struct tv_audit_files *f,
				   struct tv_error *err) TV_MUST_CHECK;

#endif
