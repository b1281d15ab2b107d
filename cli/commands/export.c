/* tokenvault export: entries into a vault of their own, or in the clear. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/call.h"
#include "cli/import/import.h"
#include "cli/newkey.h"
#include "cli/report.h"
#include "cli/terminal.h"

static enum tv_status no_memory(struct tv_error *err)
{
	return tv_fail(err, TV_NO_MEMORY, "what is exported");
}

/* PROVIDER or PROVIDER/LABEL. */
static bool is_meant(const struct tv_json *about, const char *word)
{
	const char *provider = tv_json_get_text(about, "provider");
	size_t len = strlen(provider);

	return !strncmp(word, provider, len) &&
	       (!word[len] ||
		(word[len] == '/' && !strcmp(word + len + 1, tv_json_get_text(about, "label"))));
}

static bool is_chosen(const struct tv_json *about, const struct tv_args *args)
{
	bool chosen = args->n_words == 1;

	for (size_t i = 1; i < args->n_words && !chosen; i++)
		chosen = is_meant(about, args->words[i]);
	return chosen;
}

/* A word that means nothing was mistyped. */
static enum tv_status check_words(const struct tv_json *list, const struct tv_args *args,
				  struct tv_error *err)
{
	for (size_t i = 1; i < args->n_words; i++) {
		const struct tv_json *e = tv_json_first(list);

		while (e && !is_meant(e, args->words[i]))
			e = tv_json_next(e);
		if (!e)
			return tv_fail(err, TV_NO_ENTRY, "%s; see: tokenvault list",
				       args->words[i]);
	}
	return TV_OK;
}

static enum tv_status add_entry(struct tv_json *entries, struct tv_cli *cli,
				const struct tv_json *about, struct tv_error *err)
{
	struct tv_json *entry;
	enum tv_status status = tv_call_show(&entry, cli, about, err);

	if (status)
		return status;
	return tv_json_put(entries, NULL, entry) ? TV_OK : no_memory(err);
}

/* The chosen entries, each as `show` has it. */
static enum tv_status gather(struct tv_json *entries, struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *reply = NULL;
	const struct tv_json *list;
	enum tv_status status = tv_cli_call(&reply, cli, TV_AGENT_list, NULL, err);

	list = tv_json_get(reply, "entries");
	if (!status)
		status = check_words(list, cli->args, err);
	for (const struct tv_json *e = tv_json_first(list); e && !status; e = tv_json_next(e)) {
		if (is_chosen(e, cli->args))
			status = add_entry(entries, cli, e, err);
	}
	if (!status && !tv_json_count(entries))
		status = tv_fail(err, TV_NO_ENTRY, "the vault is empty");
	return status;
}

static const char *type_of(const struct tv_ask *asking)
{
	return asking->keyfile ? "keyfile" : "passphrase";
}

/* How the new vault's passphrase is asked for. Before this program has descriptors of its own. */
static enum tv_status set_up_asking(struct tv_ask *out, const struct tv_cli *cli,
				    struct tv_error *err)
{
	enum tv_status status =
		tv_import_asking(out, cli, "export-passphrase-fd", "export-keyfile", err);

	if (!status && out->keyfile && out->passphrase_fd >= 0)
		return tv_fail(err, TV_USAGE,
			       "--export-passphrase-fd or --export-keyfile, not both");
	return status ? status : tv_newkey_check(cli, type_of(out), err);
}

/* The new vault's slot: of a passphrase of its own, or a keyfile. */
static enum tv_status make_slot(struct tv_slot_new *out, const struct tv_cli *cli,
				const struct tv_ask *asking, struct tv_error *err)
{
	struct tv_cli other = *cli;
	bool made;

	other.ask = *asking;
	if (!tv_ask_is_automatic(asking))
		tv_say(cli, "a passphrase for the export:");
	return tv_newkey(out, &made, &other, type_of(asking), asking->keyfile, NULL, err);
}

static enum tv_status put_entry(struct tv_vault *vault, const struct tv_json *entry,
				struct tv_error *err)
{
	tv_auto_json *request = NULL, *reply = NULL, *name = tv_json_object(), *used = NULL;
	int64_t now = time(NULL);
	enum tv_status status = tv_import_request(&request, entry, err);

