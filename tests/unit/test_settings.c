/* The vault's settings, and the messages about them. */
#include "fixture.h"

static int set_up(void **state)
{
	assert_ok(tv_init(NULL));
	*state = fixture_vault("first-token");
	return 0;
}

static int tear_down(void **state)
{
	tv_vault_free(*state);
	return tv_arena_in_use() != 0;
}

static void edit(struct tv_vault *v, enum tv_status wanted, const char *request)
{
	enum tv_status status = fixture_edit(NULL, v, TV_AGENT_setting, request);

	if (status != wanted)
		fail_msg("%s: %s", request, tv_status_name(status));
}

static void settings(void **state)
{
	struct tv_vault *v = *state;
	tv_auto_json *reply = NULL;
	tv_auto_secret text = {0};

	edit(v, TV_OK, "{'name':'ca_file','value':'/a'}");
	edit(v, TV_OK, "{'name':'private_hosts','value':['a.b','[::1]']}");
	assert_ok(fixture_read(&reply, v, TV_AGENT_settings, "{}"));
	assert_ok(tv_json_print(&text, reply, NULL));
	assert_string_equal(
		tv_secret_text(&text),
		"{\"proxy\":null,\"ca_file\":\"/a\",\"private_hosts\":[\"a.b\",\"[::1]\"],"
		"\"lock_idle\":null,\"lock_after\":null,\"lock_sleep\":true,\"lock_screen\":true,"
		"\"unlock_on_open\":false,\"prompt_wait\":60,\"audit\":true}");
	edit(v, TV_OK, "{'name':'ca_file','value':null}");
	edit(v, TV_OK, "{'name':'private_hosts','value':null}");
	assert_null(tv_vault_doc(v)->settings.ca_file);
	assert_int_equal(tv_vault_doc(v)->settings.private_hosts.count, 0);
}

static void lock_settings(void **state)
{
	static const char *const wrong[] = {
		"{'name':'lock_idle','value':0}",     "{'name':'lock_idle','value':31622401}",
		"{'name':'lock_after','value':1.5}",  "{'name':'lock_after','value':'15m'}",
		"{'name':'lock_after','value':true}", "{'name':'lock_sleep','value':'off'}",
		"{'name':'lock_screen','value':0}",   "{'name':'lock_nothing','value':1}",
	};
	struct tv_vault *v = *state;
	const struct tv_settings *s = &tv_vault_doc(v)->settings;
	tv_auto_json *reply = NULL;
	int64_t idle = 0;

	edit(v, TV_OK, "{'name':'lock_idle','value':900}");
	edit(v, TV_OK, "{'name':'lock_after','value':31622400}");
	edit(v, TV_OK, "{'name':'lock_screen','value':false}");
	assert_ok(fixture_read(&reply, v, TV_AGENT_settings, "{}"));
	assert_true(tv_json_get_int(reply, "lock_idle", &idle));
	assert_int_equal(idle, 900);
	assert_true(tv_json_get_true(reply, "lock_sleep"));
	assert_false(tv_json_get_true(reply, "lock_screen"));
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		edit(v, TV_BAD_VALUE, wrong[i]);
	assert_int_equal(s->lock_idle, 900);
	assert_int_equal(s->lock_after, 31622400);
	edit(v, TV_OK, "{'name':'lock_screen','value':true}");
	edit(v, TV_OK, "{'name':'lock_idle','value':null}");
	assert_false(s->open_at_screen);
	assert_int_equal(s->lock_idle, 0);
}

static void prompt_settings(void **state)
{
	static const char *const wrong[] = {
		"{'name':'unlock_on_open','value':'on'}",
		"{'name':'prompt_wait','value':0}",
		"{'name':'prompt_wait','value':3601}",
		"{'name':'prompt_wait','value':true}",
	};
	struct tv_vault *v = *state;
	const struct tv_settings *s = &tv_vault_doc(v)->settings;

	assert_false(s->unlock_on_open);
	assert_int_equal(tv_settings_prompt_wait(s), TV_PROMPT_WAIT);
	edit(v, TV_OK, "{'name':'unlock_on_open','value':true}");
	edit(v, TV_OK, "{'name':'prompt_wait','value':3600}");
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		edit(v, TV_BAD_VALUE, wrong[i]);
	assert_true(s->unlock_on_open);
	assert_int_equal(tv_settings_prompt_wait(s), 3600);
	edit(v, TV_OK, "{'name':'unlock_on_open','value':null}");
	edit(v, TV_OK, "{'name':'prompt_wait','value':null}");
	assert_false(s->unlock_on_open);
	assert_int_equal(s->prompt_wait, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(settings),
		TEST(lock_settings),
		TEST(prompt_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
