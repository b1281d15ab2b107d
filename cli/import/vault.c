/* Another vault's entries: what `export` made, opened with its own passphrase or keyfile. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cli/import/import.h"

static enum tv_status no_memory(struct tv_error *err)
{
	return tv_fail(err, TV_NO_MEMORY, "what is imported");
}

enum tv_status tv_import_asking(struct tv_ask *out, const struct tv_cli *cli, const char *fd_option,
				const char *keyfile_option, struct tv_error *err)
{
	unsigned long fd = 0;
	enum tv_status status = tv_args_number(&fd, cli->args, fd_option, INT_MAX, err);

	*out = (struct tv_ask){.keyfile = tv_args_value(cli->args, keyfile_option),
			       .passphrase_fd = -1};
	if (status || !tv_args_has(cli->args, fd_option))
		return status;
	if (fcntl((int)fd, F_GETFD) < 0)
		return tv_fail(err, TV_BAD_VALUE, "--%s %lu: that descriptor isn't open", fd_option,
			       fd);
	out->passphrase_fd = (int)fd;
	return TV_OK;
}

static enum tv_status ask(struct tv_secret *out, enum tv_part part, void *arg, struct tv_error *err)
{
	return tv_ask_part(out, part, arg, err);
}

static const char *file_of(const struct tv_cli *cli)
{
	return tv_args_word(cli->args, 1);
}

static enum tv_status open_vault(struct tv_session **out, char path[static PATH_MAX],
				 struct tv_ask *asking, const struct tv_cli *cli,
				 struct tv_error *err)
{
	struct tv_session_config config = {.vault_path = path, .has_credential = true};
	enum tv_status status =
		tv_import_asking(asking, cli, "import-passphrase-fd", "import-keyfile", err);

	if (status)
		return status;
	if (!realpath(file_of(cli), path))
		return tv_fail(err, TV_IO, "%s: %s", file_of(cli), strerror(errno));
	config.ways = tv_ask_ways(asking);
	config.ways.ask = ask;
	config.ways.ask_arg = asking;
	if (!tv_ask_is_automatic(asking))
		tv_say(cli, "the passphrase of %s:", file_of(cli));
	return tv_session_open(out, &config, err);
}

static enum tv_status add_entry(struct tv_json *items, struct tv_session *from,
				const struct tv_json *about, struct tv_error *err)
{
	tv_auto_json *query = tv_json_object();
	struct tv_json *entry = NULL, *item = tv_json_object();
	const char *provider = tv_json_get_text(about, "provider");
	const char *label = tv_json_get_text(about, "label");
	tv_auto_secret name = {0};
	enum tv_status status;

	if (!tv_json_put(items, NULL, item) || !tv_json_put_text(query, "provider", provider) ||
	    !tv_json_put_text(query, "label", label))
		return no_memory(err);
	status = tv_session_call(&entry, from, TV_AGENT_show, query, err);
	if (status)
		return status;
	tv_secret_puts(&name, provider);
	tv_secret_putc(&name, '/');
	tv_secret_puts(&name, label);
	return tv_json_put_text(item, "name", tv_secret_text(&name)) &&
			       tv_json_put_text(item, "token", tv_json_get_text(entry, "token")) &&
			       tv_json_put_text(item, "provider", provider) &&
			       tv_json_put_text(item, "label", label) &&
			       tv_json_put(item, "entry", entry)
		       ? TV_OK
		       : no_memory(err);
}

static enum tv_status gather(struct tv_json *items, struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_session *from = NULL;
	tv_auto_json *nothing = tv_json_object(), *reply = NULL;
	char path[PATH_MAX];
	struct tv_ask asking;
	enum tv_status status = open_vault(&from, path, &asking, cli, err);

	if (!status)
		status = tv_session_call(&reply, from, TV_AGENT_list, nothing, err);
	for (const struct tv_json *e = tv_json_first(tv_json_get(reply, "entries")); e && !status;
	     e = tv_json_next(e))
		status = add_entry(items, from, e, err);
	return status;
}

const struct tv_import_source tv_import_vault = {
	"tokenvault", "import-passphrase-fd import-keyfile", true, gather, NULL, file_of,
};
