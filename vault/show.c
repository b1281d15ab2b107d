/* The message that shows an entry with its token. It is written as text: its sender waits for it. */
#include "vault/request.h"
#include "vault/write.h"

/* What is known of a rotation, short of the new token. */
static void write_rotation(struct tv_secret *out, const struct tv_rotation *r)
{
	if (!r->name) {
		tv_write_text(out, "rotation", NULL);
		return;
	}
	tv_write_open(out, "rotation", '{');
	tv_write_text(out, "step", r->token.len ? "minted" : "minting");
	tv_write_text(out, "name", r->name);
	tv_write_time(out, "started", r->started);
	tv_write_text(out, "id", r->id);
	tv_write_time(out, "expires", r->expires);
	tv_write_close(out, '}');
}

static void write_revoking(struct tv_secret *out, const struct tv_entry *e)
{
	tv_write_open(out, "revoking_ids", '[');
	for (size_t i = 0; i < e->n_revoking; i++) {
		tv_write_open(out, NULL, '{');
		tv_write_text(out, "id", e->revoking[i].id);
		tv_write_time(out, "at", e->revoking[i].at);
		tv_write_close(out, '}');
	}
	tv_write_close(out, ']');
}

static void write_entry(struct tv_secret *out, const struct tv_entry *e)
{
	tv_write_open(out, "fields", '{');
	for (size_t i = 0; i < e->now.n_fields; i++)
		tv_write_text(out, e->now.fields[i].name, e->now.fields[i].value);
	tv_write_close(out, '}');
	tv_write_about(out, e);
	tv_write_time(out, "since", e->now.since);
	tv_write_text(out, "token", tv_secret_text(&e->now.token));
	tv_write_open(out, "hosts", '[');
	for (size_t i = 0; i < e->now.hosts.count; i++)
		tv_write_text(out, NULL, e->now.hosts.at[i]);
	tv_write_close(out, ']');
	write_rotation(out, &e->rotation);
	write_revoking(out, e);
}

enum tv_status tv_print_show(struct tv_secret *out, const struct tv_vault *vault,
			     const struct tv_json *request, struct tv_error *err)
{
	static const char *const known[] = {"provider", "label", "before", NULL};
	const struct tv_entry *e;
	enum tv_status status = tv_request_only(request, known, err);

	if (!status)
		status = tv_request_entry(&e, tv_vault_doc(vault), request, err);
	if (status)
		return status;
	tv_write_open(out, NULL, '{');
	write_entry(out, e);
	if (tv_json_get(request, "before"))
		status = tv_write_expiring(out, "expiring", vault, request, err);
	tv_write_close(out, '}');
	return status ? status : tv_secret_check(out, err);
}

enum tv_status tv_request_show(struct tv_json *reply, const struct tv_vault *vault,
			       const struct tv_json *request, struct tv_error *err)
{
	tv_auto_secret text = {0};
	enum tv_status status = tv_print_show(&text, vault, request, err);

	return status ? status : tv_reply_text(reply, &text, err);
}
