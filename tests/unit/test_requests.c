/* The messages on an open vault: what they change, what they refuse, what can be undone. */
#include <stdio.h>
#include <string.h>

#include "fixture.h"

#define JWT "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE5MDAwMDAwMDB9.c2lnbmF0dXJl" /* exp 1900000000 */

static int set_up(void **state)
{
	assert_ok(tv_init(NULL));
	*state = fixture_vault("first-token");
	return 0;
}

static int tear_down(void **state)
{
	tv_vault_free(*state);
	return 0;
}

static const char *token(const struct tv_vault *vault, const char *provider, const char *label)
{
	const struct tv_entry *e = tv_doc_find(tv_vault_doc(vault), provider, label);

	return e ? tv_secret_text(&e->now.token) : "(none)";
}

static const char *in_use(const struct tv_vault *vault, const char *provider)
{
	const struct tv_entry *e = tv_doc_in_use(tv_vault_doc(vault), provider);

	return e ? e->now.label : "(none)";
}

static void add(void **state)
{
	struct tv_vault *v = *state;

	assert_status(fixture_edit(NULL, v, TV_AGENT_add, "{'provider':'azion','token':'x'}"),
		      TV_EXISTS);
	assert_ok(fixture_edit(NULL, v, TV_AGENT_add,
			       "{'provider':'azion','label':'work','token':'second\\r\\n'}"));
	assert_string_equal(token(v, "azion", "work"), "second");
	assert_string_equal(token(v, "azion", NULL), "first-token");
	assert_string_equal(in_use(v, "azion"), "default");
	assert_ok(fixture_edit(NULL, v, TV_AGENT_add,
			       "{'provider':'api7','label':'ci','token':'" JWT "'}"));
	assert_string_equal(in_use(v, "api7"), "ci");
	assert_string_equal(token(v, "api7", NULL), JWT);
	assert_int_equal(tv_doc_in_use(tv_vault_doc(v), "api7")->now.expires, 1900000000);
}

static void refused(void **state)
{
	static const char *const requests[] = {
		"{}",
		"{'provider':'azion','label':'b'}",
		"{'provider':'azion','label':'b','token':''}",
		"{'provider':'azion','label':'b','token':'\\r\\n\\n'}",
		"{'provider':'azion','label':'b','token':'a\\nb'}",
		"{'provider':'azion','label':'b','token':'t\\u00e4'}",
		"{'provider':'azion','label':'b','token':'a\\tb'}",
		"{'provider':'azion','label':'b','token':7}",
		"{'provider':'azion','label':'','token':'x'}",
		"{'provider':'azion','label':'.','token':'x'}",
		"{'provider':'azion','label':'..','token':'x'}",
		"{'provider':'azion','label':'a/b','token':'x'}",
		"{'provider':'azion','label':'a b','token':'x'}",
		"{'provider':'azion','label':null,'token':'x'}",
		"{'provider':'../x','label':'b','token':'x'}",
		"{'provider':'Azion','label':'b','token':'x'}",
		"{'provider':'azion','label':'b','token':'x','fields':{'A':'v'}}",
		"{'provider':'azion','label':'b','token':'x','fields':{'a':'line\\nline'}}",
		"{'provider':'azion','label':'b','token':'x','fields':{'a':7}}",
		"{'provider':'azion','label':'b','token':'x','note':'a\\u0007b'}",
		"{'provider':'azion','label':'b','token':'x','expires':-1}",
		"{'provider':'azion','label':'b','token':'x','expires':1.5}",
		"{'provider':'azion','label':'b','token':'x','expires':'soon'}",
		"{'provider':'azion','label':'b','token':'x','else':1}",
		"[]",
	};
	struct tv_vault *v = *state;

	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
		if (fixture_edit(NULL, v, TV_AGENT_add, requests[i]) != TV_BAD_VALUE)
			fail_msg("%s", requests[i]);
	assert_int_equal(tv_vault_doc(v)->n_entries, 1);
}

static void long_values(void **state)
{
	struct tv_vault *v = *state;
	tv_auto_json *request = tv_json_object();
	tv_auto_json *reply = NULL;
	tv_auto_secret text = {0};

	for (size_t i = 0; i < TV_TOKEN_MAX; i++)
		tv_secret_putc(&text, 'x');
	assert_true(tv_json_put_text(request, "provider", "choreo"));
	assert_true(tv_json_put_text(request, "token", tv_secret_text(&text)));
	assert_ok(tv_agent_edit(&reply, v, TV_AGENT_add, request, 1, NULL));
	tv_secret_putc(&text, 'x');
	assert_true(tv_json_put_text(request, "token", tv_secret_text(&text)));
	assert_true(tv_json_put_text(request, "label", "b"));
	assert_status(tv_agent_edit(&reply, v, TV_AGENT_add, request, 1, NULL), TV_BAD_VALUE);
}

