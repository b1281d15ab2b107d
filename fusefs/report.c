/* Writes the views and the server's state as JSON. */
#include "fusefs/report.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "fusefs/autolock.h"
#include "fusefs/errand.h"

/* That a token has expired does not keep its file from being shown, unless its entry says so. */
static const char *say_expired(char *out, size_t size, const struct tv_view *view)
{
	char date[TV_WHEN_CHARS];

	if (view->expires == TV_NEVER || view->expires > time(NULL))
		return NULL;
	tv_when_print(date, view->expires);
	snprintf(out, size, "%s expired on %s%s", tv_view_expiring(view), date,
		 view->denies ? ", so it is not shown" : "");
	return out;
}

/* A view that can't be rendered is mounted all the same; both can be told. */
static const char *detail_of(char *out, size_t size, const struct tv_shown *shown)
{
	if (shown->detail)
		return shown->detail;
	if (shown->broken)
		return shown->why ? shown->why : tv_status_sentence(shown->broken);
	if (shown->why)
		return shown->why;
	return say_expired(out, size, &shown->view);
}

static enum tv_status status_of(const struct tv_shown *shown)
{
	if (shown->state == TV_SHOWN_MOUNTED)
		return shown->broken;
	return shown->failure ? shown->failure : TV_NOT_MOUNTED;
}

/* Who opened it last. */
static bool put_last(struct tv_json *j, const struct tv_last *last)
{
	struct tv_json *one = last->at ? tv_json_object() : NULL;

	if (!last->at)
		return tv_json_put_null(j, "last");
	return tv_json_put(j, "last", one) && tv_json_put_int(one, "at", last->at) &&
	       tv_json_put_int(one, "pid", last->pid) &&
	       tv_json_put_text(one, "program", last->program) &&
	       tv_json_put_text(one, "script", last->script);
}

static bool put_view(struct tv_json *list, const struct tv_server *server,
		     const struct tv_shown *shown, bool with_status)
{
	struct tv_json *j = tv_json_object();
	char expired[128];
	const char *detail = detail_of(expired, sizeof expired, shown);
	char path[PATH_MAX];
	bool good;

	snprintf(path, sizeof path, "%s/%s", server->config->home, shown->view.path);
	good = tv_json_put_text(j, "path", path) &&
	       tv_json_put_text(j, "provider", shown->view.provider) &&
	       tv_json_put_text(j, "label", shown->view.label) &&
	       tv_json_put_bool(j, "mounted", shown->state == TV_SHOWN_MOUNTED) &&
	       tv_json_put_text(j, "detail", detail);
	good = good && put_last(j, &shown->last);
	if (shown->view.expires == TV_NEVER)
		good = good && tv_json_put_null(j, "expires");
	else
		good = good && tv_json_put_int(j, "expires", shown->view.expires);
	if (with_status)
		good = good && tv_json_put_text(j, "status", tv_status_name(status_of(shown)));
	return tv_json_put(list, NULL, j) && good;
}

static bool is_listed(const struct tv_server *server, const struct tv_shown *shown,
		      char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(names[i], shown->view.provider))
			return true;
	return !count && tv_provider_is_mounted(server, shown->view.provider);
}

static bool put_views(struct tv_json *object, const struct tv_server *server, char *const *names,
		      size_t count, bool with_status)
{
	struct tv_json *list = tv_json_array();
	bool good = list != NULL;

	for (size_t i = 0; good && i < server->shown.count; i++)
		if (is_listed(server, server->shown.at[i], names, count))
			good = put_view(list, server, server->shown.at[i], with_status);
	return tv_json_put(object, "views", list) && good;
}

bool tv_report_mounts(struct tv_json *object, const struct tv_server *server, char *const *names,
		      size_t count)
{
	return put_views(object, server, names, count, true);
}

/* What is wrong with the whole: the vault's file, or the directory view. */
static const char *trouble(const struct tv_server *s)
{
	if (*s->trouble.detail)
		return s->trouble.detail;
	if (s->tree_state == TV_SHOWN_FAILED && *s->tree_detail.detail)
		return s->tree_detail.detail;
	if (*s->untold.detail)
		return s->untold.detail;
	if (*s->unlogged.detail)
		return s->unlogged.detail;
	return NULL;
}

bool tv_report_status(struct tv_json *object, const struct tv_server *s)
{
	bool good = tv_json_put_text(object, "vault", s->config->vault) &&
		    tv_json_put_bool(object, "locked", !s->vault) &&
		    tv_json_put_int(object, "since", s->since) && tv_autolock_report(object, s) &&
		    tv_json_put_int(object, "server_pid", s->pid) &&
		    tv_json_put_bool(object, "memory_locked", tv_arena_is_locked());

	if (s->vault)
		good = good && tv_json_put_int(object, "generation",
					       (int64_t)tv_vault_header(s->vault)->generation);
	else
		good = good && tv_json_put_null(object, "generation");
	return good &&
	       tv_json_put_text(object, "tree",
				s->tree_state == TV_SHOWN_MOUNTED ? s->config->tree : NULL) &&
	       tv_json_put_text(object, "detail", trouble(s)) && tv_prompt_report(object, s) &&
	       put_views(object, s, NULL, 0, false);
}
