/* Events of the audit log that come of messages, whoever serves them. */
#ifndef TV_AUDITEVENT_H
#define TV_AUDITEVENT_H

#include <stdbool.h>

#include "vault/audit.h"
#include "vault/json.h"
#include "vault/seal.h"

/* Whether a message gives a token away. */
bool tv_message_shows(unsigned message);
/* Whether what a message does is noted: that the log is switched on or off is, either way. */
bool tv_message_is_noted(const struct tv_doc *doc, unsigned message, const struct tv_json *request);

/* A token was given away: the event. */
void tv_line_show(struct tv_bytes *out, const struct tv_doc *doc, unsigned message,
		  const struct tv_json *request);
/* What an edit was about, and never what it brought. */
void tv_line_edit(struct tv_bytes *out, unsigned message, const struct tv_json *request,
		  const struct tv_json *reply);

/* A new epoch of the log; false where the vault has nothing to make its key from, or chance is out. */
bool tv_audit_epoch_make(struct tv_audit_epoch *out, const struct tv_vault *vault);

#endif
