/* tokenvault key: what opens the vault. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/enrol.h"
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

/* Which kind of key is to be added, and where its keyfile is. */
struct kind {
	const struct tv_slot_type *type;
	const char *path;
};

static enum tv_status unknown_kind(const char *word, struct tv_error *err)
{
	char kinds[128] = "";

	for (const struct tv_slot_type *const *t = tv_slot_types(); *t; t++) {
		size_t len = strlen(kinds);

		snprintf(kinds + len, sizeof(kinds) - len, "%s%s", len ? ", " : "", (*t)->name);
	}
	return tv_fail(err, TV_USAGE, "a key is one of %s, not %s", kinds, word);
}

static bool takes_keyfile(const struct tv_slot_type *type)
{
	return type->parts & TV_PART_BIT(TV_PART_KEYFILE);
}

/* With --both the word that it makes needless may be there or not. */
static enum tv_status read_words(struct kind *out, const struct tv_cli *cli, struct tv_error *err)
{
	const bool is_both = tv_args_has(cli->args, "both");
	const char *word = tv_args_word(cli->args, 0);
	size_t path_at = 1;

	out->type = tv_slot_type_by_name(word);
	if (is_both) {
		if (!tv_args_word(cli->args, 1))
			path_at = 0;
		else if (!out->type || !takes_keyfile(out->type))
			return tv_fail(err, TV_USAGE, "with --both: the keyfile's path, not %s",
				       word);
		out->type = tv_slot_type_by_name("both");
	}
	if (!out->type)
		return unknown_kind(word, err);
	out->path = tv_args_word(cli->args, path_at);
	if (takes_keyfile(out->type) && !out->path)
		return tv_fail(err, TV_USAGE, "the keyfile's path is missing");
	if (!takes_keyfile(out->type) && out->path)
		return tv_fail(err, TV_USAGE, "a key of the kind %s has no path", word);
	return TV_OK;
}

static enum tv_status check_words(struct kind *out, const struct tv_cli *cli, struct tv_error *err)
{
	const char *label = tv_args_value(cli->args, "label");
	enum tv_status status = read_words(out, cli, err);

	if (status)
		return status;
	if (label && !tv_label_is_valid(label))
		return tv_fail(err, TV_BAD_VALUE, "--label `%s`: 1 to 64 of A-Z a-z 0-9 . _ -",
			       label);
	return tv_newkey_check(cli, out->type->name, err);
}

/* A slot, and for one that another machine asked for, which vault it is for. */
static enum tv_status make_slot(struct tv_slot_new *out, bool *made, struct tv_json *request,
				struct tv_cli *cli, const struct kind *kind, struct tv_error *err)
{
	const char *label = tv_args_value(cli->args, "label");
	unsigned char vault_id[TV_ID_BYTES];
	enum tv_status status;

	if (!kind->type->public_key_at)
		return tv_newkey(out, made, cli, kind->type->name, kind->path, label, err);
	status = tv_enrol_read(out, vault_id, kind->type->name, label, err);
	if (!status && !tv_json_put_hex(request, "vault", vault_id, sizeof(vault_id)))
		status = tv_fail(err, TV_NO_MEMORY, "a request");
	return status;
}

static enum tv_status run_add(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *request = tv_json_object(), *reply = NULL;
	tv_auto_slot_new slot = {0};
	struct kind kind = {0};
	bool made = false;
	enum tv_status status = check_words(&kind, cli, err);

	if (!status)
		status = authenticate(cli, err);
	if (!status)
		status = make_slot(&slot, &made, request, cli, &kind, err);
	if (!status && !tv_json_put(request, "slot", tv_newkey_json(&slot)))
		status = tv_fail(err, TV_NO_MEMORY, "a request");
	if (!status)
		status = tv_cli_call(&reply, cli, TV_AGENT_key_add, request, err);
	if (status && made)
		unlink(kind.path);
	if (status)
		return status;
	if (cli->is_json)
		return tv_report_json(reply, err);
	tv_say(cli, "added the key %s", slot.label);
	return TV_OK;
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
	{"both", 'b', false, NULL, "a passphrase and a keyfile, which open only together"},
	{"label", 'l', false, "LABEL", "what to call it"},
	TV_NEWKEY_OPTIONS,
	{0},
};

static const struct tv_command add = {
	.name = "add",
	.arguments = "passphrase|[--both] keyfile PATH|device",
	.least = 1,
	.most = 2,
	.summary = "one more way to unlock",
	.help = "Adds a passphrase, asked for twice or the descriptor's second line, or a\n"
		"keyfile, which is made where it is missing; with --both they open the vault\n"
		"only together, with --keyfile and the passphrase. `device` reads the line that\n"
		"`key device` printed on another machine, which then opens its copy itself.\n"
		"The vault is opened with a key it has first.",
	.options = add_options,
	.run = run_add,
};

static const struct tv_option device_options[] = {
	{"label", 'l', false, "LABEL", "what to call it; else this machine's name"},
	{"output", 'o', false, "FILE", "write it there, for you alone"},
	{0},
};

static const struct tv_command device = {
	.name = "device",
	.arguments = "",
	.summary = "ask for a key of this machine's own",
	.help = "Prints one line by which a machine where the vault is open gives this one a\n"
		"key: `key add device` reads it there. The vault's copy has to be here. The line\n"
		"is confidential: who reads it can make a file that this machine takes for the\n"
		"vault. From then on every program of yours on this machine can open its copy.",
	.options = device_options,
	.run = tv_enrol_ask,
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

static const struct tv_command *const parts[] = {&add, &device, &list, &remove_key, NULL};

const struct tv_command tv_command_key = {
	.name = "key",
	.arguments = "add|device|list|remove",
	.summary = "what opens the vault",
	.help = "Adds, lists and removes passphrases, keyfiles and other machines, each of which\n"
		"opens the vault. Adding and removing always want a key that the vault has.",
	.parts = parts,
};
