/* The messages about a token's change at its service: rotation, rotation_token. */
#include <string.h>

#include "vault/checked.h"
#include "vault/request.h"

/* One step of a rotation, on the entry that it is about. */
struct step {
	const char *name;
	enum tv_status (*take)(struct tv_entry *e, const struct tv_json *request, int64_t now,
			       struct tv_error *err);
	const char *known[8];
};

static enum tv_status need_text(const char **out, const struct tv_json *request, const char *key,
				struct tv_error *err)
{
	*out = tv_json_get_text(request, key);
	return *out ? TV_OK : tv_fail(err, TV_BAD_VALUE, "%s is missing", key);
}

static enum tv_status begin(struct tv_entry *e, const struct tv_json *request, int64_t now,
			    struct tv_error *err)
{
	const char *name;
	enum tv_status status = need_text(&name, request, "name", err);

	if (!status && e->rotation.name)
		status = tv_fail(err, TV_BUSY,
				 "%s/%s is being rotated; to go on: tokenvault rotate %s/%s",
				 e->provider, e->now.label, e->provider, e->now.label);
	return status ? status : tv_rotation_begin(&e->rotation, name, now, err);
}

static enum tv_status not_rotating(const struct tv_entry *e, struct tv_error *err)
{
	return tv_fail(err, TV_NO_ENTRY, "%s/%s has no rotation that has come so far", e->provider,
		       e->now.label);
}

static enum tv_status minted(struct tv_entry *e, const struct tv_json *request, int64_t now,
			     struct tv_error *err)
{
	const struct tv_json *id = tv_json_get(request, "id");
	const char *token;
	int64_t expires;
	bool given;
	enum tv_status status = need_text(&token, request, "token", err);

	(void)now;
	if (!status)
		status = tv_request_time(&expires, &given, request, "expires", err);
	if (status)
		return status;
	if (id && !tv_json_is_null(id) && !tv_json_text(id))
		return tv_fail(err, TV_BAD_VALUE, "id is no text");
	if (!e->rotation.name)
		return not_rotating(e, err);
	if (e->rotation.token.len)
		return tv_fail(err, TV_BUSY, "%s/%s has a new token already", e->provider,
			       e->now.label);
	return tv_rotation_put(&e->rotation, token, tv_json_text(id), expires, err);
}

/* The version that the rotation makes of the current one. */
static enum tv_status next_version(struct tv_version *v, const struct tv_entry *e,
				   const char *id_field, struct tv_error *err)
{
	const struct tv_rotation *r = &e->rotation;
	enum tv_status status = tv_version_copy(v, &e->now, err);

	if (!status)
		status = tv_version_set_token(v, tv_secret_text(&r->token), err);
	/* The service made it for whoever had the old one. */
	if (!status)
		status = tv_version_set_account(v, e->now.account, err);
	if (!status && r->expires)
		tv_version_set_expires(v, r->expires, TV_EXPIRY_SERVICE);
	if (!status && id_field)
		status = tv_version_set_field(v, id_field, r->id, err);
	return status;
}

static enum tv_status swap(struct tv_entry *e, const struct tv_json *request, int64_t now,
			   struct tv_error *err)
{
	const struct tv_json *checked = tv_json_get(request, "checked");
	const char *revoke_id = tv_json_get_text(request, "revoke_id");
	struct tv_version version = {0};
	int64_t at;
	bool given;
	enum tv_status status = tv_request_time(&at, &given, request, "revoke_at", err);

	if (!status && !e->rotation.token.len)
		status = not_rotating(e, err);
	if (!status)
		status = next_version(&version, e, tv_json_get_text(request, "id_field"), err);
	if (!status && revoke_id)
		status = tv_entry_add_revoking(e, revoke_id, at ? at : now, err);
	if (!status)
		status = tv_entry_replace(e, &version, now, err);
	tv_version_free(&version);
	if (!status && checked)
		status = tv_checked_apply(e, checked, now, err);
	if (!status)
		tv_rotation_free(&e->rotation);
	return status;
}

/* What is not there is forgotten: whoever goes on after a crash may say it twice. */
static enum tv_status cancel(struct tv_entry *e, const struct tv_json *request, int64_t now,
			     struct tv_error *err)
{
	(void)request;
	(void)now;
	(void)err;
	tv_rotation_free(&e->rotation);
	return TV_OK;
}

static enum tv_status revoked(struct tv_entry *e, const struct tv_json *request, int64_t now,
			      struct tv_error *err)
{
	const char *id_field = tv_json_get_text(request, "id_field");
	const char *id;
	enum tv_status status = need_text(&id, request, "id", err);
	bool is_known;

	if (status)
		return status;
	is_known = tv_entry_drop_revoking(e, id);
	if (id_field)
		is_known |= tv_entry_end_token(e, id_field, id, now);
	if (is_known)
		return TV_OK;
	return tv_fail(err, TV_NO_ENTRY, "%s/%s has no such token to revoke", e->provider,
		       e->now.label);
}

static enum tv_status queue(struct tv_entry *e, const struct tv_json *request, int64_t now,
			    struct tv_error *err)
{
	const char *id;
	int64_t at;
	bool given;
	enum tv_status status = need_text(&id, request, "revoke_id", err);

	if (!status)
		status = tv_request_time(&at, &given, request, "revoke_at", err);
	return status ? status : tv_entry_add_revoking(e, id, at ? at : now, err);
}

#define COMMON "provider", "label", "step"

static const struct step steps[] = {
	{"begin", begin, {COMMON, "name"}},
	{"minted", minted, {COMMON, "token", "id", "expires"}},
	{"swap", swap, {COMMON, "checked", "revoke_id", "revoke_at", "id_field"}},
	{"cancel", cancel, {COMMON}},
	{"revoked", revoked, {COMMON, "id", "id_field"}},
	{"queue", queue, {COMMON, "revoke_id", "revoke_at"}},
};

enum tv_status tv_request_rotation(struct tv_json *reply, struct tv_vault *vault,
				   const struct tv_json *request, int64_t now, struct tv_error *err)
{
	const char *name = tv_json_get_text(request, "step");
	const struct step *step = NULL;
	struct tv_entry *e;
	enum tv_status status;

	for (size_t i = 0; name && i < sizeof steps / sizeof *steps; i++)
		if (!strcmp(steps[i].name, name))
			step = &steps[i];
	if (!step)
		return tv_fail(err, TV_BAD_VALUE, "a rotation has no such step");
	status = tv_request_only(request, step->known, err);
	if (!status)
		status = tv_request_own(&e, tv_vault_doc(vault), request, err);
	if (!status)
		status = step->take(e, request, now, err);
	return status ? status : tv_reply_name(reply, e, err);
}

enum tv_status tv_request_rotation_token(struct tv_json *reply, const struct tv_vault *vault,
					 const struct tv_json *request, struct tv_error *err)
{
	static const char *const known[] = {"provider", "label", NULL};
	const struct tv_entry *e;
	enum tv_status status = tv_request_only(request, known, err);

	if (!status)
		status = tv_request_entry(&e, tv_vault_doc(vault), request, err);
	if (status)
		return status;
	if (!e->rotation.token.len)
		return not_rotating(e, err);
	return tv_reply_put(tv_json_put_text(reply, "token", tv_secret_text(&e->rotation.token)),
			    err);
}
