/* The messages about what services say: checks, expiry, rotation, hosts, own paths. */
#include <stdio.h>
#include <string.h>

#include "fixture.h"

#define JWT  "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE5MDAwMDAwMDB9.c2lnbmF0dXJl" /* exp 1900000000 */
#define GOOD "'checked':{'at':1700000000,'answer':'OK'"

static int set_up(void **state)
{
	assert_ok(tv_init(NULL));
	*state = fixture_vault("first-token");
	return 0;
}

static int tear_down(void **state)
{
	tv_vault_free(*state);
	/* Tokens on their way, and what was said of them, went with it. */
	return tv_arena_in_use() != 0;
}

static const struct tv_entry *entry(struct tv_vault *v)
{
	return tv_doc_find(tv_vault_doc(v), "azion", "default");
}

/* A value of show's reply, as JSON; in a buffer of its own until the next call. */
static const char *shown(struct tv_vault *v, const char *member)
{
	static char text[512];
	tv_auto_json *reply = NULL;
	tv_auto_secret json = {0};

	assert_ok(fixture_read(&reply, v, TV_AGENT_show, "{'provider':'azion'}"));
	assert_non_null(tv_json_get(reply, member));
	assert_ok(tv_json_print(&json, tv_json_get(reply, member), NULL));
	snprintf(text, sizeof text, "%s", tv_secret_text(&json));
	return text;
}

/* What is to be ended by a time, likewise. */
static const char *due(struct tv_vault *v, const char *request)
{
	static char text[512];
	tv_auto_json *reply = NULL;
	tv_auto_secret json = {0};

	assert_ok(fixture_read(&reply, v, TV_AGENT_expiring, request));
	assert_ok(tv_json_print(&json, tv_json_get(reply, "due"), NULL));
	snprintf(text, sizeof text, "%s", tv_secret_text(&json));
	return text;
}

static void edit_ok(struct tv_vault *v, enum tv_agent_message message, const char *request)
{
	enum tv_status status = fixture_edit(NULL, v, message, request);

	if (status)
		fail_msg("%s: %s", request, tv_status_name(status));
}

static void edit_fails(struct tv_vault *v, enum tv_agent_message message, enum tv_status wanted,
		       const char *request)
{
	enum tv_status status = fixture_edit(NULL, v, message, request);

	if (status != wanted)
		fail_msg("%s: %s", request, tv_status_name(status));
}

static void expiry_goes_by_rank(void **state)
{
	struct tv_vault *v = *state;

	edit_ok(v, TV_AGENT_set, "{'provider':'azion','expires':1800000000}");
	assert_string_equal(shown(v, "expires_from"), "\"user\"");
	edit_ok(v, TV_AGENT_set,
		"{'provider':'azion'," GOOD ",'expires':1850000000},'expires':1810000000}");
	assert_string_equal(shown(v, "expires"), "1850000000");
	assert_string_equal(shown(v, "expires_from"), "\"service\"");
	edit_ok(v, TV_AGENT_set, "{'provider':'azion','expires':1810000000}");
	assert_string_equal(shown(v, "expires"), "1850000000");
	edit_ok(v, TV_AGENT_set,
		"{'provider':'azion','token':'" JWT "','expires':null," GOOD
		",'expires':1850000000}}");
	assert_string_equal(shown(v, "expires"), "1900000000");
	assert_string_equal(shown(v, "expires_from"), "\"token\"");
	edit_ok(v, TV_AGENT_set, "{'provider':'azion','token':'t'}");
	assert_string_equal(shown(v, "expires"), "null");
	assert_string_equal(shown(v, "expires_from"), "null");
}

static void reply_says_whose(void **state)
{
	tv_auto_json *reply = NULL;
	int64_t expires;

	assert_ok(fixture_edit(&reply, *state, TV_AGENT_add,
			       "{'provider':'api7','token':'" JWT "','expires':1800000000}"));
	assert_true(tv_json_get_int(reply, "expires", &expires));
	assert_int_equal(expires, 1900000000);
	assert_string_equal(tv_json_get_text(reply, "expires_from"), "token");
}

