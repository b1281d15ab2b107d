/* A vault in memory that is never written: the real one's messages, without its file. */
#include "cli/scratch.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "cli/call.h"

#define KEY_BYTES 64

struct tv_scratch {
	struct tv_vault *vault;
};

static enum tv_status no_memory(struct tv_error *err)
{
	return tv_fail(err, TV_NO_MEMORY, "a copy of the vault");
}

enum tv_status tv_scratch_new(struct tv_scratch **out, struct tv_error *err)
{
	tv_auto_scratch *s = tv_arena_alloc(sizeof(*s));
	enum tv_status status;

	if (!s)
		return no_memory(err);
	status = tv_vault_begin(&s->vault, err);
	if (status)
		return status;
	*out = s;
	s = NULL;
	return TV_OK;
}

void tv_scratch_free(struct tv_scratch *s)
{
	if (s)
		tv_vault_free(s->vault);
	tv_arena_free(s);
}

void tv_scratch_cleanup(struct tv_scratch **s)
{
	tv_scratch_free(*s);
	*s = NULL;
}

const struct tv_doc *tv_scratch_doc(const struct tv_scratch *s)
{
	return tv_vault_doc(s->vault);
}

enum tv_status tv_scratch_call(struct tv_json **reply, struct tv_scratch *s,
			       enum tv_agent_message message, const struct tv_json *request,
			       struct tv_error *err)
{
	tv_auto_json *made = NULL;
	enum tv_status status =
		tv_agent_kind(message) == TV_AGENT_EDIT
			? tv_agent_edit(&made, s->vault, message, request, time(NULL), err)
			: tv_agent_read(&made, s->vault, message, request, err);

	if (!status && reply) {
		*reply = made;
		made = NULL;
	}
	return status;
}

static enum tv_status make_keyfile(struct tv_credential *out, struct tv_error *err)
{
	struct tv_secret *bytes = &out->part[TV_PART_KEYFILE];

	out->type = "keyfile";
	tv_secret_fill(bytes, KEY_BYTES);
	if (bytes->failed)
		return no_memory(err);
	if (getrandom(bytes->data, KEY_BYTES, 0) != KEY_BYTES)
		return tv_fail(err, TV_FAILED, "no random bytes: %s", strerror(errno));
	return TV_OK;
}

/* Its bytes have to have a slot, which nothing else of it needs. */
enum tv_status tv_scratch_seal(struct tv_bytes *file, struct tv_slot_key *key, struct tv_scratch *s,
			       struct tv_error *err)
{
	tv_auto_credential credential = {0};
	struct tv_slot_new slot;
	enum tv_status status = make_keyfile(&credential, err);

	if (!status)
		status = tv_slot_prepare(&slot, &credential, "scratch", NULL, NULL, &tv_kdf_limits,
					 err);
	if (!status)
		status = tv_vault_add_slot(s->vault, &slot, err);
	if (!status)
		status = tv_vault_seal(file, s->vault, err);
	return status ? status : tv_slot_unlock(key, file, &credential, &tv_kdf_limits, err);
}

static struct tv_json *name_request(const char *provider, const char *label)
{
	tv_auto_json *request = tv_json_object();
	struct tv_json *out = NULL;

	if (tv_json_put_text(request, "provider", provider) &&
	    tv_json_put_text(request, "label", label)) {
		out = request;
		request = NULL;
	}
	return out;
}

enum tv_status tv_scratch_show(struct tv_json **out, struct tv_scratch *s, const char *provider,
			       const char *label, struct tv_error *err)
{
	tv_auto_json *request = name_request(provider, label);

	return request ? tv_scratch_call(out, s, TV_AGENT_show, request, err) : no_memory(err);
}

/* Puts copies of the members that are there and not null. */
static bool put_members(struct tv_json *to, const struct tv_json *from, const char *const *names)
{
	bool put = true;

	for (; *names && put; names++) {
		const struct tv_json *j = tv_json_get(from, *names);

		if (j && !tv_json_is_null(j))
			put = tv_json_put(to, *names, tv_json_copy(j));
	}
	return put;
}

/* The account is the service's word, and comes in as that. */
static bool put_checked(struct tv_json *to, const struct tv_json *entry)
{
	static const char *const names[] = {"account", NULL};
	struct tv_json *checked;

	if (!tv_json_get_text(entry, "account"))
		return true;
	checked = tv_json_object();
	return tv_json_put(to, "checked", checked) && tv_json_put_int(checked, "at", time(NULL)) &&
	       tv_json_put_text(checked, "answer", "OK") && put_members(checked, entry, names);
}

/* Adds an entry as `show` gives it, or as `add` was asked for it. */
static enum tv_status put_entry(struct tv_scratch *s, const struct tv_json *entry, bool in_use,
				struct tv_error *err)
{
	static const char *const names[] = {"provider", "label",   "token", "fields", "note",
					    "hosts",	"expires", "deny",  NULL};
	tv_auto_json *name = tv_json_object(), *add = tv_json_object();
	enum tv_status status;

	if (!tv_call_put_name(name, entry) || !put_members(add, entry, names) ||
	    !put_checked(add, entry))
		return no_memory(err);
	status = tv_scratch_call(NULL, s, TV_AGENT_add, add, err);
	if (!status && in_use)
		status = tv_scratch_call(NULL, s, TV_AGENT_use, name, err);
	return status;
}

