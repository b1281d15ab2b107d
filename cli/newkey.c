/* New keys of a vault: the slot that new parts make, or that another machine asked for. */
#include "cli/newkey.h"

#include "cli/keyfile.h"

#define MIB 1024ul /* in KiB, as the library counts */

static enum tv_status cost(struct tv_kdf *out, const struct tv_cli *cli, struct tv_error *err)
{
	const struct tv_kdf_limits *l = &tv_kdf_limits;
	unsigned long memory = tv_kdf_default.memory_kib / MIB, passes = tv_kdf_default.passes;
	enum tv_status status =
		tv_args_number(&memory, cli->args, "memory", l->most.memory_kib / MIB, err);

	if (!status)
		status = tv_args_number(&passes, cli->args, "passes", l->most.passes, err);
	if (status)
		return status;
	if (memory * MIB < l->least.memory_kib)
		return tv_fail(err, TV_BAD_VALUE, "--memory %lu: %lu MiB are the least", memory,
			       l->least.memory_kib / MIB);
	if (passes < l->least.passes)
		return tv_fail(err, TV_BAD_VALUE, "--passes %lu: %u is the least", passes,
			       l->least.passes);
	if (memory * MIB * passes > l->most_product_kib)
		return tv_fail(err, TV_BAD_VALUE, "--memory times --passes: %lu MiB are the most",
			       (unsigned long)(l->most_product_kib / MIB));
	*out = (struct tv_kdf){(uint32_t)passes, (uint32_t)(memory * MIB)};
	return TV_OK;
}

static bool takes(const char *type, enum tv_part part)
{
	return tv_slot_type_by_name(type)->parts & TV_PART_BIT(part);
}

enum tv_status tv_newkey_check(const struct tv_cli *cli, const char *type, struct tv_error *err)
{
	struct tv_kdf unused;

	if (!takes(type, TV_PART_PASSPHRASE) &&
	    (tv_args_has(cli->args, "memory") || tv_args_has(cli->args, "passes")))
		return tv_fail(err, TV_USAGE, "--memory and --passes are for passphrases");
	return cost(&unused, cli, err);
}

static enum tv_status new_parts(struct tv_credential *out, bool *made, struct tv_cli *cli,
				const char *path, struct tv_error *err)
{
	enum tv_status status = TV_OK;

	*made = false;
	if (takes(out->type, TV_PART_PASSPHRASE))
		status = tv_ask_new_passphrase(&out->part[TV_PART_PASSPHRASE], &cli->ask, err);
	/* After what can be refused: nothing is made for nothing. */
	if (!status && takes(out->type, TV_PART_KEYFILE))
		status = tv_keyfile_read_or_make(&out->part[TV_PART_KEYFILE], made, path, err);
	return status;
}

enum tv_status tv_newkey(struct tv_slot_new *out, bool *made, struct tv_cli *cli, const char *type,
			 const char *path, const char *label, struct tv_error *err)
{
	tv_auto_credential credential = {.type = type};
	struct tv_kdf kdf;
	enum tv_status status = cost(&kdf, cli, err);

	if (!status)
		status = new_parts(&credential, made, cli, path, err);
	if (status)
		return status;
	if (*made)
		tv_say(cli, "made the keyfile %s; without it the key is lost", path);
	return tv_slot_prepare(out, &credential, label ? label : type, NULL, &kdf, &tv_kdf_limits,
			       err);
}

struct tv_json *tv_newkey_json(const struct tv_slot_new *slot)
{
	tv_auto_json *j = tv_json_object();
	struct tv_json *done;

	if (!tv_json_put_int(j, "type", slot->type) ||
	    !tv_json_put_hex(j, "uuid", slot->uuid, sizeof(slot->uuid)) ||
	    !tv_json_put_hex(j, "params", slot->params, slot->params_len) ||
	    !tv_json_put_hex(j, "commitment", slot->commitment, sizeof(slot->commitment)) ||
	    !tv_json_put_hex(j, "recipient", slot->recipient, sizeof(slot->recipient)) ||
	    !tv_json_put_text(j, "label", slot->label))
		return NULL;
	done = j;
	j = NULL;
	return done;
}