static void a_bad_answer_changes_little(void **state)
{
	struct tv_vault *v = *state;

	assert_string_equal(shown(v, "answer"), "null");
	edit_ok(v, TV_AGENT_set,
		"{'provider':'azion'," GOOD ",'account':'a@b','expires':1850000000,"
		"'fields':{'uuid':'u'}}}");
	edit_ok(v, TV_AGENT_set,
		"{'provider':'azion','checked':{'at':1700000009,'answer':'TOKEN_REFUSED',"
		"'account':'x','expires':1,'fields':{'uuid':'x'}}}");
	assert_string_equal(shown(v, "answer"), "\"TOKEN_REFUSED\"");
	assert_string_equal(shown(v, "tried"), "1700000009");
	assert_string_equal(shown(v, "verified"), "1700000000");
	assert_string_equal(shown(v, "account"), "\"a@b\"");
	assert_string_equal(shown(v, "expires"), "1850000000");
	assert_string_equal(shown(v, "fields"), "{\"uuid\":\"u\"}");
	assert_int_equal(entry(v)->n_history, 0);
}

static void another_token_is_unknown(void **state)
{
	struct tv_vault *v = *state;

	edit_ok(v, TV_AGENT_set, "{'provider':'azion'," GOOD ",'account':'a@b'}}");
	edit_ok(v, TV_AGENT_set, "{'provider':'azion','note':'n','token':'first-token'}");
	assert_string_equal(shown(v, "verified"), "1700000000");
	edit_ok(v, TV_AGENT_set, "{'provider':'azion','token':'second'}");
	assert_string_equal(shown(v, "verified"), "null");
	assert_string_equal(shown(v, "tried"), "null");
	assert_string_equal(shown(v, "answer"), "null");
	assert_string_equal(shown(v, "account"), "null");
	edit_ok(v, TV_AGENT_set, "{'provider':'azion'," GOOD "}}");
	edit_ok(v, TV_AGENT_undo, "{'provider':'azion'}");
	assert_string_equal(shown(v, "verified"), "null");
	assert_string_equal(shown(v, "account"), "\"a@b\"");
}

/* As if the version had come to be at another time. */
static void set_since(struct tv_vault *v, const char *label, int64_t since)
{
	const struct tv_entry *e = tv_doc_find(tv_vault_doc(v), "azion", label);

	((struct tv_entry *)(uintptr_t)e)->now.since = since;
}

static void checked(void **state)
{
	struct tv_vault *v = *state;
	tv_auto_json *reply = NULL;
	int64_t stored;

	edit_ok(v, TV_AGENT_add, "{'provider':'azion','label':'b','token':'x'}");
	set_since(v, "b", 5);
	set_since(v, "default", 6);
	assert_ok(fixture_edit(&reply, v, TV_AGENT_checked,
			       "{'results':[{'provider':'azion','label':'default','since':6," GOOD
			       "}},{'provider':'azion','label':'b','since':4," GOOD
			       "}},{'provider':'azion','label':'gone','since':6," GOOD "}}]}"));
	assert_true(tv_json_get_int(reply, "stored", &stored));
	assert_int_equal(stored, 1);
	assert_int_equal(entry(v)->verified, 1700000000);
	assert_int_equal(tv_doc_find(tv_vault_doc(v), "azion", "b")->verified, 0);
}

static void expiring(void **state)
{
	struct tv_vault *v = *state;
	tv_auto_json *reply = NULL;
	tv_auto_json *none = NULL;

	edit_ok(v, TV_AGENT_add, "{'provider':'choreo','token':'x','expires':1800000000}");
	assert_ok(fixture_read(&reply, v, TV_AGENT_expiring, "{'before':1800000000}"));
	assert_int_equal(tv_json_count(tv_json_get(reply, "entries")), 1);
	assert_string_equal(
		tv_json_get_text(tv_json_first(tv_json_get(reply, "entries")), "provider"),
		"choreo");
	assert_ok(fixture_read(&none, v, TV_AGENT_expiring, "{'before':1799999999}"));
	assert_int_equal(tv_json_count(tv_json_get(none, "entries")), 0);
}

