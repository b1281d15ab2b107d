/* Prints what the server shows, and takes it back. */
#include "fusefs/memory.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "fusefs/errand.h"
#include "fusefs/remembered.h"
#include "fusefs/tree.h"

#define FEW	  100  /* entries: each has some files */
#define FOLLOW_MS 2    /* until what an edit took away is nowhere any more */
#define SOON_MS	  100  /* until what is shown is written down, with all that changes meanwhile */
#define LATER_MS  2000 /* the same, and with it the other, of many */

static void write_view(struct tv_secret *out, const struct tv_shown *shown)
{
	const struct tv_view *v = &shown->view;

	tv_write_open(out, NULL, '{');
	tv_write_text(out, "path", v->path);
	tv_write_bool(out, "in_place", v->in_place);
	tv_write_bool(out, "is_own", v->is_own);
	tv_write_bool(out, "is_alone", v->is_alone);
	tv_write_bool(out, "clashes", v->clashes);
	tv_write_text(out, "provider", v->provider);
	tv_write_text(out, "label", v->label);
	tv_write_text(out, "file", v->file);
	tv_write_text(out, "entry", v->entry);
	tv_write_int(out, "mode", v->mode);
	tv_write_int(out, "mtime", v->mtime);
	tv_write_int(out, "expires", v->expires);
	tv_write_text(out, "expiring", tv_view_expiring(v));
	tv_write_bool(out, "denies", v->denies);
	tv_write_int(out, "size", (int64_t)shown->size);
	tv_write_close(out, '}');
}

static bool put_providers(struct tv_json *head, const struct tv_server *s)
{
	struct tv_json *names = tv_json_array();
	bool good = tv_json_put(head, "providers", names);

	for (size_t i = 0; good && i < s->n_mounted; i++)
		good = tv_json_put_text(names, NULL, s->mounted[i]);
	return good;
}

static size_t count(const struct tv_server *s)
{
	return s->shown.count + s->directory.shown.count;
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
	       tv_json_put_int(j, "views", (int64_t)count(s));
}

/* Appends one line; whose bytes are no secret, though they were made where secrets are. */
static void end_line(struct tv_bytes *out, struct tv_secret *line)
{
	out->failed = out->failed || line->failed;
	tv_bytes_append(out, line->data, line->len);
	tv_bytes_append(out, "\n", 1);
	line->len = 0;
}

static void write_views(struct tv_bytes *out, const struct tv_shown_list *list)
{
	tv_auto_secret line = {0};

	for (size_t i = 0; !out->failed && i < list->count; i++) {
		write_view(&line, list->at[i]);
		end_line(out, &line);
	}
}

static bool print(struct tv_bytes *out, const struct tv_server *s)
{
	tv_auto_json *head = tv_json_object();
	tv_auto_secret line = {0};

	if (!put_head(head, s) || tv_json_print(&line, head, NULL))
		return false;
	end_line(out, &line);
	write_views(out, &s->shown);
	write_views(out, &s->directory.shown);
	return !out->failed;
}

static void keep_settings(struct tv_server *s)
{
	const struct tv_settings *set = &tv_vault_doc(s->vault)->settings;

	s->kept = (struct tv_kept_settings){.unlock_on_open = set->unlock_on_open,
					    .prompt_wait = tv_settings_prompt_wait(set),
					    .unaudited = set->unaudited};
}

static bool are_few(const struct tv_server *s)
{
	return (s->vault ? tv_vault_doc(s->vault)->n_entries : count(s)) <= FEW;
}

/* Of few at once, where the keeper is waited for anyway, or else once nobody waits: other commands may be under way. */
void tv_memory_changed(struct tv_server *s)
{
	const bool few = are_few(s);
	int64_t now;

	if (s->vault && !s->config->is_run)
		keep_settings(s);
	if (few && s->is_unsettled) {
		tv_memory_tell(s);
		return;
	}
	now = tv_now_ms();
	if (!s->tell_at)
		s->tell_at = now + (few ? SOON_MS : LATER_MS);
	if (few && !s->follow_at)
		s->follow_at = now + FOLLOW_MS;
}

int tv_memory_wait(const struct tv_server *s)
{
	const int64_t next = s->follow_at ? s->follow_at : s->tell_at;
	int64_t left;

	if (!next)
		return -1;
	left = next - tv_now_ms();
	return left < 0 ? 0 : (int)left;
}

void tv_memory_hurry(struct tv_server *s)
{
	struct tv_error ignored;

	if (s->tell_at && tv_now_ms() >= s->tell_at)
		tv_memory_tell(s);
	if (!s->follow_at || tv_now_ms() < s->follow_at)
		return;
	s->follow_at = 0;
	/* Where it can't, it does when it is told. */
	if (s->vault && tv_directory_follow(s, &ignored))
		return;
}

void tv_memory_tell(struct tv_server *s)
{
	unsigned char hash[TV_HASH_BYTES];
	struct tv_bytes text = {0};
	struct tv_error err;

	s->tell_at = s->follow_at = 0;
	/* Nothing of a run is to be shown again. */
	if (!s->vault || s->config->is_run)
		return;
	keep_settings(s);
	if (tv_directory_follow(s, &err)) {
		tv_memory_told(s, TV_NO_MEMORY, err.detail);
		return;
	}
	if (!s->all_providers && !s->n_mounted)
		return;
	if (!print(&text, s) || text.len > TV_REMEMBERED_MAX) {
		tv_memory_told(s, TV_NO_MEMORY, "the list of files is too large");
		tv_bytes_free(&text);
		return;
	}
	tv_hash_bytes(hash, text.data, text.len);
	if (!s->has_told || memcmp(hash, s->told, sizeof hash) != 0)
		tv_errand_remember(s, &text);
	memcpy(s->told, hash, sizeof hash);
	s->has_told = true;
	tv_bytes_free(&text);
}

void tv_memory_told(struct tv_server *s, enum tv_status status, const char *detail)
{
	s->untold.detail[0] = 0;
	/* The long lists that were made and sent, and are no more, lie between what stays. */
	if (!are_few(s))
		malloc_trim(0);
	if (!status)
		return;
	/* The next change tries again, even if it is the same. */
	s->has_told = false;
	tv_fail(&s->untold, status, "what is shown can't be remembered, for mount --locked: %s",
		detail);
}

static enum tv_status recall_views(struct tv_server *s, struct tv_error *err)
{
	struct tv_remembered *r = s->remembered;
	struct tv_directory *d = &s->directory;
	struct tv_tree *tree = NULL;
	enum tv_status status = tv_tree_build(&tree, &r->views, err);

	if (!status)
		status = tv_shown_recall(&s->shown, &d->shown, &r->views, r->sizes, err);
	if (status) {
		tv_tree_free(tree);
		return status;
	}
	tv_tree_free(d->tree);
	d->tree = tree;
	s->kept = r->kept;
	return TV_OK;
}

enum tv_status tv_memory_recall(struct tv_server *s, struct tv_error *err)
{
	struct tv_remembered *r = s->remembered;
	enum tv_status status = TV_OK;

	if (s->all_providers || s->n_mounted)
		return TV_OK;
	if (!r)
		return tv_fail(err, s->forgot, "%s", s->why_forgot.detail);
	if (!s->vault && !count(s))
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
