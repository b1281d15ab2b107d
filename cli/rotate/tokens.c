/* The tokens that an account has at its service: finding those of a name, ending one. */
#include "cli/rotate/tokens.h"

#include <stdio.h>
#include <string.h>

#include "cli/call.h"
#include "cli/service.h"

#define PAGES_MAX 100
#define NOT_FOUND 404
#define GONE	  410

/* The definition's request, turned to another page of the same list. */
struct page {
	struct tv_http http;
	char host[TV_HOST_MAX]; /* the first page's */
	char base[TV_HOST_MAX + 8];
	char path[2048];
};

static enum tv_status first_page(struct page *p, const struct tv_provider *provider,
				 const struct tv_json *entry, struct tv_error *err)
{
	tv_auto_http_request request = {0};
	enum tv_status status;

	*p = (struct page){.http = *provider->tokens};
	status = tv_http_render(&request, &p->http, provider, entry, NULL, err);
	if (!status)
		snprintf(p->host, sizeof(p->host), "%s", request.host);
	return status;
}

/* A service does not get to choose where the token goes, nor to have us fill in a template. */
static enum tv_status turn_page(struct page *p, const char *url, struct tv_error *err)
{
	const char *path = url;
	char host[TV_HOST_MAX] = "";
	struct tv_error ignored;

	if (!strncmp(url, "https://", 8)) {
		path = url + 8 + strcspn(url + 8, "/?#");
		snprintf(p->base, sizeof(p->base), "%.*s", (int)(path - url), url);
		if ((size_t)(path - url) >= sizeof(p->base) ||
		    tv_http_host(host, p->base, &ignored))
			host[0] = '\0';
	} else if (url[0] == '/' && url[1] != '/') {
		snprintf(host, sizeof(host), "%s", p->host);
		snprintf(p->base, sizeof(p->base), "https://%s", p->host);
	}
	if (strcmp(host, p->host))
		return tv_fail(err, TV_ODD_REPLY,
			       "%s: its list of tokens goes on somewhere else, and is not followed",
			       p->host);
	if (path[0] != '/' || strlen(path) >= sizeof(p->path) || strpbrk(path, "{}"))
		return tv_fail(err, TV_ODD_REPLY, "%s: its list of tokens goes on nowhere",
			       p->host);
	snprintf(p->path, sizeof(p->path), "%s", path);
	p->http.base = p->base;
	p->http.path = p->path;
	return TV_OK;
}

/* Adds the ids of a page's tokens of this name. */
static enum tv_status take_ids(struct tv_json *ids, const struct page *p,
			       const struct tv_json *answer, const char *name, struct tv_error *err)
{
	const struct tv_json *items = tv_pointer_get(answer, p->http.items);

	if (!tv_json_is_array(items))
		return tv_fail(err, TV_ODD_REPLY, "%s: its list of tokens is none", p->host);
	for (const struct tv_json *item = tv_json_first(items); item; item = tv_json_next(item)) {
		tv_auto_secret has = {0}, id = {0};

		if (!tv_pointer_text(&has, item, p->http.name) ||
		    !tv_secret_texts_equal(tv_secret_text(&has), name))
			continue;
		if (!tv_pointer_text(&id, item, p->http.id))
			return tv_fail(err, TV_ODD_REPLY, "%s: a token in its list has no id",
				       p->host);
		if (!tv_json_put_text(ids, NULL, tv_secret_text(&id)))
			return tv_fail(err, TV_NO_MEMORY, "a list of tokens");
	}
	return TV_OK;
}

enum tv_status tv_tokens_named(struct tv_json **ids, struct tv_cli *cli,
			       const struct tv_provider *provider, const struct tv_json *entry,
			       const char *name, struct tv_error *err)
{
	tv_auto_json *found = tv_json_array();
	struct page page;
	bool goes_on = true;
	enum tv_status status;

	if (!provider->tokens || !provider->tokens->name || !provider->tokens->id)
		return tv_fail(err, TV_NO_API, "%s does not list tokens by name", provider->title);
	if (!found)
		return tv_fail(err, TV_NO_MEMORY, "a list of tokens");
	status = first_page(&page, provider, entry, err);
	for (int i = 0; !status && goes_on; i++) {
		tv_auto_json *answer = NULL;
		const char *next;

		if (i == PAGES_MAX)
			return tv_fail(err, TV_ODD_REPLY, "%s: its list of tokens has no end",
				       page.host);
		status = tv_service_ask(&answer, cli, provider, &page.http, entry, NULL, err);
		if (!status)
			status = take_ids(found, &page, answer, name, err);
		next = status ? NULL : tv_service_next(&page.http, answer);
		goes_on = next;
		if (next)
			status = turn_page(&page, next, err);
	}
	if (status)
		return status;
	*ids = found;
	found = NULL;
	return TV_OK;
}

enum tv_status tv_token_end(bool *was_there, struct tv_cli *cli, const struct tv_provider *provider,
			    const struct tv_json *entry, const char *id, struct tv_error *err)
{
	tv_auto_json *more = tv_json_object();
	int http_status = 0;
	enum tv_status status;

	if (!provider->revoke)
		return tv_fail(err, TV_NO_API, "%s's tokens end in its console", provider->title);
	if (!tv_json_put_text(more, "id", id))
		return tv_fail(err, TV_NO_MEMORY, "a request");
	status = tv_service_ask_status(NULL, &http_status, cli, provider, provider->revoke, entry,
				       more, err);
	if (!status && was_there)
		*was_there = http_status != NOT_FOUND && http_status != GONE;
	return status;
}

const char *tv_token_id(const struct tv_provider *provider, const struct tv_json *entry)
{
	const char *id = provider->id_field ? tv_json_get_text(tv_json_get(entry, "fields"),
							       provider->id_field)
					    : NULL;

	return id && *id ? id : NULL;
}

enum tv_status tv_token_shared(struct tv_secret *label, struct tv_cli *cli,
			       const struct tv_provider *provider, const struct tv_json *entry,
			       const char *token, const char *id, struct tv_error *err)
{
	const char *own = tv_json_get_text(entry, "label");
	tv_auto_json *request = tv_json_object(), *reply = NULL;
	enum tv_status status;

	if (!tv_json_put_text(request, "provider", provider->name))
		return tv_fail(err, TV_NO_MEMORY, "a request");
	status = tv_cli_call(&reply, cli, TV_AGENT_list, request, err);
	for (const struct tv_json *e = tv_json_first(tv_json_get(reply, "entries")); e && !status;
	     e = tv_json_next(e)) {
		const char *name = tv_json_get_text(e, "label"), *its;
		tv_auto_json *other = NULL;

		if (!strcmp(name, own))
			continue;
		status = tv_call_show(&other, cli, e, err);
		if (status == TV_NO_ENTRY)
			status = TV_OK; /* removed meanwhile */
		its = other ? tv_token_id(provider, other) : NULL;
		if (!other || (!tv_secret_texts_equal(tv_json_get_text(other, "token"), token) &&
			       !(its && id && !strcmp(its, id))))
			continue;
		tv_secret_puts(label, name);
		return tv_secret_check(label, err);
	}
	return status;
}