static enum tv_status copy_entry(struct tv_scratch *s, struct tv_cli *cli,
				 const struct tv_json *listed, struct tv_error *err)
{
	tv_auto_json *entry = NULL;
	enum tv_status status = tv_call_show(&entry, cli, listed, err);

	return status ? status : put_entry(s, entry, tv_json_get_true(listed, "in_use"), err);
}

/* Whose choices are copied: of a service, or an entry; NULL: of any. */
struct only {
	const char *provider;
	const char *label;
};

static bool is_wanted(const struct only *only, const struct tv_json *choice)
{
	const char *label = tv_json_get_text(choice, "label");

	if (only->provider && strcmp(tv_json_get_text(choice, "provider"), only->provider) != 0)
		return false;
	return !only->label || !label || !strcmp(label, only->label);
}

/* Switches and own paths, each as the message that made it. */
static enum tv_status copy_choices(struct tv_scratch *s, const struct tv_json *list,
				   enum tv_agent_message message, const struct only *only, bool on,
				   struct tv_error *err)
{
	static const char *const names[] = {"provider", "label", "file", "path", "on", NULL};
	enum tv_status status = TV_OK;

	for (const struct tv_json *j = tv_json_first(list); j && !status; j = tv_json_next(j)) {
		tv_auto_json *request = tv_json_object();

		if (!is_wanted(only, j))
			continue;
		if (!put_members(request, j, names) ||
		    (on && !tv_json_put_bool(request, "on", true)))
			return no_memory(err);
		status = tv_scratch_call(NULL, s, message, request, err);
	}
	return status;
}

static enum tv_status copy_all_choices(struct tv_scratch *s, struct tv_cli *cli,
				       const struct only *only, struct tv_error *err)
{
	tv_auto_json *views = NULL;
	enum tv_status status = tv_cli_call(&views, cli, TV_AGENT_views, NULL, err);

	if (!status)
		status = copy_choices(s, tv_json_get(views, "views"), TV_AGENT_view, only, false,
				      err);
	if (!status && tv_json_get(views, "paths"))
		status = copy_choices(s, tv_json_get(views, "paths"), TV_AGENT_path, only, true,
				      err);
	return status;
}

enum tv_status tv_scratch_copy_entry(struct tv_scratch *s, struct tv_cli *cli,
				     const struct tv_json *entry, struct tv_error *err)
{
	const struct only only = {tv_json_get_text(entry, "provider"),
				  tv_json_get_text(entry, "label")};
	enum tv_status status = copy_entry(s, cli, entry, err);

	return status ? status : copy_all_choices(s, cli, &only, err);
}

/* Rendering names the entry first, which is named already. */
static void warn_of(struct tv_cli *cli, const struct tv_scratch *s, const struct tv_view *v)
{
	tv_auto_secret bytes = {0};
	struct tv_error why = {""};
	const char *words;

	if (!v->in_place ||
	    tv_view_render(&bytes, v, tv_scratch_doc(s), cli->providers, 0, &why) != TV_BAD_VALUE)
		return;
	words = strstr(why.detail, ": ");
	tv_say(cli, "warning: %s/%s can't be written into ~/%s: %s", v->provider, v->label, v->path,
	       words ? words + 2 : why.detail);
}

/* Tries the files of the one entry that is there. */
static void warn_of_all(struct tv_cli *cli, struct tv_scratch *s, const struct tv_json *name)
{
	const struct only only = {tv_json_get_text(name, "provider"),
				  tv_json_get_text(name, "label")};
	struct tv_views views = {0};
	struct tv_error ignored;

	if (copy_all_choices(s, cli, &only, &ignored) ||
	    tv_views_list(&views, tv_scratch_doc(s), cli->providers, &ignored))
		return;
	for (size_t i = 0; i < views.count; i++)
		warn_of(cli, s, &views.at[i]);
	tv_views_free(&views);
}

void tv_scratch_warn(struct tv_cli *cli, const struct tv_json *entry)
{
	tv_auto_scratch *s = NULL;
	struct tv_error ignored;

	if (!cli->is_quiet && !tv_cli_load_providers(cli, &ignored) &&
	    !tv_scratch_new(&s, &ignored) && !copy_entry(s, cli, entry, &ignored))
		warn_of_all(cli, s, entry);
}

void tv_scratch_warn_added(struct tv_cli *cli, const struct tv_json *request,
			   const struct tv_json *reply)
{
	tv_auto_json *entry = cli->is_quiet ? NULL : tv_json_copy(request);
	tv_auto_scratch *s = NULL;
	struct tv_error ignored;

	if (!cli->is_quiet && tv_call_put_name(entry, reply) &&
	    tv_json_put_text(entry, "account", tv_json_get_text(reply, "account")) &&
	    !tv_cli_load_providers(cli, &ignored) && !tv_scratch_new(&s, &ignored) &&
	    !put_entry(s, entry, false, &ignored))
		warn_of_all(cli, s, reply);
}

enum tv_status tv_scratch_copy(struct tv_scratch *s, struct tv_cli *cli, const char *provider,
			       struct tv_error *err)
{
	tv_auto_json *query = tv_json_object(), *entries = NULL;
	const struct only only = {.provider = provider};
	enum tv_status status;

	if (!query || (provider && !tv_json_put_text(query, "provider", provider)))
		return no_memory(err);
	status = tv_cli_call(&entries, cli, TV_AGENT_list, query, err);
	for (const struct tv_json *e = tv_json_first(tv_json_get(entries, "entries")); e && !status;
	     e = tv_json_next(e))
		status = copy_entry(s, cli, e, err);
	return status ? status : copy_all_choices(s, cli, &only, err);
}