static void hosts_and_deny(void **state)
{
	struct tv_vault *v = *state;

	assert_string_equal(shown(v, "hosts"), "[]");
	edit_ok(v, TV_AGENT_set, "{'provider':'azion','hosts':['a.b','a.b:8443']}");
	assert_string_equal(shown(v, "hosts"), "[\"a.b\",\"a.b:8443\"]");
	edit_ok(v, TV_AGENT_set, "{'provider':'azion','token':'x'}");
	assert_string_equal(shown(v, "hosts"), "[\"a.b\",\"a.b:8443\"]");
	assert_int_equal(entry(v)->n_history, 2);
	edit_ok(v, TV_AGENT_set, "{'provider':'azion','deny':true}");
	assert_string_equal(shown(v, "deny"), "true");
	assert_int_equal(entry(v)->n_history, 2);
	edit_ok(v, TV_AGENT_set, "{'provider':'azion','hosts':[]}");
	assert_string_equal(shown(v, "hosts"), "[]");
	edit_ok(v, TV_AGENT_undo, "{'provider':'azion'}");
	assert_string_equal(shown(v, "hosts"), "[\"a.b\",\"a.b:8443\"]");
}

static void rotation(void **state)
{
	struct tv_vault *v = *state;
	tv_auto_json *reply = NULL;

	edit_ok(v, TV_AGENT_set, "{'provider':'azion','hosts':['a.b']," GOOD ",'account':'a'}}");
	assert_string_equal(shown(v, "rotation"), "null");
	edit_fails(v, TV_AGENT_rotation, TV_NO_ENTRY,
		   "{'provider':'azion','step':'minted','token':'x'}");
	edit_ok(v, TV_AGENT_rotation, "{'provider':'azion','step':'begin','name':'n'}");
	edit_fails(v, TV_AGENT_rotation, TV_BUSY, "{'provider':'azion','step':'begin','name':'m'}");
	edit_fails(v, TV_AGENT_rotation, TV_NO_ENTRY, "{'provider':'azion','step':'swap'}");
	assert_status(fixture_read(NULL, v, TV_AGENT_rotation_token, "{'provider':'azion'}"),
		      TV_NO_ENTRY);
	edit_ok(v, TV_AGENT_rotation,
		"{'provider':'azion','step':'minted','token':'fresh','id':'i','expires':"
		"1850000000}");
	edit_fails(v, TV_AGENT_rotation, TV_BUSY,
		   "{'provider':'azion','step':'minted','token':'other'}");
	assert_non_null(strstr(shown(v, "rotation"), "\"minted\""));
	assert_null(strstr(shown(v, "rotation"), "fresh"));
	assert_ok(fixture_read(&reply, v, TV_AGENT_rotation_token, "{'provider':'azion'}"));
	assert_string_equal(tv_json_get_text(reply, "token"), "fresh");
	assert_string_equal(shown(v, "token"), "\"first-token\"");
	edit_ok(v, TV_AGENT_rotation,
		"{'provider':'azion','step':'swap','id_field':'uuid','revoke_id':'old',"
		"'revoke_at':1700009999}");
	assert_string_equal(shown(v, "token"), "\"fresh\"");
	assert_string_equal(shown(v, "expires"), "1850000000");
	assert_string_equal(shown(v, "expires_from"), "\"service\"");
	assert_string_equal(shown(v, "fields"), "{\"uuid\":\"i\"}");
	assert_string_equal(shown(v, "hosts"), "[\"a.b\"]");
	assert_string_equal(shown(v, "verified"), "null");
	assert_string_equal(shown(v, "account"), "\"a\"");
	assert_string_equal(shown(v, "rotation"), "null");
	assert_string_equal(shown(v, "revoking_ids"), "[{\"id\":\"old\",\"at\":1700009999}]");
	assert_string_equal(shown(v, "revoking"), "1");
	assert_string_equal(due(v, "{'before':1700009998}"), "[]");
	assert_string_equal(due(v, "{'before':1700009999}"),
			    "[{\"provider\":\"azion\",\"label\":\"default\",\"at\":1700009999}]");
	assert_string_equal(tv_secret_text(&entry(v)->history[entry(v)->n_history - 1].token),
			    "first-token");
	edit_fails(v, TV_AGENT_rotation, TV_NO_ENTRY,
		   "{'provider':'azion','step':'revoked','id':'none'}");
	edit_ok(v, TV_AGENT_rotation, "{'provider':'azion','step':'revoked','id':'old'}");
	assert_string_equal(shown(v, "revoking"), "0");
}

