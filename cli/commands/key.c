/* tokenvault key: what opens the vault. */
#include <stdio.h>
#include <string.h>

#include "cli/newkey.h"
#include "cli/report.h"

static enum tv_status list_keys(struct tv_json **reply, struct tv_cli *cli, struct tv_error *err)
{
	return tv_cli_call(reply, cli, TV_AGENT_keys, NULL, err);
}

/* Who changes keys proves again that one is theirs, also while a server is unlocked. */
static enum tv_status authenticate(struct tv_cli *cli, struct tv_error *err)
{
	enum tv_status status = tv_cli_open(cli, err);

	return status ? status : tv_session_authenticate(cli->session, NULL, err);
}

static enum tv_status check_words(bool *is_keyfile, const struct tv_cli *cli, struct tv_error *err)
{
	const char *type = tv_args_word(cli->args, 0), *path = tv_args_word(cli->args, 1);
	const char *label = tv_args_value(cli->args, "label");

	*is_keyfile = !strcmp(type, "keyfile");
	if (!*is_keyfile && strcmp(type, "passphrase"))
		return tv_fail(err, TV_USAGE, "a key is a passphrase or a keyfile, not %s", type);
	if (*is_keyfile != (path != NULL))
		return tv_fail(err, TV_USAGE,
			       *is_keyfile
				       ? "the keyfile's path is missing"
				       : "passphrases are asked for, or read from a descriptor");
	if (label && !tv_label_is_valid(label))
		return tv_fail(err, TV_BAD_VALUE, "--label `%s`: 1 to 64 of A-Z a-z 0-9 . _ -",
			       label);
	return tv_newkey_check(cli, !*is_keyfile, err);
}

static enum tv_status send_slot(struct tv_cli *cli, const struct tv_slot_new *slot,
				struct tv_error *err)
{
	tv_auto_json *request = tv_json_object(), *reply = NULL;
	enum tv_status status;

	if (!tv_json_put(request, "slot", tv_newkey_json(slot)))
		return tv_fail(err, TV_NO_MEMORY, "a request");
	status = tv_cli_call(&reply, cli, TV_AGENT_key_add, request, err);
	if (!status && cli->is_json)
		return tv_report_json(reply, err);
	if (!status)
		tv_say(cli, "added the key %s", slot->label);
	return status;
}

static enum tv_status run_add(struct tv_cli *cli, struct tv_error *err)
{
	const char *path = tv_args_word(cli->args, 1), *label = tv_args_value(cli->args, "label");
	struct tv_slot_new slot;
	bool is_keyfile, made = false;
	enum tv_status status = check_words(&is_keyfile, cli, err);

	if (!status)
		status = authenticate(cli, err);
	if (!status && is_keyfile)
		status = tv_newkey_keyfile(&slot, &made, cli, path, label, err);
	else if (!status)
		status = tv_newkey_passphrase(&slot, cli, label, err);
	return status ? status : send_slot(cli, &slot, err);
}

static enum tv_status run_list(struct tv_cli *cli, struct tv_error *err)
{
	static const char *const heads[] = {"TYPE", "LABEL", "CREATED", "UUID", NULL};
	tv_auto_table table = {.heads = heads};
	tv_auto_json *reply = NULL;
	const struct tv_json *keys;
	enum tv_status status = list_keys(&reply, cli, err);

	if (status)
		return status;
	keys = tv_json_get(reply, "keys");
	if (cli->is_json)
		return tv_report_json(keys, err);
	for (const struct tv_json *k = tv_json_first(keys); k; k = tv_json_next(k)) {
		tv_table_cell(&table, tv_json_get_text(k, "type"));
		tv_table_cell(&table, tv_json_get_text(k, "label"));
		tv_table_minute(&table, k, "created");
		tv_table_cell(&table, tv_json_get_text(k, "uuid"));
	}
	return tv_table_print(&table, err);
}

static bool is_named(const struct tv_json *key, const char *word, bool by_label)
{
	const char *text = tv_json_get_text(key, by_label ? "label" : "uuid");

	return text && (by_label ? !strcmp(text, word) : !strncmp(text, word, strlen(word)));
}

/* The one key of that label, else the one whose id begins so. */
static enum tv_status find_key(const char **uuid, const struct tv_json *keys, const char *word,
			       struct tv_error *err)
{
	for (int by_label = 1; by_label >= 0; by_label--) {
		size_t found = 0;

		for (const struct tv_json *k = tv_json_first(keys); k; k = tv_json_next(k)) {
			if (is_named(k, word, by_label)) {
				*uuid = tv_json_get_text(k, "uuid");
				found++;
			}
		}
		if (found == 1)
			return TV_OK;
		if (found)
			return tv_fail(err, TV_BAD_VALUE,
				       "%s means %zu keys; tokenvault key list shows their ids",
				       word, found);
	}
	return tv_fail(err, TV_NO_ENTRY, "no key %s; tokenvault key list shows them", word);
}

static enum tv_status run_remove(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *request = tv_json_object(), *reply = NULL, *done = NULL;
	const char *uuid = "";
	enum tv_status status = authenticate(cli, err);

	if (!status)
		status = list_keys(&reply, cli, err);
	if (!status)
		status = find_key(&uuid, tv_json_get(reply, "keys"), tv_args_word(cli->args, 0),
				  err);
	if (!status && !tv_json_put_text(request, "uuid", uuid))
		status = tv_fail(err, TV_NO_MEMORY, "a request");
	if (!status)
		status = tv_cli_call(&done, cli, TV_AGENT_key_remove, request, err);
	if (!status && cli->is_json)
		return tv_report_json(done, err);
	if (!status)
		tv_say(cli, "removed the key %s", uuid);
	return status;
}

static const struct tv_option add_options[] = {
	{"label", 'l', false, "LABEL", "what to call it"},
	TV_NEWKEY_OPTIONS,
	{0},
};

static const struct tv_command add = {
	.name = "add",
	.arguments = "passphrase | keyfile PATH",
	.least = 1,
	.most = 2,
	.summary = "one more way to unlock",
	.help = "Adds a passphrase, asked for twice or the descriptor's second line, or a\n"
		"keyfile, which is made where it is missing. The vault is opened with a key\n"
		"it has first.",
	.options = add_options,
	.run = run_add,
};

static const struct tv_command list = {
	.name = "list",
	.arguments = "",
	.summary = "what opens the vault",
	.help = "Lists the keys. With --json: an array of objects.",
	.run = run_list,
};

static const struct tv_command remove_key = {
	.name = "remove",
	.arguments = "UUID|LABEL",
	.least = 1,
	.most = 1,
	.summary = "one less",
	.help = "Removes a key, named by its label or the beginning of its id. The vault gets\n"
		"a new key of its own, which the removed one does not open, and the backup\n"
		"goes away.",
	.run = run_remove,
};

static const struct tv_command *const parts[] = {&add, &list, &remove_key, NULL};

const struct tv_command tv_command_key = {
	.name = "key",
	.arguments = "add|list|remove",
	.summary = "what opens the vault",
	.help = "Adds, lists and removes passphrases and keyfiles, each of which opens the\n"
		"vault. Adding and removing always ask for a key that the vault has.",
	.parts = parts,
};
