/* Prints what the server shows, and takes it back. */
#include "fusefs/memory.h"

#include <stdlib.h>
#include <string.h>

#include "fusefs/errand.h"
#include "fusefs/remembered.h"
#include "fusefs/tree.h"

static bool put_view(struct tv_json *j, const struct tv_shown *shown)
{
	const struct tv_view *v = &shown->view;

	return tv_json_put_text(j, "path", v->path) &&
	       tv_json_put_bool(j, "in_place", v->in_place) &&
	       tv_json_put_bool(j, "is_own", v->is_own) &&
	       tv_json_put_bool(j, "is_alone", v->is_alone) &&
	       tv_json_put_bool(j, "clashes", v->clashes) &&
	       tv_json_put_text(j, "provider", v->provider) &&
	       tv_json_put_text(j, "label", v->label) && tv_json_put_text(j, "file", v->file) &&
	       tv_json_put_text(j, "entry", v->entry) && tv_json_put_int(j, "mode", v->mode) &&
	       tv_json_put_int(j, "mtime", v->mtime) && tv_json_put_int(j, "expires", v->expires) &&
	       tv_json_put_text(j, "expiring", v->expiring) &&
	       tv_json_put_bool(j, "denies", v->denies) &&
	       tv_json_put_int(j, "size", (int64_t)shown->size);
}

static bool put_providers(struct tv_json *head, const struct tv_server *s)
{
	struct tv_json *names = tv_json_array();
	bool good = tv_json_put(head, "providers", names);

	for (size_t i = 0; good && i < s->n_mounted; i++)
		good = tv_json_put_text(names, NULL, s->mounted[i]);
	return good;
}

static bool put_head(struct tv_json *j, const struct tv_server *s)
{
	return tv_json_put_text(j, "tokenvault", "shown") &&
	       tv_json_put_int(j, "version", TV_REMEMBERED_VERSION) &&
	       tv_json_put_hex(j, "vault", tv_vault_header(s->vault)->vault_id, TV_ID_BYTES) &&
	       (s->all_providers ? tv_json_put_null(j, "providers") : put_providers(j, s)) &&
	       tv_json_put_bool(j, "unlock_on_open", s->kept.unlock_on_open) &&
	       tv_json_put_int(j, "prompt_wait", s->kept.prompt_wait) &&
	       tv_json_put_bool(j, "audit", !s->kept.unaudited) &&
	       tv_json_put_int(j, "views", (int64_t)s->shown.count);
}

/* Appends one line; whose bytes are no secret, though they were made where secrets are. */
static bool print_line(struct tv_bytes *out, const struct tv_json *j)
{
	tv_auto_secret line = {0};

	if (tv_json_print(&line, j, NULL) || tv_secret_check(&line, NULL))
		return false;
	tv_bytes_append(out, line.data, line.len);
	tv_bytes_append(out, "\n", 1);
	return !out->failed;
}

static bool print(struct tv_bytes *out, const struct tv_server *s)
{
	tv_auto_json *head = tv_json_object();
	bool good = put_head(head, s) && print_line(out, head);

	for (size_t i = 0; good && i < s->shown.count; i++) {
		tv_auto_json *j = tv_json_object();

		good = put_view(j, s->shown.at[i]) && print_line(out, j);
	}
	return good;
}

static void keep_settings(struct tv_server *s)
{
	const struct tv_settings *set = &tv_vault_doc(s->vault)->settings;

	s->kept = (struct tv_kept_settings){.unlock_on_open = set->unlock_on_open,
					    .prompt_wait = tv_settings_prompt_wait(set),
					    .unaudited = set->unaudited};
}

void tv_memory_tell(struct tv_server *s)
{
	struct tv_bytes text = {0};

	/* Nothing of a run is to be shown again. */
	if (!s->vault || s->config->is_run)
		return;
	keep_settings(s);
	if (!s->all_providers && !s->n_mounted)
		return;
	if (!print(&text, s) || text.len > TV_REMEMBERED_MAX) {
		tv_memory_told(s, TV_NO_MEMORY, "the list of files is too large");
		tv_bytes_free(&text);
		return;
	}
	if (text.len == s->told.len && !memcmp(text.data, s->told.data, text.len)) {
		tv_bytes_free(&text);
		return;
	}
	tv_bytes_free(&s->told);
	s->told = text;
	tv_errand_remember(s, &s->told);
}

void tv_memory_told(struct tv_server *s, enum tv_status status, const char *detail)
{
	s->untold.detail[0] = 0;
	if (!status)
		return;
	/* The next change tries again, even if it is the same. */
	tv_bytes_free(&s->told);
	tv_fail(&s->untold, status, "what is shown can't be remembered, for mount --locked: %s",
		detail);
}

static enum tv_status recall_views(struct tv_server *s, struct tv_error *err)
{
	struct tv_remembered *r = s->remembered;
	enum tv_status status = tv_shown_recall(&s->shown, &r->views, r->sizes, err);

	if (status)
		return status;
	s->kept = r->kept;
	return tv_tree_build(&s->tree, &s->shown, err);
}

enum tv_status tv_memory_recall(struct tv_server *s, struct tv_error *err)
{
	struct tv_remembered *r = s->remembered;
	enum tv_status status = TV_OK;

	if (s->all_providers || s->n_mounted)
		return TV_OK;
	if (!r)
		return tv_fail(err, s->forgot, "%s", s->why_forgot.detail);
	if (!s->vault && !s->shown.count)
		status = recall_views(s, err);
	if (status)
		return status;
	s->all_providers = r->all_providers;
	s->mounted = r->providers;
	s->n_mounted = r->n_providers;
	r->providers = NULL;
	r->n_providers = 0;
	return TV_OK;
}