static void rotation_ends(void **state)
{
	struct tv_vault *v = *state;
	char request[100];

	edit_ok(v, TV_AGENT_rotation, "{'provider':'azion','step':'begin','name':'n'}");
	edit_ok(v, TV_AGENT_rotation, "{'provider':'azion','step':'minted','token':'" JWT "'}");
	edit_ok(v, TV_AGENT_rotation, "{'provider':'azion','step':'cancel'}");
	edit_ok(v, TV_AGENT_rotation, "{'provider':'azion','step':'cancel'}");
	assert_string_equal(shown(v, "rotation"), "null");
	for (int i = 0; i < TV_REVOKING_MAX; i++) {
		snprintf(request, sizeof request,
			 "{'provider':'azion','step':'queue','revoke_id':'%d'}", i);
		edit_ok(v, TV_AGENT_rotation, request);
	}
	edit_ok(v, TV_AGENT_rotation,
		"{'provider':'azion','step':'queue','revoke_id':'3','revoke_at':9}");
	edit_fails(v, TV_AGENT_rotation, TV_REFUSED,
		   "{'provider':'azion','step':'queue','revoke_id':'more'}");
}

static void own_paths(void **state)
{
	struct tv_vault *v = *state;
	struct tv_doc *doc = tv_vault_doc(v);
	tv_auto_json *reply = NULL;

	edit_ok(v, TV_AGENT_path, "{'provider':'azion','file':'f','path':'a/b','on':true}");
	edit_ok(v, TV_AGENT_path, "{'provider':'azion','file':'f','path':'a/b','on':true}");
	edit_fails(v, TV_AGENT_path, TV_EXISTS,
		   "{'provider':'azion','file':'g','path':'a/b','on':true}");
	edit_ok(v, TV_AGENT_path,
		"{'provider':'azion','label':'default','file':'g','path':'c','on':true}");
	edit_ok(v, TV_AGENT_view, "{'provider':'azion','label':'default','file':'g','on':false}");
	assert_ok(fixture_read(&reply, v, TV_AGENT_views, "{}"));
	assert_int_equal(tv_json_count(tv_json_get(reply, "paths")), 2);
	assert_string_equal(tv_json_get_text(tv_json_first(tv_json_get(reply, "views")), "label"),
			    "default");
	assert_null(tv_doc_switch(doc, "azion", "g", NULL));
	assert_false(tv_doc_switch(doc, "azion", "g", entry(v)->id)->on);
	edit_fails(v, TV_AGENT_path, TV_NO_ENTRY,
		   "{'provider':'azion','file':'g','path':'a/b','on':false}");
	edit_ok(v, TV_AGENT_path, "{'provider':'azion','file':'f','path':'a/b','on':false}");
	assert_int_equal(doc->n_paths, 1);
	edit_ok(v, TV_AGENT_remove, "{'provider':'azion'}");
	assert_int_equal(doc->n_paths, 1);
	edit_ok(v, TV_AGENT_forget, "{'provider':'azion'}");
	assert_int_equal(doc->n_paths, 0);
	assert_int_equal(doc->n_switches, 0);
}

