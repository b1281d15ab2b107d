/* tokenvault setting: how services are reached, when the vault locks by itself, when it asks and what it notes. */
#include <string.h>

#include "cli/fetch.h"
#include "cli/report.h"
#include "cli/span.h"

/* A setting: how its words become its value, and back. The vault checks what it can, too. */
struct setting {
	const char *name;
	bool has_list;
	enum tv_status (*check)(const char *word, struct tv_error *err); /* or NULL */
	bool (*put)(struct tv_json *request, const struct tv_args *args);
	void (*show)(struct tv_secret *out, const struct tv_json *value);
};

/* A proxy's password, where it has one, is the user's to show or not: this is the user. */
static void show_text(struct tv_secret *out, const struct tv_json *value)
{
	if (tv_json_text(value))
		tv_secret_puts(out, tv_json_text(value));
}

static void show_list(struct tv_secret *out, const struct tv_json *value)
{
	for (const struct tv_json *j = tv_json_first(value); j; j = tv_json_next(j)) {
		tv_secret_puts(out, out->len ? " " : "");
		tv_secret_puts(out, tv_json_text(j));
	}
}

static void show_span(struct tv_secret *out, const struct tv_json *value)
{
	char text[TV_SPAN_CHARS] = "never";
	int64_t seconds;

	if (tv_json_int(value, &seconds))
		tv_span_print(text, seconds);
	tv_secret_puts(out, text);
}

static void show_switch(struct tv_secret *out, const struct tv_json *value)
{
	tv_secret_puts(out, tv_json_is_true(value) ? "on" : "off");
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

static enum tv_status check_span(const char *value, struct tv_error *err)
{
	int64_t seconds;

	return tv_span_parse(&seconds, value, err);
}

/* One that has to end: null stands for its default here. */
static enum tv_status check_wait(const char *value, struct tv_error *err)
{
	return strcmp(value, "never") ? check_span(value, err)
				      : tv_fail(err, TV_BAD_VALUE, "`never`: 60s, 5m expected");
}

static enum tv_status check_switch(const char *value, struct tv_error *err)
{
	return !strcmp(value, "on") || !strcmp(value, "off")
		       ? TV_OK
		       : tv_fail(err, TV_BAD_VALUE, "`%.40s`: on or off expected", value);
}

static bool put_text(struct tv_json *request, const struct tv_args *args)
{
	return tv_json_put_text(request, "value", tv_args_word(args, 1));
}

static bool put_list(struct tv_json *request, const struct tv_args *args)
{
	struct tv_json *list = tv_json_array();
	bool good = true;

	for (size_t i = 1; i < args->n_words; i++)
		good = tv_json_put_text(list, NULL, args->words[i]) && good;
	return tv_json_put(request, "value", list) && good;
}

/* It was checked before. */
static bool put_span(struct tv_json *request, const struct tv_args *args)
{
	struct tv_error ignored;
	int64_t seconds = 0;

	if (tv_span_parse(&seconds, tv_args_word(args, 1), &ignored))
		return false;
	if (!strcmp(tv_args_word(args, 1), "never"))
		return tv_json_put_null(request, "value");
	return tv_json_put_int(request, "value", seconds);
}

static bool put_switch(struct tv_json *request, const struct tv_args *args)
{
	return tv_json_put_bool(request, "value", !strcmp(tv_args_word(args, 1), "on"));
}

static const struct setting settings[] = {
	{"proxy", false, check_proxy, put_text, show_text},
	{"ca_file", false, check_ca_file, put_text, show_text},
	{"private_hosts", true, NULL, put_list, show_list},
	{"lock_idle", false, check_span, put_span, show_span},
	{"lock_after", false, check_span, put_span, show_span},
	{"lock_sleep", false, check_switch, put_switch, show_switch},
	{"lock_screen", false, check_switch, put_switch, show_switch},
	{"unlock_on_open", false, check_switch, put_switch, show_switch},
	{"prompt_wait", false, check_wait, put_span, show_span},
	{"audit", false, check_switch, put_switch, show_switch},
};

#define SETTINGS (sizeof(settings) / sizeof(*settings))

/* One that does not exist has a text; the vault refuses it by its name. */
static const struct setting *find(const char *name)
{
	static const struct setting unknown = {.put = put_text};

	for (size_t i = 0; i < SETTINGS; i++) {
		if (!strcmp(settings[i].name, name))
			return &settings[i];
	}
	return &unknown;
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
	for (size_t i = 0; i < SETTINGS; i++) {
		tv_auto_secret text = {0};

		settings[i].show(&text, tv_json_get(reply, settings[i].name));
		tv_table_cell(&table, settings[i].name);
		tv_table_cell(&table, text.len ? tv_secret_text(&text) : NULL);
	}
	return tv_table_print(&table, err);
}

/* Names of hosts, and whether a setting of this name exists, are checked by the vault. */
static enum tv_status check(const struct tv_args *args, struct tv_error *err)
{
	const struct setting *setting = find(tv_args_word(args, 0));

	if (!setting->has_list && args->n_words > 2)
		return tv_fail(err, TV_USAGE, "%s has one value", tv_args_word(args, 0));
	return setting->check ? setting->check(tv_args_word(args, 1), err) : TV_OK;
}

static enum tv_status send(struct tv_cli *cli, bool is_set, struct tv_error *err)
{
	tv_auto_json *request = tv_json_object(), *reply = NULL;
	const char *name = tv_args_word(cli->args, 0);
	enum tv_status status;

	if (!tv_json_put_text(request, "name", name) ||
	    !(is_set ? find(name)->put(request, cli->args) : tv_json_put_null(request, "value")))
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
	.help = "proxy           http://, https:// or socks5h:// and HOST:PORT. A password in\n"
		"                it shows in `setting list`, and now in a list of processes.\n"
		"ca_file         a PEM file of certificates, trusted besides the system's\n"
		"private_hosts   the hosts that may have an address of a private network\n"
		"lock_idle       lock when nothing was read for so long: 90s, 15m, 12h, never\n"
		"lock_after      lock so long after the unlock, whatever is read\n"
		"lock_sleep      on or off: lock before the machine goes to sleep\n"
		"lock_screen     on or off: lock when the screen is locked\n"
		"unlock_on_open  on or off: ask for the passphrase when a program opens a file of\n"
		"                the locked vault, which waits for it\n"
		"prompt_wait     how long it waits for that, or to be allowed by you: 60s, 5m\n"
		"audit           on or off: note in the audit log who opens what",
	.run = run_set,
};

static const struct tv_command unset = {
	.name = "unset",
	.arguments = "NAME",
	.least = 1,
	.most = 1,
	.summary = "take one away",
	.help = "Takes a setting away, so that its default counts: no proxy, the system's\n"
		"certificates, public addresses; locked by sleep and screen, and not by time;\n"
		"no passphrase asked for when a file is opened; an audit log.",
	.run = run_unset,
};

static const struct tv_command *const parts[] = {&list, &set, &unset, NULL};

const struct tv_command tv_command_setting = {
	.name = "setting",
	.arguments = "list|set|unset",
	.summary = "reaching services, locking",
	.help = "The vault's settings: how tokens get to their services (the environment's\n"
		"proxies do not count), when a server locks by itself, and when it asks.",
	.parts = parts,
};