	if (!status)
		status = tv_agent_edit(&reply, vault, TV_AGENT_add, request, now, err);
	if (status || !tv_json_get_true(entry, "in_use"))
		return status;
	if (!tv_call_put_name(name, entry))
		return no_memory(err);
	return tv_agent_edit(&used, vault, TV_AGENT_use, name, now, err);
}

static enum tv_status make_vault(struct tv_bytes *out, const struct tv_json *entries,
				 const struct tv_cli *cli, const struct tv_ask *asking,
				 struct tv_error *err)
{
	tv_auto_vault *vault = NULL;
	struct tv_slot_new slot;
	enum tv_status status = make_slot(&slot, cli, asking, err);

	if (!status)
		status = tv_vault_create(&vault, &slot, err);
	for (const struct tv_json *e = tv_json_first(entries); e && !status; e = tv_json_next(e))
		status = put_entry(vault, e, err);
	return status ? status : tv_vault_seal(out, vault, err);
}

/* Never over a file that is there. */
static enum tv_status write_vault(const char *path, const struct tv_bytes *bytes,
				  struct tv_error *err)
{
	tv_auto_store *store = NULL;
	enum tv_status status = tv_store_open(&store, path, err);

	if (!status)
		status = tv_store_lock(store, err);
	return status ? status : tv_store_commit(store, bytes, true, TV_BACKUP_KEEP, err);
}

static enum tv_status absolute(char out[static PATH_MAX], const char *path, struct tv_error *err)
{
	char here[PATH_MAX] = "";

	if (*path != '/' && !getcwd(here, sizeof(here)))
		return tv_fail(err, TV_IO, "the current directory: %s", strerror(errno));
	if (snprintf(out, PATH_MAX, "%s%s%s", here, *path == '/' ? "" : "/", path) >= PATH_MAX)
		return tv_fail(err, TV_BAD_VALUE, "%s: too long", path);
	if (!access(out, F_OK))
		return tv_fail(err, TV_EXISTS, "%s", path);
	return TV_OK;
}

static enum tv_status export_vault(struct tv_cli *cli, struct tv_error *err)
{
	const char *file = tv_args_word(cli->args, 0);
	tv_auto_json *entries = tv_json_array();
	tv_auto_bytes bytes = {0};
	struct tv_ask asking;
	char path[PATH_MAX];
	enum tv_status status = set_up_asking(&asking, cli, err);

	if (!status)
		status = absolute(path, file, err);
	if (!status)
		status = gather(entries, cli, err);
	if (!status)
		status = make_vault(&bytes, entries, cli, &asking, err);
	if (!status)
		status = write_vault(path, &bytes, err);
	if (!status)
		tv_say(cli, "exported %zu entr%s to %s, without their history",
		       tv_json_count(entries), tv_json_count(entries) == 1 ? "y" : "ies", file);
	return status;
}

static enum tv_status confirm(struct tv_cli *cli, const char *file, struct tv_error *err)
{
	char prompt[PATH_MAX + 128];
	tv_auto_secret answer = {0};
	const char *typed;
	enum tv_status status;

	if (tv_args_has(cli->args, "yes"))
		return TV_OK;
	snprintf(prompt, sizeof(prompt),
		 "This writes the tokens in the clear to %s. Type `plaintext` to do it: ",
		 strcmp(file, "-") ? file : "standard output");
	status = tv_terminal_ask(&answer, prompt, 64, "", err);
	if (status == TV_LOCKED)
		return tv_fail(err, TV_REFUSED,
			       "--plaintext: no terminal to confirm it on; --yes does without");
	if (status)
		return status;
	typed = tv_secret_text(&answer);
	if (strcmp(typed, "plaintext") != 0)
		return tv_fail(err, TV_REFUSED, "--plaintext was not confirmed");
	return TV_OK;
}

static bool put_time(struct tv_json *to, const struct tv_json *entry, const char *member)
{
	char text[TV_WHEN_CHARS];
	int64_t when;

	if (!tv_json_get_int(entry, member, &when))
		return tv_json_put_null(to, member);
	tv_when_print(text, when);
	return tv_json_put_text(to, member, text);
}