static const struct {
	enum tv_agent_message message;
	const char *request;
} refused[] = {
	{TV_AGENT_set, "{'provider':'azion','hosts':['A.b']}"},
	{TV_AGENT_set, "{'provider':'azion','hosts':['a.b:443']}"},
	{TV_AGENT_set, "{'provider':'azion','hosts':['a b']}"},
	{TV_AGENT_set, "{'provider':'azion','hosts':'a.b'}"},
	{TV_AGENT_set, "{'provider':'azion','hosts':[1]}"},
	{TV_AGENT_set, "{'provider':'azion','deny':1}"},
	{TV_AGENT_set, "{'provider':'azion','checked':{'at':1}}"},
	{TV_AGENT_set, "{'provider':'azion','checked':{'answer':'OK'}}"},
	{TV_AGENT_set, "{'provider':'azion','checked':{'at':1,'answer':'LOCKED'}}"},
	{TV_AGENT_set, "{'provider':'azion','checked':{'at':1,'answer':'maybe'}}"},
	{TV_AGENT_set, "{'provider':'azion'," GOOD ",'more':1}}"},
	{TV_AGENT_set, "{'provider':'azion'," GOOD ",'account':'a\\nb'}}"},
	{TV_AGENT_set, "{'provider':'azion'," GOOD ",'account':1}}"},
	{TV_AGENT_set, "{'provider':'azion'," GOOD ",'expires':-1}}"},
	{TV_AGENT_set, "{'provider':'azion'," GOOD ",'fields':{'A':'b'}}}"},
	{TV_AGENT_set, "{'provider':'azion'," GOOD ",'fields':{'a':null}}}"},
	{TV_AGENT_set, "{'provider':'azion'," GOOD ",'fields':['a']}}"},
	{TV_AGENT_checked, "{}"},
	{TV_AGENT_checked, "{'results':[],'more':1}"},
	{TV_AGENT_checked, "{'results':[1]}"},
	{TV_AGENT_checked, "{'results':[{'provider':'azion','since':1," GOOD "}}]}"},
	{TV_AGENT_checked, "{'results':[{'provider':'azion','label':'a'," GOOD "}}]}"},
	{TV_AGENT_setting, "{'name':'proxy'}"},
	{TV_AGENT_setting, "{'name':'else','value':null}"},
	{TV_AGENT_setting, "{'name':'proxy','value':''}"},
	{TV_AGENT_setting, "{'name':'proxy','value':7}"},
	{TV_AGENT_setting, "{'name':'ca_file','value':'a\\nb'}"},
	{TV_AGENT_setting, "{'name':'private_hosts','value':['a.b:1']}"},
	{TV_AGENT_setting, "{'name':'private_hosts','value':['[::1]:1']}"},
	{TV_AGENT_setting, "{'name':'private_hosts','value':7}"},
	{TV_AGENT_setting, "{'name':'proxy','value':null,'more':1}"},
	{TV_AGENT_view, "{'provider':'azion','file':'f'}"},
	{TV_AGENT_view, "{'provider':'azion','file':'../f','on':true}"},
	{TV_AGENT_view, "{'provider':'azion','file':'f','on':true,'more':1}"},
	{TV_AGENT_path, "{'provider':'azion','file':'f','path':'/a','on':true}"},
	{TV_AGENT_path, "{'provider':'azion','file':'f','path':'a/../b','on':true}"},
	{TV_AGENT_path, "{'provider':'azion','file':'f','path':'','on':true}"},
	{TV_AGENT_path, "{'provider':'azion','file':'f','path':'a/{{label}}','on':true}"},
	{TV_AGENT_path, "{'provider':'azion','file':'f','path':'a\\nb','on':true}"},
	{TV_AGENT_path, "{'provider':'azion','file':'f','path':'a/','on':true}"},
	{TV_AGENT_path, "{'provider':'azion','file':'f','path':'a'}"},
	{TV_AGENT_path, "{'provider':'azion','file':'f','path':'a','on':true,'more':1}"},
	{TV_AGENT_rotation, "{'provider':'azion'}"},
	{TV_AGENT_rotation, "{'provider':'azion','step':'else'}"},
	{TV_AGENT_rotation, "{'provider':'azion','step':'begin'}"},
	{TV_AGENT_rotation, "{'provider':'azion','step':'begin','name':''}"},
	{TV_AGENT_rotation, "{'provider':'azion','step':'begin','name':'n','token':'x'}"},
	{TV_AGENT_rotation, "{'provider':'azion','step':'queue'}"},
	{TV_AGENT_rotation, "{'provider':'azion','step':'queue','revoke_id':'','revoke_at':1}"},
	{TV_AGENT_rotation, "{'provider':'azion','step':'cancel','more':1}"},
};

