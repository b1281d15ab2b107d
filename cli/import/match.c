/* Which service an imported item belongs to. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/import/import.h"

static enum tv_status no_memory(struct tv_error *err)
{
	return tv_fail(err, TV_NO_MEMORY, "what is imported");
}

/* Any text as a label: what can't stand in one becomes a dash. */
static void make_label(char out[static TV_LABEL_MAX + 1], const char *text)
{
	size_t len = 0;

	for (; *text && len < TV_LABEL_MAX; text++) {
		char one[] = {*text, '\0'};
		bool fits = tv_label_is_valid(one) || *text == '.';

		if (fits || (len && out[len - 1] != '-'))
			out[len++] = fits ? *text : '-';
	}
	while (len && out[len - 1] == '-')
		len--;
	out[len] = '\0';
	if (!tv_label_is_valid(out))
		snprintf(out, TV_LABEL_MAX + 1, "default");
}

static enum tv_status found(struct tv_json *item, const struct tv_provider *provider,
			    const char *label, struct tv_error *err)
{
	char text[TV_LABEL_MAX + 1] = "default";

	if (label)
		make_label(text, label);
	return tv_json_put_text(item, "provider", provider->name) &&
			       tv_json_put_text(item, "label", text)
		       ? TV_OK
		       : no_memory(err);
}

/* NAME=PROVIDER[/LABEL]; NAME may have an equals sign itself. */
static enum tv_status split_as(struct tv_json **out, const char *text, struct tv_error *err)
{
	tv_auto_json *as = tv_json_object();
	const char *sign = strrchr(text, '='), *slash;
	char name[1024], provider[64];
	int len;

	if (!sign || sign == text || (size_t)(sign - text) >= sizeof(name))
		return tv_fail(err, TV_USAGE, "--as %.80s: NAME=PROVIDER[/LABEL]", text);
	snprintf(name, sizeof(name), "%.*s", (int)(sign - text), text);
	slash = strchr(sign, '/');
	len = snprintf(provider, sizeof(provider), "%.*s", (int)strcspn(sign + 1, "/"), sign + 1);
	if (len >= (int)sizeof(provider) || !tv_provider_name_is_valid(provider) ||
	    (slash && !tv_label_is_valid(slash + 1)))
		return tv_fail(err, TV_USAGE, "--as %.80s: NAME=PROVIDER[/LABEL]", text);
	if (!tv_json_put_text(as, "name", name) || !tv_json_put_text(as, "provider", provider) ||
	    !tv_json_put_text(as, "label", slash ? slash + 1 : "default"))
		return no_memory(err);
	*out = as;
	as = NULL;
	return TV_OK;
}

static bool is_named(const struct tv_json *item, const struct tv_json *as)
{
	return !strcmp(tv_json_get_text(item, "name"), tv_json_get_text(as, "name"));
}

enum tv_status tv_import_check_as(const struct tv_json *items, struct tv_cli *cli,
				  struct tv_error *err)
{
	for (size_t i = 0; i < cli->args->n_given; i++) {
		const struct tv_given *given = &cli->args->given[i];
		const struct tv_json *item = tv_json_first(items);
		const struct tv_provider *provider;
		tv_auto_json *as = NULL;
		enum tv_status status;

		if (strcmp(given->option->name, "as") != 0)
			continue;
		status = split_as(&as, given->value, err);
		if (!status)
			status = tv_providers_require(&provider, cli->providers,
						      tv_json_get_text(as, "provider"), err);
		if (status)
			return status;
		while (item && !is_named(item, as))
			item = tv_json_next(item);
		if (!item)
			return tv_fail(err, TV_BAD_VALUE,
				       "--as %.80s: there is nothing of that name", given->value);
	}
	return TV_OK;
}

static enum tv_status match_as(struct tv_json *item, struct tv_cli *cli, struct tv_error *err)
{
	for (size_t i = 0; i < cli->args->n_given; i++) {
		const struct tv_given *given = &cli->args->given[i];
		tv_auto_json *as = NULL;
		enum tv_status status;

		if (strcmp(given->option->name, "as") != 0)
			continue;
		status = split_as(&as, given->value, err);
		if (status)
			return status;
		if (!is_named(item, as))
			continue;
		return tv_json_put_text(item, "provider", tv_json_get_text(as, "provider")) &&
				       tv_json_put_text(item, "label",
							tv_json_get_text(as, "label"))
			       ? TV_OK
			       : no_memory(err);
	}
	return TV_OK;
}

/* The service that something fits; a built-in one goes before those that came from elsewhere. */
static const struct tv_provider *find_service(const struct tv_cli *cli, const char *text,
					      bool (*fits)(const struct tv_provider *p,
							   const char *text))
{
	const struct tv_provider *own = NULL;

	for (size_t i = 0; i < tv_providers_count(cli->providers); i++) {
		const struct tv_provider *p = tv_providers_at(cli->providers, i);

		if (!fits(p, text))
			continue;
		if (p->builtin)
			return p;
		own = own ? own : p;
	}
	return own;
}

