/* Templates, each with the JSON behind its NUL as data, in every escape: a sound one renders, or its values can't be
 * written so. */
#include <string.h>

#include "fuzz.h"
#include "vault/template.h"

static void count(const char *name, size_t line, void *arg)
{
	MUST(*name && line);
	++*(size_t *)arg;
}

static void render(const char *text, const struct tv_json *data)
{
	for (const struct tv_escape *const *escape = tv_escapes(); *escape; escape++) {
		tv_auto_secret out = {0};
		enum tv_status status = tv_template_render(&out, text, data, *escape, NULL);

		MUST(!status || status == TV_BAD_VALUE);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t before = tv_arena_in_use();
	char *text = strndup((const char *)data, size);
	const size_t len = text ? strlen(text) : 0;
	struct tv_json *json = NULL;
	size_t names = 0;

	MUST(text);
	if (size > len + 1 && tv_json_parse(&json, data + len + 1, size - len - 1, NULL))
		json = NULL;
	if (!json)
		json = tv_json_object();
	if (!tv_template_check(text, NULL, NULL)) {
		tv_template_names(text, count, &names);
		if (tv_json_is_object(json))
			render(text, json);
	}
	tv_json_free(json);
	free(text);
	MUST(tv_arena_in_use() == before);
	return 0;
}
