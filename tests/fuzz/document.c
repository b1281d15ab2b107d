/* Documents: what is taken and printed is taken again, and printed alike; all views of it are rendered. */
#include <string.h>

#include "fuzz.h"
#include "vault/template.h"

static struct tv_providers *providers;

static void render_all(const struct tv_doc *doc)
{
	struct tv_views views = {0};

	if (!providers)
		MUST(!tv_providers_load(&providers, NULL, NULL, NULL));
	if (tv_views_list(&views, doc, providers, NULL))
		return;
	for (size_t i = 0; i < views.count; i++) {
		tv_auto_secret out = {0};

		if (!tv_view_render(&out, &views.at[i], doc, providers, 1, NULL))
			MUST(!out.failed);
	}
	tv_views_free(&views);
}

static void look(const uint8_t *data, size_t size)
{
	tv_auto_secret first = {0};
	tv_auto_secret second = {0};
	struct tv_doc *doc = NULL;
	struct tv_doc *again = NULL;

	if (tv_doc_parse(&doc, data, size, NULL))
		return;
	MUST(!tv_doc_print(&first, doc, NULL));
	MUST(!tv_doc_parse(&again, first.data, first.len, NULL));
	MUST(!tv_doc_print(&second, again, NULL));
	MUST(tv_secret_equals(&first, &second));
	render_all(doc);
	tv_doc_free(doc);
	tv_doc_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t before = tv_arena_in_use();

	look(data, size);
	MUST(tv_arena_in_use() == before);
	return 0;
}
