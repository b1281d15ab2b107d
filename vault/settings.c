/* The settings, and the messages about them: settings, setting. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "vault/arena.h"
#include "vault/request.h"

struct setting;

/* A kind of value. put writes it as messages have it, and as the document has it where it is set: where it
 * differs from the default. */
struct kind {
	enum tv_status (*set)(void *to, const struct setting *about, const struct tv_json *value,
			      struct tv_error *err);
	bool (*is_set)(const void *from);
	bool (*put)(struct tv_json *object, const struct setting *about, const void *from);
};

struct setting {
	const char *name;
	const struct kind *kind;
	size_t offset;	   /* in struct tv_settings */
	int64_t otherwise; /* what it is when it is not set; of a span 0: none */
	int64_t most;	   /* seconds of a span */
};

static void *place(struct tv_settings *s, const struct setting *about)
{
	return (char *)s + about->offset;
}

static const void *look(const struct tv_settings *s, const struct setting *about)
{
	return (const char *)s + about->offset;
}

static enum tv_status set_text(void *to, const struct setting *about, const struct tv_json *value,
			       struct tv_error *err)
{
	const char *text = tv_json_text(value);
	char **at = to;
	char *copy;

	if (!tv_json_is_null(value) && (!text || !*text || !tv_text_is_valid(text, TV_SETTING_MAX)))
		return tv_fail(err, TV_BAD_VALUE,
			       "%s: 1 to %d bytes of UTF-8 without control characters", about->name,
			       TV_SETTING_MAX);
	copy = text ? tv_arena_strdup(text) : NULL;
	if (text && !copy)
		return tv_fail(err, TV_NO_MEMORY, "for a setting");
	tv_arena_free(*at);
	*at = copy;
	return TV_OK;
}

static bool text_is_set(const void *from)
{
	return *(char *const *)from != NULL;
}

static bool put_text(struct tv_json *object, const struct setting *about, const void *from)
{
	return tv_json_put_text(object, about->name, *(char *const *)from);
}

/* Addresses are allowed for a host, not for a port of it. */
static bool has_port(const char *host)
{
	return *host == '[' ? strchr(host, ']')[1] : strchr(host, ':') != NULL;
}

static enum tv_status set_hosts(void *to, const struct setting *about, const struct tv_json *value,
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
			status = tv_fail(err, TV_BAD_VALUE, "%s: %s has a port", about->name,
					 made.at[i]);
	if (status) {
		tv_hosts_free(&made);
		return status;
	}
	tv_hosts_free(to);
	*(struct tv_hosts *)to = made;
	return TV_OK;
}

static bool hosts_are_set(const void *from)
{
	return ((const struct tv_hosts *)from)->count != 0;
}

static bool put_hosts(struct tv_json *object, const struct setting *about, const void *from)
{
	return tv_json_put(object, about->name, tv_hosts_to_json(from));
}

static enum tv_status set_span(void *to, const struct setting *about, const struct tv_json *value,
			       struct tv_error *err)
{
	int64_t seconds = 0;

	if (!tv_json_is_null(value) &&
	    (!tv_json_int(value, &seconds) || seconds < 1 || seconds > about->most))
		return tv_fail(err, TV_BAD_VALUE, "%s: 1 to %lld seconds", about->name,
			       (long long)about->most);
	*(int64_t *)to = seconds;
	return TV_OK;
}

static bool span_is_set(const void *from)
{
	return *(const int64_t *)from != 0;
}

static bool put_span(struct tv_json *object, const struct setting *about, const void *from)
{
	const int64_t set = *(const int64_t *)from;
	const int64_t seconds = set ? set : about->otherwise;

	return seconds ? tv_json_put_int(object, about->name, seconds)
		       : tv_json_put_null(object, about->name);
}

/* What is kept of a switch is whether it is not as by default. */
static enum tv_status set_switch(void *to, const struct setting *about, const struct tv_json *value,
				 struct tv_error *err)
{
	if (!tv_json_is_null(value) && !tv_json_is_bool(value))
		return tv_fail(err, TV_BAD_VALUE, "%s: true or false", about->name);
	*(bool *)to = tv_json_is_bool(value) && tv_json_is_true(value) != (about->otherwise != 0);
	return TV_OK;
}

static bool switch_is_set(const void *from)
{
	return *(const bool *)from;
}

static bool put_switch(struct tv_json *object, const struct setting *about, const void *from)
{
	return tv_json_put_bool(object, about->name,
				*(const bool *)from != (about->otherwise != 0));
}

