/* tokenvault setting: how services are reached. */
#include <string.h>

#include "cli/fetch.h"
#include "cli/report.h"

static const char *const names[] = {"proxy", "ca_file", "private_hosts"};

/* A proxy's password, where it has one, is the user's to show or not: this is the user. */
static void add_row(struct tv_table *t, const char *name, const struct tv_json *value)
{
	tv_auto_secret text = {0};

	if (tv_json_text(value))
		tv_secret_puts(&text, tv_json_text(value));
	for (const struct tv_json *j = tv_json_first(value); j; j = tv_json_next(j)) {
		tv_secret_puts(&text, text.len ? " " : "");
		tv_secret_puts(&text, tv_json_text(j));
	}
	tv_table_cell(t, name);
	tv_table_cell(t, text.len ? tv_secret_text(&text) : NULL);
}

static enum tv_status run_list(struct tv_cli *cli, struct tv_error *err)
{
	static const char *const heads[] = {"SETTING", "VALUE", NULL};
	tv_auto_table table = {.heads = heads};
	tv_auto_json *reply = NULL;
	enum tv_status status = tv_cli_call(&reply, cli, TV_AGENT_settings, NULL, err);

	if (status)
		return status;
	if (cli->is_json)
		return tv_report_json(reply, err);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		add_row(&table, names[i], tv_json_get(reply, names[i]));
	return tv_table_print(&table, err);
}

static enum tv_status check_proxy(const char *value, struct tv_error *err)
{
	static const char *const schemes[] = {"http://", "https://", "socks5h://"};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		size_t len = strlen(schemes[i]);

		if (!strncmp(value, schemes[i], len) && value[len] && value[len] != '/' &&
		    !strpbrk(value, " \t\r\n"))
			return TV_OK;
	}
	return tv_fail(err, TV_BAD_VALUE, "proxy: http://HOST:PORT, https:// or socks5h://");
}

static enum tv_status check_ca_file(const char *value, struct tv_error *err)
{
	tv_auto_secret roots = {0};

	if (*value != '/')
		return tv_fail(err, TV_BAD_VALUE, "ca_file: its whole path, from / on");
	return tv_fetch_roots(&roots, value, err);
}

/* Names of hosts, and whether a setting of this name exists, are checked by the vault. */
static enum tv_status check(const struct tv_args *args, struct tv_error *err)
{
	const char *name = tv_args_word(args, 0), *value = tv_args_word(args, 1);

	if (strcmp(name, "private_hosts") != 0 && args->n_words > 2)
		return tv_fail(err, TV_USAGE, "%s has one value", name);
	if (!strcmp(name, "proxy"))
		return check_proxy(value, err);
	if (!strcmp(name, "ca_file"))
		return check_ca_file(value, err);
	return TV_OK;
}

static bool put_value(struct tv_json *request, const struct tv_args *args)
{
	struct tv_json *list;
	bool good = true;

	if (strcmp(tv_args_word(args, 0), "private_hosts") != 0)
		return tv_json_put_text(request, "value", tv_args_word(args, 1));
	list = tv_json_array();
	for (size_t i = 1; i < args->n_words; i++)
		good = tv_json_put_text(list, NULL, args->words[i]) && good;
	return tv_json_put(request, "value", list) && good;
}

static enum tv_status send(struct tv_cli *cli, bool is_set, struct tv_error *err)
{
	tv_auto_json *request = tv_json_object(), *reply = NULL;
	const char *name = tv_args_word(cli->args, 0);
	enum tv_status status;

	if (!tv_json_put_text(request, "name", name) ||
	    !(is_set ? put_value(request, cli->args) : tv_json_put_null(request, "value")))
		return tv_fail(err, TV_NO_MEMORY, "a request");
	status = tv_cli_call(&reply, cli, TV_AGENT_setting, request, err);
	if (!status && cli->is_json)
		return tv_report_json(reply, err);
	if (!status)
		tv_say(cli, is_set ? "%s is set" : "%s is not set any more", name);
	return status;
}

static enum tv_status run_set(struct tv_cli *cli, struct tv_error *err)
{
	enum tv_status status = check(cli->args, err);

	return status ? status : send(cli, true, err);
}

static enum tv_status run_unset(struct tv_cli *cli, struct tv_error *err)
{
	return send(cli, false, err);
}

static const struct tv_command list = {
	.name = "list",
	.arguments = "",
	.summary = "the settings",
	.help = "Lists the settings. With --json: an object.",
	.run = run_list,
};

static const struct tv_command set = {
	.name = "set",
	.arguments = "NAME VALUE...",
	.least = 2,
	.most = TV_ANY,
	.summary = "change one",
	.help = "proxy          http://, https:// or socks5h:// and HOST:PORT. A password in\n"
		"               it shows in `setting list`, and now in a list of processes.\n"
		"ca_file        a PEM file of certificates, trusted besides the system's\n"
		"private_hosts  the hosts that may have an address of a private network",
	.run = run_set,
};

static const struct tv_command unset = {
	.name = "unset",
	.arguments = "NAME",
	.least = 1,
	.most = 1,
	.summary = "take one away",
	.help = "Takes a setting away, so that its default counts: no proxy, the system's\n"
		"certificates, public addresses.",
	.run = run_unset,
};

static const struct tv_command *const parts[] = {&list, &set, &unset, NULL};

const struct tv_command tv_command_setting = {
	.name = "setting",
	.arguments = "list|set|unset",
	.summary = "how services are reached",
	.help = "The vault's settings of how tokens get to their services. The environment's\n"
		"proxies do not count.",
	.parts = parts,
};
