/* What a service answers, to each request of each definition that is built in: the way from tokenvault-fetch's message
 * through the judgement into the vault. The first two bytes choose a definition and a status. */
#include <string.h>

#include "cli/fetch.h"
#include "cli/service.h"
#include "fuzz.h"

static const int statuses[] = {200, 201, 204, 401, 403, 404, 422, 500};
static const uint8_t *input;
static size_t left;
static struct tv_providers *providers;

void tv_complain(enum tv_status status, const struct tv_error *err)
{
	MUST(status && err);
}

/* In the place of cli/fetch.c: each answer is the input up to its next NUL. */
enum tv_status tv_fetch(struct tv_fetch_reply *out, struct tv_cli *cli,
			const struct tv_http_request *request, struct tv_error *err)
{
	const size_t len = strnlen((const char *)input + (left ? 1 : 0), left ? left - 1 : 0);

	(void)cli;
	MUST(tv_http_host_is_valid(request->host) && request->url.len);
	if (!left)
		return tv_fail(err, TV_UNREACHABLE, "the input has ended");
	out->status = statuses[input[0] % (sizeof statuses / sizeof *statuses)];
	tv_secret_append(&out->body, input + 1, len);
	left -= len + 1;
	input += len + 1;
	if (left) {
		left--;
		input++;
	}
	return TV_OK;
}

void tv_fetch_reply_free(struct tv_fetch_reply *r)
{
	tv_secret_free(&r->body);
}

enum tv_status tv_fetch_roots(struct tv_secret *out, const char *path, struct tv_error *err)
{
	(void)out;
	return tv_fail(err, TV_BAD_VALUE, "%s", path);
}

/* An entry with all hosts of its definition. */
static struct tv_json *entry_of(const struct tv_provider *p)
{
	struct tv_json *entry = tv_json_object();
	struct tv_json *fields = tv_json_object();
	struct tv_json *hosts = NULL;

	MUST(tv_json_put_text(entry, "provider", p->name) &&
	     tv_json_put_text(entry, "label", "default") && tv_json_put_text(entry, "token", "t") &&
	     tv_json_put(entry, "fields", fields) && tv_json_put_int(entry, "since", 1));
	for (size_t i = 0; i < p->n_fields; i++)
		MUST(p->fields[i].value ||
		     tv_json_put_text(fields, p->fields[i].name, "x.example"));
	MUST(!tv_http_hosts(&hosts, p, fields, NULL) && tv_json_put(entry, "hosts", hosts));
	return entry;
}

/* What was found out is taken by the document as it is. */
static void check_result(const struct tv_json *checked)
{
	const char *account = tv_json_get_text(checked, "account");
	int64_t when = 1;

	MUST(!account || tv_text_is_shown(account, 320));
	MUST(!tv_json_get(checked, "expires") ||
	     (tv_json_get_int(checked, "expires", &when) && when > 0));
}

static void ask(struct tv_cli *cli, const struct tv_provider *p, const struct tv_http *http,
		const struct tv_json *entry)
{
	tv_auto_json *answer = NULL;
	const char *next;

	if (!http || tv_service_ask(&answer, cli, p, http, entry, NULL, NULL))
		return;
	next = tv_service_next(http, answer);
	MUST(!next || *next);
	for (const struct tv_json *i =
		     tv_json_first(http->items ? tv_pointer_get(answer, http->items) : NULL);
	     i; i = tv_json_next(i)) {
		tv_auto_secret id = {0};
		int64_t when;

		if (http->id && tv_pointer_text(&id, i, http->id))
			MUST(!id.failed);
		if (http->expires && tv_http_time(&when, i, http->expires))
			MUST(when > 0);
	}
}

static void look(size_t choice)
{
	const struct tv_provider *p =
		tv_providers_at(providers, choice % tv_providers_count(providers));
	struct tv_cli cli = {0};
	tv_auto_json *entry = entry_of(p);
	tv_auto_json *checked = NULL;

	if (!tv_service_verify(&checked, &cli, p, entry, NULL))
		check_result(checked);
	ask(&cli, p, p->mint, entry);
	ask(&cli, p, p->tokens, entry);
	ask(&cli, p, p->revoke, entry);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t before = tv_arena_in_use();

	if (!providers)
		MUST(!tv_providers_load(&providers, NULL, NULL, NULL));
	if (size < 1)
		return 0;
	input = data + 1;
	left = size - 1;
	look(data[0]);
	MUST(tv_arena_in_use() == before);
	return 0;
}