static void set(void **state)
{
	struct tv_vault *v = *state;
	const struct tv_entry *e;

	assert_ok(fixture_edit(NULL, v, TV_AGENT_set,
			       "{'provider':'azion','token':'" JWT
			       "','fields':{'email':'a@b','uuid':'u'},'note':'hello'}"));
	e = tv_doc_find(tv_vault_doc(v), "azion", "default");
	assert_int_equal(e->now.expires, 1900000000);
	assert_string_equal(tv_version_field(&e->now, "email"), "a@b");
	/* An expiry belongs to a token: another token does not inherit it. */
	assert_ok(fixture_edit(NULL, v, TV_AGENT_set,
			       "{'provider':'azion','token':'third','fields':{'email':null}}"));
	e = tv_doc_find(tv_vault_doc(v), "azion", "default");
	assert_int_equal(e->now.expires, TV_NEVER);
	assert_null(tv_version_field(&e->now, "email"));
	assert_string_equal(tv_version_field(&e->now, "uuid"), "u");
	assert_string_equal(e->now.note, "hello");
	assert_ok(fixture_edit(NULL, v, TV_AGENT_set,
			       "{'provider':'azion','new_label':'main','note':null}"));
	assert_string_equal(token(v, "azion", "main"), "third");
	assert_string_equal(token(v, "azion", "default"), "(none)");
	assert_null(e->now.note);
	assert_ok(fixture_edit(NULL, v, TV_AGENT_add, "{'provider':'azion','token':'x'}"));
	assert_status(
		fixture_edit(NULL, v, TV_AGENT_set, "{'provider':'azion','new_label':'main'}"),
		TV_EXISTS);
	assert_status(fixture_edit(NULL, v, TV_AGENT_set,
				   "{'provider':'azion','label':'none','note':'x'}"),
		      TV_NO_ENTRY);
}

static void undo(void **state)
{
	struct tv_vault *v = *state;

	assert_status(fixture_edit(NULL, v, TV_AGENT_undo, "{'provider':'azion'}"), TV_NO_ENTRY);
	assert_ok(fixture_edit(NULL, v, TV_AGENT_set, "{'provider':'azion','token':'second'}"));
	assert_ok(fixture_edit(NULL, v, TV_AGENT_set, "{'provider':'azion','token':'third'}"));
	assert_ok(fixture_edit(NULL, v, TV_AGENT_undo, "{'provider':'azion'}"));
	assert_string_equal(token(v, "azion", NULL), "second");
	assert_ok(fixture_edit(NULL, v, TV_AGENT_undo, "{'provider':'azion'}"));
	assert_string_equal(token(v, "azion", NULL), "third");
	assert_ok(fixture_edit(NULL, v, TV_AGENT_undo, "{'provider':'azion','version':1}"));
	assert_string_equal(token(v, "azion", NULL), "first-token");
	assert_status(fixture_edit(NULL, v, TV_AGENT_undo, "{'provider':'azion','version':99}"),
		      TV_NO_ENTRY);
}

static void history_is_bounded(void **state)
{
	struct tv_vault *v = *state;
	tv_auto_json *reply = NULL;

	for (int i = 0; i < 3 * TV_HISTORY_MAX; i++)
		assert_ok(fixture_edit(NULL, v, TV_AGENT_set,
				       "{'provider':'azion','token':'again'}"));
	assert_ok(fixture_read(&reply, v, TV_AGENT_history, "{'provider':'azion'}"));
	assert_int_equal(tv_json_count(tv_json_get(reply, "versions")), TV_HISTORY_MAX + 1);
}

static void remove_and_restore(void **state)
{
	struct tv_vault *v = *state;
	tv_auto_json *reply = NULL;

	assert_ok(fixture_edit(NULL, v, TV_AGENT_add,
			       "{'provider':'azion','label':'work','token':'second'}"));
	assert_ok(
		fixture_edit(&reply, v, TV_AGENT_remove, "{'provider':'azion','label':'default'}"));
	assert_string_equal(tv_json_get_text(reply, "now_in_use"), "work");
	assert_string_equal(in_use(v, "azion"), "work");
	assert_string_equal(token(v, "azion", "default"), "(none)");
	assert_ok(fixture_edit(NULL, v, TV_AGENT_undo, "{'provider':'azion'}"));
	assert_string_equal(token(v, "azion", "default"), "first-token");
	assert_string_equal(in_use(v, "azion"), "work");
	assert_ok(fixture_edit(NULL, v, TV_AGENT_use, "{'provider':'azion','label':'default'}"));
	assert_string_equal(in_use(v, "azion"), "default");
}

