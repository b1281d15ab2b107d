/* The directory view follows the vault when somebody asks, or once nobody waits; and before the vault is gone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "fusefs/handle.h"
#include "fusefs/server.h"
#include "fusefs/tree.h"
#include "vault/arena.h"

static struct tv_server server;
static struct tv_providers *providers;
static bool has_no_memory;
static size_t in_use_before;

enum tv_status __real_tv_views_directory(struct tv_views *out, const struct tv_doc *doc,
					 const struct tv_providers *p, struct tv_error *err);
enum tv_status __wrap_tv_views_directory(struct tv_views *out, const struct tv_doc *doc,
					 const struct tv_providers *p, struct tv_error *err);
enum tv_status __wrap_tv_views_directory(struct tv_views *out, const struct tv_doc *doc,
					 const struct tv_providers *p, struct tv_error *err)
{
	return has_no_memory ? tv_fail(err, TV_NO_MEMORY, "none")
			     : __real_tv_views_directory(out, doc, p, err);
}

void tv_handles_orphan(struct tv_shown *shown)
{
	(void)shown;
}

/* What a lookup would come to, without asking. */
static const struct tv_shown *at(const char *provider, const char *label, const char *file)
{
	const struct tv_tree *t = server.directory.tree;
	const struct tv_node *n = tv_tree_by_ino(t, 1);

	n = n ? tv_tree_child(t, n, provider) : NULL;
	n = n ? tv_tree_child(t, n, label) : NULL;
	n = n ? tv_tree_child(t, n, file) : NULL;
	return n ? server.directory.shown.at[n->file - 1] : NULL;
}

static struct tv_vault *edited(enum tv_agent_message message, const char *request)
{
	struct tv_vault *copy = NULL;
	tv_auto_bytes file = {0};

	fixture_seal(&file, server.vault);
	assert_ok(tv_vault_reopen(&copy, &file, server.vault, NULL, NULL));
	assert_ok(fixture_edit(NULL, copy, message, request));
	return copy;
}

/* The vault is another one from now on. */
static void becomes(struct tv_vault *vault)
{
	tv_directory_fall_behind(&server.directory, server.vault);
	server.vault = vault;
}

static void add(const char *label)
{
	char request[128];

	snprintf(request, sizeof request, "{'provider':'choreo','label':'%s','token':'t-%s'}",
		 label, label);
	becomes(edited(TV_AGENT_add, request));
}

static int begin(void **state)
{
	(void)state;
	has_no_memory = false;
	in_use_before = tv_arena_in_use();
	server = (struct tv_server){.providers = providers};
	becomes(fixture_vault("first"));
	assert_ok(tv_directory_follow(&server, NULL));
	return 0;
}

static int end(void **state)
{
	(void)state;
	tv_directory_lock(&server);
	for (size_t i = 0; i < server.directory.shown.count; i++)
		tv_shown_free(server.directory.shown.at[i]);
	free(server.directory.shown.at);
	tv_tree_free(server.directory.tree);
	tv_vault_free(server.vault);
	return tv_arena_in_use() == in_use_before ? 0 : -1;
}

static void follows_who_asks(void **state)
{
	const struct tv_shown *before = at("azion", "default", "settings.toml");

	(void)state;
	assert_non_null(before);
	assert_int_equal(tv_directory_wait(&server.directory), -1);
	add("new");
	assert_null(at("choreo", "new", "token"));
	assert_ok(tv_directory_follow(&server, NULL));
	assert_int_equal(at("choreo", "new", "token")->size, strlen("t-new\n"));
	assert_ptr_equal(at("azion", "default", "settings.toml"), before);
	assert_true(before->is_as_before);
	becomes(edited(TV_AGENT_remove, "{'provider':'choreo','label':'new'}"));
	assert_non_null(at("choreo", "new", "token"));
	assert_ok(tv_directory_follow(&server, NULL));
	assert_null(at("choreo", "new", "token"));
}

static void follows_after_some_time(void **state)
{
	(void)state;
	add("new");
	assert_in_range(tv_directory_wait(&server.directory), 100, 1000);
	tv_directory_hurry(&server);
	assert_null(at("choreo", "new", "token"));
	server.directory.due = tv_now_ms();
	assert_int_equal(tv_directory_wait(&server.directory), 0);
	tv_directory_hurry(&server);
	assert_non_null(at("choreo", "new", "token"));
	assert_int_equal(tv_directory_wait(&server.directory), -1);
}

