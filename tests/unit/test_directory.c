/* The directory view follows the vault when somebody asks, or once nobody waits; and before the vault is gone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "fusefs/errand.h"
#include "fusefs/handle.h"
#include "fusefs/memory.h"
#include "fusefs/server.h"
#include "fusefs/tree.h"
#include "vault/arena.h"

static const struct tv_fs_config config;
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

static size_t passed;

void tv_handles_pass(struct tv_shown *shown)
{
	(void)shown;
	passed++;
}

void tv_handles_orphan(struct tv_shown *shown)
{
	(void)shown;
}

static size_t told;

void tv_errand_remember(struct tv_server *s, const struct tv_bytes *text)
{
	(void)s;
	assert_null(memmem(text->data, text->len, "t-new", strlen("t-new")));
	told++;
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
	passed = 0;
	in_use_before = tv_arena_in_use();
	told = 0;
	server = (struct tv_server){
		.providers = providers, .config = &config, .all_providers = true};
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
}

/* But keeps nothing that an edit has taken away. */
static void stays_without_memory(void **state)
{
	const struct tv_shown *before = at("azion", "default", "settings.toml");

	(void)state;
	has_no_memory = true;
	add("new");
	assert_status(tv_directory_follow(&server, NULL), TV_NO_MEMORY);
	assert_null(at("choreo", "new", "token"));
	assert_ptr_equal(at("azion", "default", "settings.toml"), before);
	assert_null(server.directory.of);
	assert_null(before->view.source);
	add("more");
	assert_status(tv_directory_follow(&server, NULL), TV_NO_MEMORY);
	assert_null(server.directory.of);
	has_no_memory = false;
	assert_ok(tv_directory_follow(&server, NULL));
	assert_non_null(at("choreo", "new", "token"));
	assert_non_null(at("choreo", "more", "token"));
	assert_ptr_equal(at("azion", "default", "settings.toml"), before);
	assert_false(before->is_as_before);
}

/* Nobody will look any more. */
static void does_not_follow_at_the_end(void **state)
{
	(void)state;
	add("new");
	server.stopping = true;
	tv_directory_lock(&server);
	assert_null(at("choreo", "new", "token"));
	assert_null(server.directory.of);
}

/* Handles are told of whose bytes they hold. */
static void passes_handles(void **state)
{
	const struct tv_shown *shown;
	struct tv_handle held = {0};

	(void)state;
	add("new");
	assert_ok(tv_directory_follow(&server, NULL));
	shown = at("choreo", "new", "token");
	((struct tv_shown *)(uintptr_t)shown)->handles = &held;
	becomes(edited(TV_AGENT_set, "{'provider':'choreo','label':'new','token':'again'}"));
	assert_ok(tv_directory_follow(&server, NULL));
	assert_int_equal(passed, 0);
	becomes(edited(TV_AGENT_remove, "{'provider':'choreo','label':'new'}"));
	add("new");
	assert_ok(tv_directory_follow(&server, NULL));
	assert_ptr_equal(at("choreo", "new", "token"), shown);
	assert_int_equal(passed, 1);
	((struct tv_shown *)(uintptr_t)shown)->handles = NULL;
}

/* Of both lists no two have one number. */
static void numbers_what_is_recalled(void **state)
{
	struct tv_shown_list in_place = {0}, directory = {0};
	struct tv_views views = {0};
	uint64_t sizes[64] = {0};

	(void)state;
	assert_ok(tv_views_list(&views, tv_vault_doc(server.vault), providers, NULL));
	assert_in_range(views.count, 2, 64);
	assert_ok(tv_shown_recall(&in_place, &directory, &views, sizes, NULL));
	assert_int_equal(in_place.count + directory.count, views.count);
	for (size_t i = 0; i < in_place.count; i++)
		for (size_t k = 0; k < directory.count; k++) {
			assert_true(in_place.at[i]->view.in_place &&
				    !directory.at[k]->view.in_place);
			assert_int_not_equal(in_place.at[i]->number, directory.at[k]->number);
		}
	for (size_t i = 0; i < in_place.count; i++)
		tv_shown_free(in_place.at[i]);
	for (size_t i = 0; i < directory.count; i++)
		tv_shown_free(directory.at[i]);
	free(in_place.at);
	free(directory.at);
	tv_views_free(&views);
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
	assert_ok(tv_directory_follow(&server, NULL));
	assert_non_null(at("azion", "default", "settings.toml"));
}

/* Who makes one edit after the other does not wait for each to be written down; but what they take away is gone soon. */
static void is_told_of_when_it_rests(void **state)
{
	(void)state;
	add("new");
	tv_memory_changed(&server);
	assert_non_null(server.directory.of);
	assert_in_range(tv_memory_wait(&server), 0, 10);
	assert_in_range(server.tell_at - server.follow_at, 50, 100);
	/* The one time has come, the other has not. */
	server.follow_at = 1;
	server.tell_at += 60000;
	assert_int_equal(tv_memory_wait(&server), 0);
	tv_memory_hurry(&server);
	assert_non_null(at("choreo", "new", "token"));
	assert_null(server.directory.of);
	assert_int_equal(told, 0);
	assert_in_range(tv_memory_wait(&server), 1000, 61000);
	server.tell_at = 1;
	tv_memory_hurry(&server);
	assert_int_equal(told, 1);
	assert_int_equal(tv_memory_wait(&server), -1);
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
		WITH_SERVER(follows_who_asks),	       WITH_SERVER(keeps_what_it_shows),
		WITH_SERVER(locks_as_it_was_last),     WITH_SERVER(stays_without_memory),
		WITH_SERVER(locks_without_memory),     WITH_SERVER(does_not_follow_at_the_end),
		WITH_SERVER(numbers_what_is_recalled), WITH_SERVER(passes_handles),
		WITH_SERVER(is_told_of_when_it_rests),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
