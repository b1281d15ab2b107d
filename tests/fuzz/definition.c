/* Definitions of services: of a sound one every request and file is made for a made-up entry. */
#include <string.h>

#include "fuzz.h"

static const char entry_text[] =
	"{\"label\":\"a\",\"token\":\"t\",\"account\":\"x\",\"fields\":{}}";

static void ask(const struct tv_provider *p, const struct tv_http *http,
		const struct tv_json *entry)
{
	tv_auto_http_request request = {0};

	if (http && !tv_http_render(&request, http, p, entry, NULL, NULL))
		MUST(tv_http_host_is_valid(request.host));
}

static void use(const struct tv_provider *p)
{
	tv_auto_json *entry = NULL;
	tv_auto_json *hosts = NULL;

	MUST(!tv_json_parse(&entry, entry_text, strlen(entry_text), NULL));
	for (size_t i = 0; i < p->n_verify; i++)
		ask(p, &p->verify[i], entry);
	ask(p, p->mint, entry);
	ask(p, p->tokens, entry);
	ask(p, p->revoke, entry);
	if (!tv_http_hosts(&hosts, p, NULL, NULL))
		MUST(tv_json_is_array(hosts));
	for (size_t i = 0; i < p->n_files; i++)
		MUST(tv_file_by_name(p, p->files[i].name) == &p->files[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t before = tv_arena_in_use();
	struct tv_provider *p = NULL;
	struct tv_error err = {""};

	if (tv_provider_parse(&p, (const char *)data, size, "fuzz.json", &err))
		MUST(!strncmp(err.detail, "fuzz.json", strlen("fuzz.json")));
	else
		use(p);
	tv_provider_free(p);
	MUST(tv_arena_in_use() == before);
	return 0;
}
