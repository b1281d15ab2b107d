/* The messages that change keys: key_add, key_remove, passwd, rekey. */
#include <string.h>

#include "vault/request.h"

static const char *const only_uuid[] = {"proof", "uuid", NULL};

/* A slot as AGENT.md has it. */
static enum tv_status get_slot(struct tv_slot_new *out, const struct tv_json *request, int64_t now,
			       struct tv_error *err)
{
	static const char *const known[] = {"type",	 "uuid",  "params", "commitment",
					    "recipient", "label", NULL};
	const struct tv_json *j = tv_json_get(request, "slot");
	const char *label = tv_json_get_text(j, "label");
	const struct tv_slot_type *type;
	int64_t number;
	enum tv_status status = tv_request_only(j, known, err);

	if (status)
		return status;
	type = tv_json_get_int(j, "type", &number) && number > 0 && number <= UINT16_MAX
		       ? tv_slot_type_by_number((uint16_t)number)
		       : NULL;
	if (!type)
		return tv_fail(err, TV_BAD_VALUE, "the slot's type is not known");
	*out = (struct tv_slot_new){
		.type = type->number, .params_len = type->params_len, .created = now};
	if (!tv_json_get_hex(j, "uuid", out->uuid, sizeof out->uuid) ||
	    !tv_json_get_hex(j, "params", out->params, out->params_len) ||
	    !tv_json_get_hex(j, "commitment", out->commitment, sizeof out->commitment) ||
	    !tv_json_get_hex(j, "recipient", out->recipient, sizeof out->recipient) || !label ||
	    !tv_label_is_valid(label))
		return tv_fail(err, TV_BAD_VALUE, "the slot is out of bounds");
	memcpy(out->label, label, strlen(label) + 1);
	return TV_OK;
}

/* Where the request says which vault it is about, that has to be this one. */
static enum tv_status check_vault(const struct tv_vault *vault, const struct tv_json *request,
				  struct tv_error *err)
{
	unsigned char id[TV_ID_BYTES];

	if (!tv_json_get(request, "vault"))
		return TV_OK;
	if (!tv_json_get_hex(request, "vault", id, sizeof id))
		return tv_fail(err, TV_BAD_VALUE, "the vault's id is out of bounds");
	if (memcmp(id, tv_vault_header(vault)->vault_id, sizeof id))
		return tv_fail(err, TV_BAD_VALUE, "the key is for another vault than this one");
	return TV_OK;
}

static enum tv_status put_uuid(struct tv_json *reply, const unsigned char *uuid,
			       struct tv_error *err)
{
	return tv_reply_put(tv_json_put_hex(reply, "uuid", uuid, TV_ID_BYTES), err);
}

/* The old vault key opens the backup: neither may stay. */
static enum tv_status new_key(struct tv_json *reply, struct tv_vault *vault, struct tv_error *err)
{
	enum tv_status status = tv_vault_rekey(vault, err);

	return status ? status : tv_reply_put(tv_json_put_text(reply, "backup", "drop"), err);
}

enum tv_status tv_request_key_add(struct tv_json *reply, struct tv_vault *vault,
				  const struct tv_json *request, int64_t now, struct tv_error *err)
{
	static const char *const known[] = {"proof", "slot", "vault", NULL};
	struct tv_slot_new slot;
	enum tv_status status = tv_request_only(request, known, err);

	if (!status)
		status = check_vault(vault, request, err);
	if (!status)
		status = get_slot(&slot, request, now, err);
	if (!status)
		status = tv_vault_add_slot(vault, &slot, err);
	return status ? status : put_uuid(reply, slot.uuid, err);
}

enum tv_status tv_request_key_remove(struct tv_json *reply, struct tv_vault *vault,
				     const struct tv_json *request, int64_t now,
				     struct tv_error *err)
{
	unsigned char uuid[TV_ID_BYTES];
	enum tv_status status = tv_request_only(request, only_uuid, err);

	(void)now;
	if (!status && !tv_json_get_hex(request, "uuid", uuid, sizeof uuid))
		status = tv_fail(err, TV_BAD_VALUE, "the key's id is out of bounds");
	if (!status)
		status = tv_vault_remove_slot(vault, uuid, err);
	if (!status)
		status = new_key(reply, vault, err);
	return status ? status : put_uuid(reply, uuid, err);
}

enum tv_status tv_request_passwd(struct tv_json *reply, struct tv_vault *vault,
				 const struct tv_json *request, int64_t now, struct tv_error *err)
{
	static const char *const known[] = {"proof", "replace", "slot", NULL};
	unsigned char old[TV_ID_BYTES];
	struct tv_slot_new slot;
	enum tv_status status = tv_request_only(request, known, err);

	if (!status && !tv_json_get_hex(request, "replace", old, sizeof old))
		status = tv_fail(err, TV_BAD_VALUE, "the key's id is out of bounds");
	if (!status)
		status = get_slot(&slot, request, now, err);
	if (!status)
		status = tv_vault_replace_slot(vault, old, &slot, err);
	if (!status)
		status = new_key(reply, vault, err);
	return status ? status : put_uuid(reply, slot.uuid, err);
}

enum tv_status tv_request_rekey(struct tv_json *reply, struct tv_vault *vault,
				const struct tv_json *request, int64_t now, struct tv_error *err)
{
	static const char *const known[] = {"proof", NULL};
	enum tv_status status = tv_request_only(request, known, err);

	(void)now;
	return status ? status : new_key(reply, vault, err);
}