/* What a person or another tool can use. */
static enum tv_status put_plain(struct tv_json *list, const struct tv_json *entry,
				struct tv_error *err)
{
	static const char *const texts[] = {"provider", "label", "token", "note", "account", NULL};
	struct tv_json *one = tv_json_object();
	bool good = tv_json_put(list, NULL, one);

	for (const char *const *t = texts; *t && good; t++)
		good = tv_json_put_text(one, *t, tv_json_get_text(entry, *t));
	good = good && tv_json_put(one, "fields", tv_json_copy(tv_json_get(entry, "fields"))) &&
	       put_time(one, entry, "expires") &&
	       tv_json_put_bool(one, "in_use", tv_json_get_true(entry, "in_use"));
	return good ? TV_OK : no_memory(err);
}

static enum tv_status write_file(const char *path, const struct tv_secret *text,
				 struct tv_error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	enum tv_status status;

	if (fd < 0)
		return tv_fail(err, errno == EEXIST ? TV_EXISTS : TV_IO, "%s%s%s", path,
			       errno == EEXIST ? "" : ": ", errno == EEXIST ? "" : strerror(errno));
	status = tv_secret_write(text, fd, err);
	if (!status && fsync(fd))
		status = tv_fail(err, TV_IO, "%s: %s", path, strerror(errno));
	close(fd);
	if (status)
		unlink(path);
	return status;
}

static enum tv_status export_plain(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *entries = tv_json_array(), *list = tv_json_array();
	const char *file = tv_args_word(cli->args, 0);
	bool is_stdout = !strcmp(file, "-");
	tv_auto_secret text = {0};
	char path[PATH_MAX];
	enum tv_status status = is_stdout ? TV_OK : absolute(path, file, err);

	if (!status)
		status = confirm(cli, file, err);
	if (!status)
		status = gather(entries, cli, err);
	for (const struct tv_json *e = tv_json_first(entries); e && !status; e = tv_json_next(e))
		status = put_plain(list, e, err);
	if (!status)
		status = tv_json_print_indented(&text, list, err);
	tv_secret_putc(&text, '\n');
	if (!status)
		status = tv_secret_check(&text, err);
	if (!status)
		status = is_stdout ? tv_secret_write(&text, STDOUT_FILENO, err)
				   : write_file(path, &text, err);
	if (!status && !is_stdout)
		tv_say(cli, "%s has %zu token%s in the clear, for whoever can read the file", file,
		       tv_json_count(list), tv_json_count(list) == 1 ? "" : "s");
	return status;
}

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	bool is_plain = tv_args_has(cli->args, "plaintext");

	if (!is_plain && tv_args_has(cli->args, "yes"))
		return tv_fail(err, TV_USAGE, "--yes is for --plaintext");
	if (is_plain && (tv_args_has(cli->args, "export-passphrase-fd") ||
			 tv_args_has(cli->args, "export-keyfile")))
		return tv_fail(err, TV_USAGE, "--plaintext has no passphrase and no keyfile");
	if (!is_plain && !strcmp(tv_args_word(cli->args, 0), "-"))
		return tv_fail(err, TV_USAGE, "- is for --plaintext; a vault needs a FILE");
	return is_plain ? export_plain(cli, err) : export_vault(cli, err);
}

static const struct tv_option options[] = {
	{"export-passphrase-fd", 0, false, "N", "read FILE's passphrase from descriptor N"},
	{"export-keyfile", 0, false, "PATH", "a keyfile opens FILE; made where it is missing"},
	TV_NEWKEY_OPTIONS,
	{"plaintext", 0, false, NULL, "in the clear, as JSON; FILE may be -"},
	{"yes", 'y', false, NULL, "do not ask whether --plaintext is meant"},
	{0},
};

const struct tv_command tv_command_export = {
	.name = "export",
	.arguments = "FILE [PROVIDER[/LABEL]]...",
	.least = 1,
	.most = TV_ANY,
	.summary = "copy entries to a file",
	.help = "Makes a vault of its own with all entries, or those named, and a passphrase\n"
		"of its own, which is asked for twice. History, rotations and settings do not\n"
		"go along. `import tokenvault FILE` takes it in, `--vault ./FILE` opens it. A\n"
		"file that is there is never written over.",
	.options = options,
	.run = run,
};
