/* tokenvault passwd: another passphrase. */
#include <string.h>

#include "cli/newkey.h"
#include "cli/report.h"

static const char *type_of(const struct tv_json *key)
{
	return tv_json_get_text(key, "type");
}

static bool has_passphrase(const struct tv_json *key)
{
	const struct tv_slot_type *type = tv_slot_type_by_name(type_of(key));

	return type && type->parts & TV_PART_BIT(TV_PART_PASSPHRASE);
}

/* Something else opened the vault: then it has to be clear which passphrase is meant. */
static enum tv_status find_only(const struct tv_json **out, const struct tv_json *keys,
				struct tv_error *err)
{
	size_t found = 0;

	for (const struct tv_json *k = tv_json_first(keys); k; k = tv_json_next(k)) {
		if (has_passphrase(k)) {
			*out = k;
			found++;
		}
	}
	if (!found)
		return tv_fail(
			err, TV_NO_ENTRY,
			"the vault has no passphrase; tokenvault key add passphrase adds one");
	if (found > 1 || strcmp(type_of(*out), "passphrase") != 0)
		return tv_fail(err, TV_BAD_VALUE,
			       "%zu keys of the vault have a passphrase%s; open it with the one to "
			       "change",
			       found, found > 1 ? "" : ", and a keyfile as well");
	return TV_OK;
}

static enum tv_status find_opened(const struct tv_json **out, const struct tv_json *keys,
				  const char *uuid, struct tv_error *err)
{
	for (const struct tv_json *k = tv_json_first(keys); k; k = tv_json_next(k)) {
		if (!strcmp(tv_json_get_text(k, "uuid"), uuid)) {
			*out = k;
			return TV_OK;
		}
	}
	return tv_fail(err, TV_NO_ENTRY, "the key that opened the vault was removed meanwhile");
}

/* Opens the vault, and finds the key whose passphrase is to be another. */
static enum tv_status find_old(const struct tv_json **out, struct tv_json **keys,
			       struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *opened = tv_json_object();
	unsigned char uuid[TV_ID_BYTES];
	const struct tv_json *list;
	enum tv_status status = tv_session_authenticate(cli->session, uuid, err);

	if (!status)
		status = tv_cli_call(keys, cli, TV_AGENT_keys, NULL, err);
	if (status)
		return status;
	if (!tv_json_put_hex(opened, "uuid", uuid, sizeof(uuid)))
		return tv_fail(err, TV_NO_MEMORY, "a request");
	list = tv_json_get(*keys, "keys");
	status = find_opened(out, list, tv_json_get_text(opened, "uuid"), err);
	return status || has_passphrase(*out) ? status : find_only(out, list, err);
}

static enum tv_status send(struct tv_json **reply, struct tv_cli *cli, const struct tv_json *old,
			   const struct tv_slot_new *slot, struct tv_error *err)
{
	tv_auto_json *request = tv_json_object();

	if (!tv_json_put_text(request, "replace", tv_json_get_text(old, "uuid")) ||
	    !tv_json_put(request, "slot", tv_newkey_json(slot)))
		return tv_fail(err, TV_NO_MEMORY, "a request");
	return tv_cli_call(reply, cli, TV_AGENT_passwd, request, err);
}

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *keys = NULL, *reply = NULL;
	const struct tv_json *old = NULL;
	struct tv_slot_new slot;
	bool made;
	enum tv_status status = tv_newkey_check(cli, "passphrase", err);

	if (!status)
		status = tv_cli_open(cli, err);
	if (!status)
		status = find_old(&old, &keys, cli, err);
	/* A keyfile that goes with it is the one that has just opened the vault, and stays. */
	if (!status)
		status = tv_newkey(&slot, &made, cli, type_of(old), cli->ask.keyfile,
				   tv_json_get_text(old, "label"), err);
	if (!status)
		status = send(&reply, cli, old, &slot, err);
	if (!status && cli->is_json)
		return tv_report_json(reply, err);
	if (!status)
		tv_say(cli, "the passphrase is changed");
	return status;
}

static const struct tv_option options[] = {TV_NEWKEY_OPTIONS, {0}};

const struct tv_command tv_command_passwd = {
	.name = "passwd",
	.arguments = "",
	.summary = "change the passphrase",
	.help = "Changes the passphrase that opens the vault. Both are asked for, or are the\n"
		"next two lines of --passphrase-fd. Where a keyfile alone opens the vault, or\n"
		"this machine does, its only passphrase is replaced; where both together do,\n"
		"theirs. The vault gets a new key of its own, and its backup, which the old\n"
		"passphrase would open, goes away.",
	.options = options,
	.run = run,
};
