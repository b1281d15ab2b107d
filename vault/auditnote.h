/* What a process that opens the vault itself notes in the audit log. Only for the library itself. */
#ifndef TV_AUDITNOTE_H
#define TV_AUDITNOTE_H

#include "vault/auditevent.h"
#include "vault/local.h"

struct tv_note {
	struct tv_bytes event; /* empty: there is nothing to note */
	bool has_epoch;
	struct tv_audit_epoch epoch;
};

/* A token that is about to be given away, unless the log is switched off. */
void tv_note_show(struct tv_note *n, const struct tv_vault *vault, enum tv_agent_message message,
		  const struct tv_json *request);
/* An edit, as the vault is after it. */
void tv_note_edit(struct tv_note *n, const struct tv_vault *vault, enum tv_agent_message message,
		  const struct tv_json *request, const struct tv_json *reply);
/* Has it in the log: who it was is this process. A log that can't be written stops nothing. */
void tv_note_write(const struct tv_note *n, const struct tv_local *l);
void tv_note_free(struct tv_note *n);
#define tv_auto_note __attribute__((cleanup(tv_note_free))) struct tv_note

#endif
