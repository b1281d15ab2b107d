/* tokenvault passwd: another passphrase. */
#include <string.h>

#include "cli/newkey.h"
#include "cli/report.h"

static bool is_passphrase(const struct tv_json *key)
{
	return !strcmp(tv_json_get_text(key, "type"), "passphrase");
}

/* A keyfile opened the vault: then it has to be clear which passphrase is meant. */
static enum tv_status find_only(const struct tv_json **out, const struct tv_json *keys,
				struct tv_error *err)
{
	size_t found = 0;

	for (const struct tv_json *k = tv_json_first(keys); k; k = tv_json_next(k)) {
		if (is_passphrase(k)) {
			*out = k;
			found++;
		}
	}
	if (!found)
		return tv_fail(
			err, TV_NO_ENTRY,
			"the vault has no passphrase; tokenvault key add passphrase adds one");
	if (found > 1)
		return tv_fail(err, TV_BAD_VALUE,
			       "the vault has %zu passphrases; open it with the one to change",
			       found);
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
	return tv_fail(err, TV_NO_ENTRY, "the passphrase was removed meanwhile");
}

/* Opens the vault and puts the slot to replace into the request; *label is what it is called. */
static enum tv_status put_old(struct tv_json *request, const char **label, struct tv_cli *cli,
			      struct tv_json **keys, struct tv_error *err)
{
	unsigned char opened[TV_ID_BYTES];
	const struct tv_json *list, *old = NULL;
	enum tv_status status = tv_session_authenticate(cli->session, opened, err);

	if (!status)
		status = tv_cli_call(keys, cli, TV_AGENT_keys, NULL, err);
	if (status)
		return status;
	if (!tv_json_put_hex(request, "replace", opened, sizeof(opened)))
		return tv_fail(err, TV_NO_MEMORY, "a request");
	list = tv_json_get(*keys, "keys");
	if (cli->ask.keyfile)
		status = find_only(&old, list, err);
	else
		status = find_opened(&old, list, tv_json_get_text(request, "replace"), err);
	if (status)
		return status;
	*label = tv_json_get_text(old, "label");
	if (!tv_json_put_text(request, "replace", tv_json_get_text(old, "uuid")))
		return tv_fail(err, TV_NO_MEMORY, "a request");
	return TV_OK;
}

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *request = tv_json_object(), *keys = NULL, *reply = NULL;
	struct tv_slot_new slot;
	const char *label = NULL;
	enum tv_status status = tv_newkey_check(cli, true, err);

	if (!status)
		status = tv_cli_open(cli, err);
	if (!status)
		status = put_old(request, &label, cli, &keys, err);
	if (!status)
		status = tv_newkey_passphrase(&slot, cli, label, err);
	if (!status && !tv_json_put(request, "slot", tv_newkey_json(&slot)))
		status = tv_fail(err, TV_NO_MEMORY, "a request");
	if (!status)
		status = tv_cli_call(&reply, cli, TV_AGENT_passwd, request, err);
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
		"next two lines of --passphrase-fd. With --keyfile, which then opens the\n"
		"vault, a vault's only passphrase is replaced. The vault gets a new key of\n"
		"its own, and its backup, which the old passphrase would open, goes away.",
	.options = options,
	.run = run,
};
