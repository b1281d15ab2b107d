/* The settings of how services are reached and when to lock, and the messages about them: settings, setting. */
#include <string.h>

#include "vault/arena.h"
#include "vault/request.h"

void tv_settings_free(struct tv_settings *s)
{
	tv_arena_free(s->proxy);
	tv_arena_free(s->ca_file);
	tv_hosts_free(&s->private_hosts);
	*s = (struct tv_settings){0};
}

static enum tv_status set_text(char **to, const char *name, const struct tv_json *value,
			       struct tv_error *err)
{
	const char *text = tv_json_text(value);
	char *copy;

	if (!tv_json_is_null(value) && (!text || !*text || !tv_text_is_valid(text, TV_SETTING_MAX)))
		return tv_fail(err, TV_BAD_VALUE,
			       "%s: 1 to %d bytes of UTF-8 without control characters", name,
			       TV_SETTING_MAX);
	copy = text ? tv_arena_strdup(text) : NULL;
	if (text && !copy)
		return tv_fail(err, TV_NO_MEMORY, "for a setting");
	tv_arena_free(*to);
	*to = copy;
	return TV_OK;
}

/* Addresses are allowed for a host, not for a port of it. */
static bool has_port(const char *host)
{
	return *host == '[' ? strchr(host, ']')[1] : strchr(host, ':') != NULL;
}

static enum tv_status set_private(struct tv_hosts *hosts, const struct tv_json *value,
				  struct tv_error *err)
{
	struct tv_hosts made = {0};
	enum tv_status status = TV_OK;

	if (tv_json_text(value))
		status = tv_hosts_add(&made, tv_json_text(value), TV_PRIVATE_MAX, err);
	else if (!tv_json_is_null(value))
		status = tv_hosts_from_json(&made, value, TV_PRIVATE_MAX, err);
	for (size_t i = 0; i < made.count && !status; i++)
		if (has_port(made.at[i]))
			status = tv_fail(err, TV_BAD_VALUE, "private_hosts: %s has a port",
					 made.at[i]);
	if (status) {
		tv_hosts_free(&made);
		return status;
	}
	tv_hosts_free(hosts);
	*hosts = made;
	return TV_OK;
}

static enum tv_status set_span(int64_t *to, const char *name, const struct tv_json *value,
			       struct tv_error *err)
{
	int64_t seconds = 0;

	if (!tv_json_is_null(value) &&
	    (!tv_json_int(value, &seconds) || seconds < 1 || seconds > TV_LOCK_MAX))
		return tv_fail(err, TV_BAD_VALUE, "%s: 1 to %d seconds", name, TV_LOCK_MAX);
	*to = seconds;
	return TV_OK;
}

/* What is kept is what differs from the default. */
static enum tv_status set_lock_on(bool *off, const char *name, const struct tv_json *value,
				  struct tv_error *err)
{
	if (!tv_json_is_null(value) && !tv_json_is_bool(value))
		return tv_fail(err, TV_BAD_VALUE, "%s: true or false", name);
	*off = tv_json_is_bool(value) && !tv_json_is_true(value);
	return TV_OK;
}

enum tv_status tv_settings_set(struct tv_settings *s, const char *name, const struct tv_json *value,
			       struct tv_error *err)
{
	if (value && !strcmp(name, "proxy"))
		return set_text(&s->proxy, name, value, err);
	if (value && !strcmp(name, "ca_file"))
		return set_text(&s->ca_file, name, value, err);
	if (value && !strcmp(name, "private_hosts"))
		return set_private(&s->private_hosts, value, err);
	if (value && !strcmp(name, "lock_idle"))
		return set_span(&s->lock_idle, name, value, err);
	if (value && !strcmp(name, "lock_after"))
		return set_span(&s->lock_after, name, value, err);
	if (value && !strcmp(name, "lock_sleep"))
		return set_lock_on(&s->open_at_sleep, name, value, err);
	if (value && !strcmp(name, "lock_screen"))
		return set_lock_on(&s->open_at_screen, name, value, err);
	return tv_fail(err, TV_BAD_VALUE,
		       value ? "%.40s: proxy, ca_file, private_hosts, lock_idle, lock_after, "
			       "lock_sleep and lock_screen are the settings"
			     : "%.40s: its value is missing",
		       name);
}

static bool put_span(struct tv_json *object, const char *key, int64_t seconds)
{
	return seconds ? tv_json_put_int(object, key, seconds) : tv_json_put_null(object, key);
}

static enum tv_status reply_settings(struct tv_json *reply, const struct tv_doc *doc,
				     struct tv_error *err)
{
	const struct tv_settings *s = &doc->settings;

	return tv_reply_put(
		tv_json_put_text(reply, "proxy", s->proxy) &&
			tv_json_put_text(reply, "ca_file", s->ca_file) &&
			tv_json_put(reply, "private_hosts", tv_hosts_to_json(&s->private_hosts)) &&
			put_span(reply, "lock_idle", s->lock_idle) &&
			put_span(reply, "lock_after", s->lock_after) &&
			tv_json_put_bool(reply, "lock_sleep", !s->open_at_sleep) &&
			tv_json_put_bool(reply, "lock_screen", !s->open_at_screen),
		err);
}

enum tv_status tv_request_settings(struct tv_json *reply, const struct tv_vault *vault,
				   const struct tv_json *request, struct tv_error *err)
{
	static const char *const known[] = {NULL};
	enum tv_status status = tv_request_only(request, known, err);

	return status ? status : reply_settings(reply, tv_vault_doc(vault), err);
}

enum tv_status tv_request_setting(struct tv_json *reply, struct tv_vault *vault,
				  const struct tv_json *request, int64_t now, struct tv_error *err)
{
	static const char *const known[] = {"name", "value", NULL};
	const char *name = tv_json_get_text(request, "name");
	struct tv_doc *doc = tv_vault_doc(vault);
	enum tv_status status = tv_request_only(request, known, err);

	(void)now;
	if (!status)
		status = tv_settings_set(&doc->settings, name ? name : "",
					 tv_json_get(request, "value"), err);
	return status ? status : reply_settings(reply, doc, err);
}