static bool has_variable(const struct tv_provider *p, const char *variable)
{
	for (size_t v = 0; v < p->n_environment; v++) {
		if (!strcmp(p->environment[v], variable))
			return true;
	}
	return false;
}

static enum tv_status match_variable(struct tv_json *item, struct tv_cli *cli, struct tv_error *err)
{
	const struct tv_provider *p =
		find_service(cli, tv_json_get_text(item, "variable"), has_variable);

	return p ? found(item, p, tv_args_value(cli->args, "label"), err) : TV_OK;
}

static bool begins_with_name(const struct tv_provider *p, const char *name)
{
	size_t len = strcspn(name, "/");

	return strlen(p->name) == len && !strncasecmp(p->name, name, len);
}

static bool is_called(const struct tv_provider *p, const char *name)
{
	return begins_with_name(p, name) || !strcasecmp(p->title, name);
}

/* PROVIDER, PROVIDER/LABEL, or the service's name for people. */
static enum tv_status match_name(struct tv_json *item, struct tv_cli *cli, struct tv_error *err)
{
	const char *name = tv_json_get_text(item, "name"), *slash = strchr(name, '/');
	const struct tv_provider *p = find_service(cli, name, is_called);

	if (!p)
		return TV_OK;
	return found(item, p, slash && begins_with_name(p, name) ? slash + 1 : NULL, err);
}

/* The host in a URL, or in what begins with one or is one; "" for none. */
static void host_of(char out[static TV_HOST_MAX], const char *url)
{
	const char *scheme = strstr(url, "://"), *at;
	size_t len, port;

	*out = '\0';
	url = scheme ? scheme + 3 : url;
	len = strcspn(url, "/?#, ");
	at = memchr(url, '@', len);
	if (at) {
		len -= (size_t)(at + 1 - url);
		url = at + 1;
	}
	port = strcspn(url, ":");
	len = port < len ? port : len;
	if (len >= TV_HOST_MAX || !memchr(url, '.', len))
		return;
	for (size_t i = 0; i < len; i++)
		out[i] = (char)(url[i] >= 'A' && url[i] <= 'Z' ? url[i] + ('a' - 'A') : url[i]);
	out[len] = '\0';
}

static bool is_host(const char *wanted, const char *url)
{
	char host[TV_HOST_MAX];

	host_of(host, url);
	return *host && !strcmp(host, wanted);
}

/* Whether a service has to do with a host: its requests go there, a field names it, or its console is
 * there. */
static bool knows_host(const struct tv_provider *p, const char *host)
{
	tv_auto_json *hosts = NULL;
	struct tv_error ignored;

	if (!tv_http_hosts(&hosts, p, NULL, &ignored)) {
		for (const struct tv_json *j = tv_json_first(hosts); j; j = tv_json_next(j)) {
			if (is_host(host, tv_json_text(j)))
				return true;
		}
	}
	for (size_t i = 0; i < p->n_fields; i++) {
		if (p->fields[i].value && is_host(host, p->fields[i].value))
			return true;
	}
	return p->console && is_host(host, p->console);
}

bool tv_import_own_host(char out[static TV_HOST_MAX], const struct tv_json *item,
			const struct tv_provider *provider)
{
	const char *url = tv_json_get_text(item, "url");

	host_of(out, url ? url : "");
	return *out && !knows_host(provider, out);
}

static enum tv_status match_host(struct tv_json *item, struct tv_cli *cli, struct tv_error *err)
{
	const char *url = tv_json_get_text(item, "url"), *name = tv_json_get_text(item, "name");
	const struct tv_provider *only = NULL;
	char host[TV_HOST_MAX];

	host_of(host, url ? url : name);
	for (size_t i = 0; *host && i < tv_providers_count(cli->providers); i++) {
		const struct tv_provider *p = tv_providers_at(cli->providers, i);

		if (!knows_host(p, host))
			continue;
		if (only)
			return tv_json_put_text(item, "reason",
						"more than one service is there; --as says which")
				       ? TV_OK
				       : no_memory(err);
		only = p;
	}
	return only ? found(item, only, name, err) : TV_OK;
}

enum tv_status tv_import_match(struct tv_json *item, struct tv_cli *cli, struct tv_error *err)
{
	enum tv_status status = match_as(item, cli, err);
	bool is_variable = tv_json_get_text(item, "variable");

	if (!status && !tv_json_get(item, "provider") && is_variable)
		status = match_variable(item, cli, err);
	if (!status && !tv_json_get(item, "provider") && !is_variable)
		status = match_name(item, cli, err);
	if (!status && !tv_json_get(item, "provider") && !is_variable)
		status = match_host(item, cli, err);
	if (status || tv_json_get(item, "provider") || tv_json_get(item, "reason"))
		return status;
	return tv_json_put_text(item, "reason", "no service is known for it; --as names one")
		       ? TV_OK
		       : no_memory(err);
}