static bool holds(struct tv_vault *v, const char *needle)
{
	tv_auto_secret json = {0};

	assert_ok(tv_doc_print(&json, tv_vault_doc(v), NULL));
	return strstr(tv_secret_text(&json), needle);
}

static void forget(void **state)
{
	struct tv_vault *v = *state;
	tv_auto_json *reply = NULL;

	assert_ok(fixture_edit(NULL, v, TV_AGENT_set, "{'provider':'azion','token':'second'}"));
	assert_true(holds(v, "first-token"));
	assert_ok(fixture_edit(&reply, v, TV_AGENT_forget, "{'provider':'azion'}"));
	assert_string_equal(tv_json_get_text(reply, "backup"), "drop");
	assert_false(holds(v, "first-token"));
	assert_string_equal(token(v, "azion", NULL), "second");
	assert_ok(fixture_edit(NULL, v, TV_AGENT_remove, "{'provider':'azion'}"));
	assert_true(holds(v, "second"));
	assert_ok(fixture_edit(NULL, v, TV_AGENT_forget, "{'provider':'azion'}"));
	assert_false(holds(v, "second"));
	assert_status(fixture_edit(NULL, v, TV_AGENT_forget, "{'provider':'azion'}"), TV_NO_ENTRY);
}

/* What the table of messages says of tokens: only show has one. */
static void only_show_shows(void **state)
{
	static const enum tv_agent_message silent[] = {TV_AGENT_list, TV_AGENT_history,
						       TV_AGENT_keys};
	struct tv_vault *v = *state;
	tv_auto_json *shown = NULL;
	tv_auto_secret text = {0};

	assert_ok(fixture_edit(NULL, v, TV_AGENT_set, "{'provider':'azion','token':'second'}"));
	for (size_t i = 0; i < 3; i++) {
		tv_auto_json *reply = NULL;

		assert_ok(fixture_read(&reply, v, silent[i], "{}"));
		assert_ok(tv_json_print(&text, reply, NULL));
	}
	assert_null(strstr(tv_secret_text(&text), "first-token"));
	assert_null(strstr(tv_secret_text(&text), "second"));
	assert_ok(fixture_read(&shown, v, TV_AGENT_show, "{'provider':'azion'}"));
	assert_string_equal(tv_json_get_text(shown, "token"), "second");
	assert_status(fixture_read(NULL, v, TV_AGENT_show, "{'provider':'none'}"), TV_NO_ENTRY);
}

static void wrong_kind(void **state)
{
	assert_status(fixture_read(NULL, *state, TV_AGENT_add, "{}"), TV_BAD_VALUE);
	assert_status(fixture_edit(NULL, *state, TV_AGENT_list, "{}"), TV_BAD_VALUE);
	assert_status(fixture_edit(NULL, *state, TV_AGENT_lock, "{}"), TV_BAD_VALUE);
	assert_status(fixture_edit(NULL, *state, 999, "{}"), TV_BAD_VALUE);
}

/* Whatever the edits made must parse again, to the same. */
static void survives_a_save(void **state)
{
	struct tv_vault *v = *state;
	tv_auto_vault *again = NULL;
	tv_auto_secret before = {0};
	tv_auto_secret after = {0};
	tv_auto_bytes file = {0};

	assert_ok(
		fixture_edit(NULL, v, TV_AGENT_add,
			     "{'provider':'api7','label':'a.b_c-d','token':'" JWT
			     "','fields':{'address':'https://x/\\u00e9\\\\\\u0022'},'note':'n'}"));
	assert_ok(fixture_edit(NULL, v, TV_AGENT_set, "{'provider':'azion','token':'2'}"));
	assert_ok(fixture_edit(NULL, v, TV_AGENT_remove, "{'provider':'azion'}"));
	assert_ok(fixture_edit(NULL, v, TV_AGENT_view,
			       "{'provider':'azion','file':'credentials','on':true}"));
	fixture_seal(&file, v);
	assert_ok(fixture_open(&again, &file, "passphrase", NULL));
	assert_true(tv_doc_switch(tv_vault_doc(again), "azion", "credentials", NULL)->on);
	assert_ok(tv_doc_print(&before, tv_vault_doc(v), NULL));
	assert_ok(tv_doc_print(&after, tv_vault_doc(again), NULL));
	assert_string_equal(tv_secret_text(&before), tv_secret_text(&after));
}

