/* The messages about which files are mounted: view, views. */
#include <string.h>

#include "vault/request.h"

enum tv_status tv_request_view(struct tv_json *reply, struct tv_vault *vault,
			       const struct tv_json *request, int64_t now, struct tv_error *err)
{
	static const char *const known[] = {"provider", "file", "on", NULL};
	const char *provider = tv_json_get_text(request, "provider");
	const char *file = tv_json_get_text(request, "file");
	const struct tv_json *on = tv_json_get(request, "on");
	enum tv_status status = tv_request_only(request, known, err);

	(void)now;
	if (status)
		return status;
	if (!provider || !tv_provider_name_is_valid(provider) || !file ||
	    !tv_file_name_is_valid(file) || !tv_json_is_bool(on))
		return tv_fail(err, TV_BAD_VALUE, "a view wants provider, file, and on or off");
	status = tv_doc_set_switch(tv_vault_doc(vault), provider, file, tv_json_is_true(on), err);
	if (status)
		return status;
	return tv_reply_put(tv_json_put_text(reply, "provider", provider) &&
				    tv_json_put_text(reply, "file", file) &&
				    tv_json_put_bool(reply, "on", tv_json_is_true(on)),
			    err);
}

enum tv_status tv_request_views(struct tv_json *reply, const struct tv_vault *vault,
				const struct tv_json *request, struct tv_error *err)
{
	static const char *const known[] = {NULL};
	const struct tv_doc *doc = tv_vault_doc(vault);
	struct tv_json *list = tv_json_array();
	bool put = tv_json_put(reply, "views", list);
	enum tv_status status = tv_request_only(request, known, err);

	for (size_t i = 0; put && i < doc->n_switches; i++) {
		struct tv_json *j = tv_json_object();

		put = tv_json_put(list, NULL, j) &&
		      tv_json_put_text(j, "provider", doc->switches[i].provider) &&
		      tv_json_put_text(j, "file", doc->switches[i].file) &&
		      tv_json_put_bool(j, "on", doc->switches[i].on);
	}
	return status ? status : tv_reply_put(put, err);
}
