/* What a vault knows of tokens that were ended at their service, or are still to be. */
#include <string.h>

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

static const struct tv_entry *entry(struct tv_vault *v)
{
	return tv_doc_find(tv_vault_doc(v), "azion", "default");
}

static void edit(struct tv_vault *v, enum tv_status wanted, enum tv_agent_message message,
		 const char *request)
{
	enum tv_status status = fixture_edit(NULL, v, message, request);

	if (status != wanted)
		fail_msg("%s: %s", request, tv_status_name(status));
}

/* A token that was ended is so in every version that has it, and none of them comes back by itself. */
static void ended(void **state)
{
	struct tv_vault *v = *state;

	edit(v, TV_OK, TV_AGENT_set, "{'provider':'azion','fields':{'uuid':'old'}}");
	edit(v, TV_OK, TV_AGENT_rotation, "{'provider':'azion','step':'begin','name':'n'}");
	edit(v, TV_OK, TV_AGENT_rotation,
	     "{'provider':'azion','step':'minted','token':'fresh','id':'i'}");
	edit(v, TV_OK, TV_AGENT_rotation,
	     "{'provider':'azion','step':'swap','id_field':'uuid','revoke_id':'old'}");
	edit(v, TV_OK, TV_AGENT_set, "{'provider':'azion','note':'n'}");
	edit(v, TV_OK, TV_AGENT_rotation,
	     "{'provider':'azion','step':'revoked','id':'old','id_field':'uuid'}");
	edit(v, TV_NO_ENTRY, TV_AGENT_rotation,
	     "{'provider':'azion','step':'revoked','id':'other','id_field':'uuid'}");
	assert_int_equal(entry(v)->n_history, 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(entry(v)->history[i].ended > 0, i < 2);
	assert_int_equal(entry(v)->now.ended, 0);
	edit(v, TV_TOKEN_REFUSED, TV_AGENT_undo, "{'provider':'azion','version':1}");
	edit(v, TV_OK, TV_AGENT_undo, "{'provider':'azion'}");
	edit(v, TV_OK, TV_AGENT_undo, "{'provider':'azion','version':1,'force':true}");
	assert_string_equal(tv_secret_text(&entry(v)->now.token), "first-token");
	assert_true(entry(v)->now.ended > 0);
	edit(v, TV_OK, TV_AGENT_set, "{'provider':'azion','note':'m'}");
	assert_true(entry(v)->now.ended > 0);
	edit(v, TV_OK, TV_AGENT_set,
	     "{'provider':'azion','checked':{'at':1700000000,'answer':'OK'}}");
	assert_int_equal(entry(v)->now.ended, 0);
}

static void forgets_no_work(void **state)
{
	struct tv_vault *v = *state;

	edit(v, TV_OK, TV_AGENT_rotation, "{'provider':'azion','step':'queue','revoke_id':'i'}");
	edit(v, TV_OK, TV_AGENT_remove, "{'provider':'azion'}");
	edit(v, TV_BUSY, TV_AGENT_forget, "{'provider':'azion'}");
	edit(v, TV_OK, TV_AGENT_forget, "{'provider':'azion','force':true}");
	assert_int_equal(tv_vault_doc(v)->n_entries, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ended, set_up, tear_down),
		cmocka_unit_test_setup_teardown(forgets_no_work, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