/* Who changes keys proves one: the passphrase's, in the vault as it was saved. */
static void prove(struct tv_json *request, struct tv_vault *vault)
{
	tv_auto_credential c = fixture_right("passphrase");
	struct tv_json *proof = tv_json_object();
	tv_auto_bytes file = {0};
	tv_auto_slot_key key;

	fixture_seal(&file, vault);
	assert_ok(tv_slot_unlock(&key, &file, &c, &fixture_limits, NULL));
	assert_true(tv_json_put(request, "proof", proof) &&
		    tv_json_put_hex(proof, "slot", key.uuid, sizeof key.uuid) &&
		    tv_json_put_hex(proof, "key", key.key, sizeof key.key));
}

/* A request with a slot as AGENT.md has it; replace may be NULL. */
static struct tv_json *slot_request(const struct tv_slot_new *slot, const unsigned char *replace)
{
	struct tv_json *request = tv_json_object();
	struct tv_json *j = tv_json_object();

	assert_true(!replace || tv_json_put_hex(request, "replace", replace, TV_ID_BYTES));
	assert_true(tv_json_put(request, "slot", j) && tv_json_put_int(j, "type", slot->type) &&
		    tv_json_put_hex(j, "uuid", slot->uuid, sizeof slot->uuid) &&
		    tv_json_put_hex(j, "params", slot->params, slot->params_len) &&
		    tv_json_put_hex(j, "commitment", slot->commitment, sizeof slot->commitment) &&
		    tv_json_put_hex(j, "recipient", slot->recipient, sizeof slot->recipient) &&
		    tv_json_put_text(j, "label", slot->label));
	return request;
}

static enum tv_status opens_with(const struct tv_bytes *file, const char *type, const char *secret)
{
	tv_auto_credential c = fixture_credential(type, secret);
	tv_auto_vault *vault = NULL;
	tv_auto_slot_key key;
	enum tv_status status = tv_slot_unlock(&key, file, &c, &fixture_limits, NULL);

	return status ? status : tv_vault_open(&vault, file, &key, NULL, NULL);
}

/* A new passphrase without asking for the keyfile, which goes on working. */
static void passwd(void **state)
{
	tv_auto_credential c = fixture_credential("passphrase", "a new passphrase");
	struct tv_vault *v = *state;
	struct tv_slot_new slot;
	tv_auto_json *request = NULL;
	tv_auto_json *reply = NULL;
	tv_auto_bytes before = {0};
	tv_auto_bytes file = {0};
	tv_auto_vault *old = NULL;
	tv_auto_vault *stale = NULL;

	fixture_seal(&before, v);
	assert_ok(fixture_open(&old, &before, "keyfile", NULL));
	assert_ok(tv_slot_prepare(&slot, &c, "mine", NULL, &fixture_cost, &fixture_limits, NULL));
	request = slot_request(&slot, tv_vault_header(v)->slots[0].uuid);
	assert_status(tv_agent_edit(&reply, v, TV_AGENT_passwd, request, 1, NULL), TV_WRONG_KEY);
	prove(request, v);
	assert_ok(tv_agent_edit(&reply, v, TV_AGENT_passwd, request, 1, NULL));
	assert_string_equal(tv_json_get_text(reply, "backup"), "drop");
	fixture_seal(&file, v);
	assert_status(opens_with(&file, "passphrase", FIXTURE_PASSPHRASE), TV_WRONG_KEY);
	assert_ok(opens_with(&file, "passphrase", "a new passphrase"));
	assert_ok(opens_with(&file, "keyfile", FIXTURE_KEYFILE));
	assert_status(tv_vault_reopen(&stale, &file, old, NULL, NULL), TV_WRONG_KEY);
	assert_int_equal(tv_vault_doc(v)->n_keys, 2);
}

