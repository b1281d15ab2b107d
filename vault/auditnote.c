/* Notes in the audit log what this process does with a vault that it opened itself. */
#include "vault/auditnote.h"

#include <sodium.h>
#include <unistd.h>

#include "vault/resolve.h"

void tv_note_show(struct tv_note *n, const struct tv_vault *vault, enum tv_agent_message message,
		  const struct tv_json *request)
{
	const struct tv_doc *doc = tv_vault_doc(vault);

	if (!tv_message_shows(message) || !tv_message_is_noted(doc, message, request))
		return;
	tv_line_show(&n->event, doc, message, request);
	n->has_epoch = tv_audit_epoch_make(&n->epoch, vault);
}

void tv_note_edit(struct tv_note *n, const struct tv_vault *vault, enum tv_agent_message message,
		  const struct tv_json *request, const struct tv_json *reply)
{
	if (!tv_message_is_noted(tv_vault_doc(vault), message, request))
		return;
	tv_line_edit(&n->event, message, request, reply);
	n->has_epoch = tv_audit_epoch_make(&n->epoch, vault);
}

static void write_to(struct tv_audit *audit, const struct tv_note *n)
{
	static struct tv_caller self; /* large */
	struct tv_error ignored;

	if (n->has_epoch)
		tv_audit_begin(audit, &n->epoch, true);
	tv_audit_add(audit, &n->event, tv_caller_note(&self, 0, getpid()));
	if (tv_audit_write(audit, &ignored))
		return;
}

void tv_note_write(const struct tv_note *n, const struct tv_local *l)
{
	struct tv_audit *audit = NULL;
	struct tv_error ignored;

	if (!n->event.len || !l->state_dir || !l->log_name ||
	    tv_audit_open(&audit, l->state_dir, l->log_name, TV_AUDIT_FILE_BYTES, &ignored))
		return;
	write_to(audit, n);
	tv_audit_free(audit);
	tv_caller_forget();
}

void tv_note_free(struct tv_note *n)
{
	tv_bytes_free(&n->event);
	sodium_memzero(n, sizeof *n);
}