static void is_put_off_for_a_while_only(void **state)
{
	(void)state;
	add("one");
	server.directory.due = 0;
	add("two");
	assert_in_range(tv_directory_wait(&server.directory), 100, 1000);
	server.directory.latest = tv_now_ms();
	add("three");
	assert_int_equal(tv_directory_wait(&server.directory), 0);
	tv_directory_hurry(&server);
	assert_non_null(at("choreo", "one", "token"));
	add("four");
	assert_in_range(tv_directory_wait(&server.directory), 100, 1000);
}

/* However many there are meanwhile: only what is shown, and what is to be, is kept. */
static void keeps_what_it_shows(void **state)
{
	const struct tv_vault *shown = server.vault;
	size_t in_use;

	(void)state;
	add("one");
	add("two");
	in_use = tv_arena_in_use();
	for (int i = 0; i < 20; i++)
		becomes(edited(TV_AGENT_set,
			       "{'provider':'azion','label':'default','token':'again'}"));
	assert_ptr_equal(server.directory.of, shown);
	assert_in_range(tv_arena_in_use(), in_use, in_use + 16384);
	assert_ok(tv_directory_follow(&server, NULL));
	assert_null(server.directory.of);
	assert_non_null(at("choreo", "one", "token"));
	assert_non_null(at("choreo", "two", "token"));
	assert_false(at("azion", "default", "settings.toml")->is_as_before);
}

static void locks_as_it_was_last(void **state)
{
	const struct tv_shown *shown;

	(void)state;
	add("new");
	tv_directory_lock(&server);
	shown = at("choreo", "new", "token");
	assert_int_equal(shown->size, strlen("t-new\n"));
	assert_null(shown->view.source);
	assert_false(shown->has_fingerprint);
	assert_null(server.directory.of);
	assert_int_equal(tv_directory_wait(&server.directory), -1);
}

static void stays_without_memory(void **state)
{
	(void)state;
	has_no_memory = true;
	add("new");
	assert_status(tv_directory_follow(&server, NULL), TV_NO_MEMORY);
	assert_null(at("choreo", "new", "token"));
	assert_non_null(at("azion", "default", "settings.toml"));
	assert_non_null(server.directory.of);
	/* Not over and over. */
	assert_int_equal(tv_directory_wait(&server.directory), -1);
	server.directory.due = 0;
	tv_directory_hurry(&server);
	has_no_memory = false;
	tv_directory_hurry(&server);
	assert_null(at("choreo", "new", "token"));
	assert_ok(tv_directory_follow(&server, NULL));
	assert_non_null(at("choreo", "new", "token"));
	/* The next change is another chance. */
	has_no_memory = true;
	add("more");
	assert_status(tv_directory_follow(&server, NULL), TV_NO_MEMORY);
	add("most");
	assert_true(tv_directory_wait(&server.directory) > 0);
	has_no_memory = false;
	server.directory.due = 0;
	tv_directory_hurry(&server);
	assert_non_null(at("choreo", "most", "token"));
}

static void locks_without_memory(void **state)
{
	(void)state;
	add("new");
	has_no_memory = true;
	tv_directory_lock(&server);
	assert_null(at("choreo", "new", "token"));
	assert_non_null(at("azion", "default", "settings.toml"));
	assert_null(server.directory.of);
	assert_int_equal(tv_directory_wait(&server.directory), -1);
	assert_ok(tv_directory_follow(&server, NULL));
	assert_non_null(at("azion", "default", "settings.toml"));
}

static int load(void **state)
{
	(void)state;
	assert_ok(tv_init(NULL));
	assert_ok(tv_providers_load(&providers, NULL, NULL, NULL));
	return 0;
}

static int unload(void **state)
{
	(void)state;
	tv_providers_free(providers);
	return 0;
}

#define WITH_SERVER(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SERVER(follows_who_asks),
		WITH_SERVER(follows_after_some_time),
		WITH_SERVER(keeps_what_it_shows),
		WITH_SERVER(locks_as_it_was_last),
		WITH_SERVER(stays_without_memory),
		WITH_SERVER(locks_without_memory),
		WITH_SERVER(is_put_off_for_a_while_only),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