/* Every key goes on working, and the vault key is another. */
static void rekey(void **state)
{
	struct tv_vault *v = *state;
	tv_auto_json *request = tv_json_object();
	tv_auto_json *reply = NULL;
	tv_auto_bytes before = {0};
	tv_auto_bytes file = {0};
	tv_auto_vault *old = NULL;
	tv_auto_vault *stale = NULL;

	fixture_seal(&before, v);
	assert_ok(fixture_open(&old, &before, "keyfile", NULL));
	assert_status(tv_agent_edit(&reply, v, TV_AGENT_rekey, request, 1, NULL), TV_WRONG_KEY);
	prove(request, v);
	assert_ok(tv_agent_edit(&reply, v, TV_AGENT_rekey, request, 1, NULL));
	assert_string_equal(tv_json_get_text(reply, "backup"), "drop");
	tv_json_cleanup(&reply);
	assert_true(tv_json_put_text(request, "uuid", "0"));
	assert_status(tv_agent_edit(&reply, v, TV_AGENT_rekey, request, 1, NULL), TV_BAD_VALUE);
	fixture_seal(&file, v);
	assert_ok(opens_with(&file, "passphrase", FIXTURE_PASSPHRASE));
	assert_ok(opens_with(&file, "keyfile", FIXTURE_KEYFILE));
	assert_status(tv_vault_reopen(&stale, &file, old, NULL, NULL), TV_WRONG_KEY);
	assert_int_equal(tv_vault_doc(v)->n_lineage, 1);
}

/* A proof with one digit changed, and one with another vault's key. */
static void wrong_proofs(const struct tv_json *request, struct tv_vault *v)
{
	static const char *const members[] = {"slot", "key"};
	tv_auto_vault *other = fixture_vault("x");
	tv_auto_json *foreign = tv_json_copy(request);
	tv_auto_json *reply = NULL;

	for (size_t i = 0; i < 2; i++) {
		tv_auto_json *wrong = tv_json_copy(request);
		struct tv_json *proof = tv_json_get(wrong, "proof");
		char text[65];

		snprintf(text, sizeof text, "%s", tv_json_get_text(proof, members[i]));
		text[5] = text[5] == '0' ? '1' : '0';
		assert_true(tv_json_put_text(proof, members[i], text));
		assert_status(tv_agent_edit(&reply, v, TV_AGENT_key_add, wrong, 1, NULL),
			      TV_WRONG_KEY);
	}
	prove(foreign, other);
	assert_status(tv_agent_edit(&reply, v, TV_AGENT_key_add, foreign, 1, NULL), TV_WRONG_KEY);
}

static void keys(void **state)
{
	tv_auto_credential c = fixture_credential("passphrase", "another passphrase");
	struct tv_vault *v = *state;
	struct tv_slot_new slot;
	tv_auto_json *request = NULL;
	tv_auto_json *reply = NULL;
	tv_auto_json *list = NULL;
	tv_auto_json *gone = tv_json_object();
	tv_auto_bytes file = {0};

	assert_ok(tv_slot_prepare(&slot, &c, "second", NULL, &fixture_cost, &fixture_limits, NULL));
	request = slot_request(&slot, NULL);
	assert_status(tv_agent_edit(&reply, v, TV_AGENT_key_add, request, 1, NULL), TV_WRONG_KEY);
	prove(request, v);
	wrong_proofs(request, v);
	assert_ok(tv_agent_edit(&reply, v, TV_AGENT_key_add, request, 1, NULL));
	tv_json_cleanup(&reply);
	assert_status(tv_agent_edit(&reply, v, TV_AGENT_key_add, request, 1, NULL), TV_EXISTS);
	fixture_seal(&file, v);
	assert_ok(opens_with(&file, "passphrase", "another passphrase"));
	assert_ok(opens_with(&file, "passphrase", FIXTURE_PASSPHRASE));
	assert_true(tv_json_put_hex(gone, "uuid", slot.uuid, sizeof slot.uuid));
	assert_status(tv_agent_edit(&reply, v, TV_AGENT_key_remove, gone, 1, NULL), TV_WRONG_KEY);
	prove(gone, v);
	assert_ok(tv_agent_edit(&reply, v, TV_AGENT_key_remove, gone, 1, NULL));
	tv_json_cleanup(&reply);
	assert_status(tv_agent_edit(&reply, v, TV_AGENT_key_remove, gone, 1, NULL), TV_NO_ENTRY);
	fixture_seal(&file, v);
	assert_status(opens_with(&file, "passphrase", "another passphrase"), TV_WRONG_KEY);
	assert_ok(opens_with(&file, "passphrase", FIXTURE_PASSPHRASE));
	assert_ok(fixture_read(&list, v, TV_AGENT_keys, "{}"));
	assert_int_equal(tv_json_count(tv_json_get(list, "keys")), 2);
	assert_int_equal(tv_vault_doc(v)->n_keys, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(add),
		TEST(refused),
		TEST(long_values),
		TEST(set),
		TEST(undo),
		TEST(history_is_bounded),
		TEST(forget),
		TEST(remove_and_restore),
		TEST(only_show_shows),
		TEST(wrong_kind),
		TEST(survives_a_save),
		TEST(passwd),
		TEST(rekey),
		TEST(keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