static void refuses(void **state)
{
	struct tv_vault *v = *state;

	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		edit_fails(v, refused[i].message, TV_BAD_VALUE, refused[i].request);
	assert_status(fixture_read(NULL, v, TV_AGENT_expiring, "{}"), TV_BAD_VALUE);
	assert_status(fixture_read(NULL, v, TV_AGENT_expiring, "{'before':1,'more':1}"),
		      TV_BAD_VALUE);
	assert_status(fixture_read(NULL, v, TV_AGENT_settings, "{'more':1}"), TV_BAD_VALUE);
	assert_status(
		fixture_read(NULL, v, TV_AGENT_rotation_token, "{'provider':'azion','more':1}"),
		TV_BAD_VALUE);
}

/* All of it must parse again, to the same. */
static void survives_a_save(void **state)
{
	struct tv_vault *v = *state;
	tv_auto_vault *again = NULL;
	tv_auto_secret before = {0};
	tv_auto_secret after = {0};
	tv_auto_bytes file = {0};

	edit_ok(v, TV_AGENT_set,
		"{'provider':'azion','hosts':['a.b'],'deny':true,'expires':1850000000," GOOD
		",'account':'a'}}");
	edit_ok(v, TV_AGENT_set, "{'provider':'azion','hosts':['c.d']}");
	edit_ok(v, TV_AGENT_rotation, "{'provider':'azion','step':'begin','name':'n'}");
	edit_ok(v, TV_AGENT_rotation,
		"{'provider':'azion','step':'minted','token':'fresh','id':'i','expires':7}");
	edit_ok(v, TV_AGENT_rotation, "{'provider':'azion','step':'queue','revoke_id':'i'}");
	edit_ok(v, TV_AGENT_add, "{'provider':'azion','label':'b','token':'" JWT "'}");
	edit_ok(v, TV_AGENT_rotation, "{'provider':'azion','label':'b','step':'begin','name':'n'}");
	edit_ok(v, TV_AGENT_setting, "{'name':'proxy','value':'http://p:1'}");
	edit_ok(v, TV_AGENT_setting, "{'name':'private_hosts','value':'a.b'}");
	edit_ok(v, TV_AGENT_view, "{'provider':'azion','label':'b','file':'g','on':false}");
	edit_ok(v, TV_AGENT_path,
		"{'provider':'azion','label':'b','file':'f','path':'a/b','on':true}");
	fixture_seal(&file, v);
	assert_ok(fixture_open(&again, &file, "passphrase", NULL));
	assert_ok(tv_doc_print(&before, tv_vault_doc(v), NULL));
	assert_ok(tv_doc_print(&after, tv_vault_doc(again), NULL));
	assert_string_equal(tv_secret_text(&before), tv_secret_text(&after));
	assert_string_equal(tv_secret_text(&entry(again)->rotation.token), "fresh");
	assert_int_equal(entry(again)->now.expires_from, TV_EXPIRY_USER);
	assert_true(entry(again)->deny);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(expiry_goes_by_rank),
		TEST(reply_says_whose),
		TEST(a_bad_answer_changes_little),
		TEST(another_token_is_unknown),
		TEST(checked),
		TEST(expiring),
		TEST(hosts_and_deny),
		TEST(rotation),
		TEST(rotation_ends),
		TEST(own_paths),
		TEST(refuses),
		TEST(survives_a_save),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