static const struct kind a_text = {set_text, text_is_set, put_text};
static const struct kind hosts = {set_hosts, hosts_are_set, put_hosts};
static const struct kind a_span = {set_span, span_is_set, put_span};
static const struct kind a_switch = {set_switch, switch_is_set, put_switch};

#define AT(member) offsetof(struct tv_settings, member)

static const struct setting settings[] = {
	{"proxy", &a_text, AT(proxy), 0, 0},
	{"ca_file", &a_text, AT(ca_file), 0, 0},
	{"private_hosts", &hosts, AT(private_hosts), 0, 0},
	{"lock_idle", &a_span, AT(lock_idle), 0, TV_LOCK_MAX},
	{"lock_after", &a_span, AT(lock_after), 0, TV_LOCK_MAX},
	{"lock_sleep", &a_switch, AT(open_at_sleep), true, 0},
	{"lock_screen", &a_switch, AT(open_at_screen), true, 0},
	{"unlock_on_open", &a_switch, AT(unlock_on_open), false, 0},
	{"prompt_wait", &a_span, AT(prompt_wait), TV_PROMPT_WAIT, TV_PROMPT_MAX},
	{"audit", &a_switch, AT(unaudited), true, 0},
};

#define SETTINGS (sizeof settings / sizeof *settings)

static const struct setting *find(const char *name)
{
	for (size_t i = 0; i < SETTINGS; i++)
		if (!strcmp(settings[i].name, name))
			return &settings[i];
	return NULL;
}

bool tv_setting_exists(const char *name)
{
	return find(name) != NULL;
}

/* No setting has this name. */
static enum tv_status refuse_name(const char *name, struct tv_error *err)
{
	char all[400] = "";
	size_t len = 0;

	for (size_t i = 0; i < SETTINGS && len < sizeof all; i++)
		len += (size_t)snprintf(all + len, sizeof all - len, "%s%s", settings[i].name,
					i + 2 < SETTINGS   ? ", "
					: i + 1 < SETTINGS ? " and "
							   : "");
	return tv_fail(err, TV_BAD_VALUE, "%.40s: %s are the settings", name, all);
}

enum tv_status tv_settings_set(struct tv_settings *s, const char *name, const struct tv_json *value,
			       struct tv_error *err)
{
	const struct setting *about = find(name);

	if (!value)
		return tv_fail(err, TV_BAD_VALUE, "%.40s: its value is missing", name);
	return about ? about->kind->set(place(s, about), about, value, err)
		     : refuse_name(name, err);
}

bool tv_settings_are_set(const struct tv_settings *s)
{
	for (size_t i = 0; i < SETTINGS; i++)
		if (settings[i].kind->is_set(look(s, &settings[i])))
			return true;
	return false;
}

bool tv_settings_put(struct tv_json *object, const struct tv_settings *s, bool all)
{
	bool put = true;

	for (size_t i = 0; put && i < SETTINGS; i++) {
		const struct setting *about = &settings[i];
		const void *from = look(s, about);

		put = (!all && !about->kind->is_set(from)) || about->kind->put(object, about, from);
	}
	return put;
}

int64_t tv_settings_prompt_wait(const struct tv_settings *s)
{
	return s->prompt_wait ? s->prompt_wait : TV_PROMPT_WAIT;
}

void tv_settings_free(struct tv_settings *s)
{
	tv_arena_free(s->proxy);
	tv_arena_free(s->ca_file);
	tv_hosts_free(&s->private_hosts);
	*s = (struct tv_settings){0};
}

enum tv_status tv_request_settings(struct tv_json *reply, const struct tv_vault *vault,
				   const struct tv_json *request, struct tv_error *err)
{
	static const char *const known[] = {NULL};
	enum tv_status status = tv_request_only(request, known, err);

	return status ? status
		      : tv_reply_put(tv_settings_put(reply, &tv_vault_doc(vault)->settings, true),
				     err);
}

enum tv_status tv_request_setting(struct tv_json *reply, struct tv_vault *vault,
				  const struct tv_json *request, int64_t now, struct tv_error *err)
{
	static const char *const known[] = {"name", "value", NULL};
	const char *name = tv_json_get_text(request, "name");
	struct tv_settings *s = &tv_vault_doc(vault)->settings;
	enum tv_status status = tv_request_only(request, known, err);

	(void)now;
	if (!status)
		status = tv_settings_set(s, name ? name : "", tv_json_get(request, "value"), err);
	return status ? status : tv_reply_put(tv_settings_put(reply, s, true), err);
}
