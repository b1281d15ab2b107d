/* A list read from its text says what a tree of the same reply says, and nothing where that is no list's. */
#include <stdio.h>
#include <string.h>

#include "fixture.h"

static int set_up(void **state)
{
	(void)state;
	assert_ok(tv_init(NULL));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return tv_arena_in_use() != 0;
}

/* One with everything that a list tells of, awkward characters among it. */
static struct tv_vault *full_vault(void)
{
	static const char checked[] = "'checked':{'at':1790000000,'answer':'OK','account':'a "
				      "\\\\\\u00e9\\u20ac\\ud83d\\ude00 b'}";
	struct tv_vault *v = fixture_vault("first-token");
	char request[512];

	snprintf(request, sizeof request,
		 "{'provider':'choreo','label':'x','token':'t','note':'n: "
		 "[{,','expires':1800000000,%s}",
		 checked);
	assert_ok(fixture_edit(NULL, v, TV_AGENT_add, request));
	assert_ok(fixture_edit(NULL, v, TV_AGENT_add, "{'provider':'choreo','token':'t'}"));
	return v;
}

static struct tv_secret printed(const struct tv_vault *v, const char *request)
{
	tv_auto_json *j = fixture_json(request);
	struct tv_secret text = {0};

	assert_ok(tv_agent_print(&text, v, TV_AGENT_list, j, NULL));
	return text;
}

static void assert_text(const char *a, const char *b)
{
	assert_string_equal(a ? a : "-", b ? b : "-");
}

static void assert_listed(const struct tv_listed *a, const struct tv_listed *b)
{
	assert_text(a->provider, b->provider);
	assert_text(a->label, b->label);
	assert_text(a->account, b->account);
	assert_text(a->answer, b->answer);
	assert_int_equal(a->expires, b->expires);
	assert_int_equal(a->verified, b->verified);
	assert_int_equal(a->tried, b->tried);
	assert_int_equal(a->updated, b->updated);
	assert_int_equal(a->in_use, b->in_use);
}

static size_t compare(const struct tv_vault *v, const char *request, const char *as_text)
{
	struct tv_secret text = printed(v, as_text);
	tv_auto_json *tree = NULL;
	tv_auto_listing l = {.next = 0};
	const struct tv_json *e;
	struct tv_listed one, other;
	size_t n = 0;

	assert_ok(fixture_read(&tree, v, TV_AGENT_list, request));
	e = tv_json_first(tv_json_get(tree, "entries"));
	tv_listing_begin(&l, &text);
	for (; tv_listing_next(&one, &l); e = tv_json_next(e), n++) {
		tv_listed_of(&other, e);
		assert_listed(&one, &other);
	}
	assert_ok(tv_listing_check(&l, NULL));
	assert_null(e);
	return n;
}

static void same(void **state)
{
	tv_auto_vault *v = full_vault();

	(void)state;
	assert_int_equal(compare(v, "{}", "{}"), 3);
	assert_int_equal(compare(v, "{'provider':'choreo'}", "{'provider':'choreo'}"), 2);
	assert_int_equal(compare(v, "{'provider':'choreo','label':'x'}",
				 "{'provider':'choreo','label':'x'}"),
			 1);
	assert_int_equal(compare(v, "{'provider':'choreo','label':'y'}",
				 "{'provider':'choreo','label':'y'}"),
			 0);
	assert_int_equal(compare(v, "{'provider':'none'}", "{'provider':'none'}"), 0);
}

/* The brief one says the same of each, in fewer bytes. */
static void brief(void **state)
{
	tv_auto_vault *v = full_vault();
	struct tv_secret whole = printed(v, "{}"), part = printed(v, "{'brief':true}");

	(void)state;
	assert_int_equal(compare(v, "{}", "{'brief':true}"), 3);
	assert_int_equal(compare(v, "{'provider':'choreo'}", "{'provider':'choreo','brief':true}"),
			 2);
	assert_true(part.len < whole.len / 2);
	assert_null(strstr(tv_secret_text(&part), "null"));
	tv_secret_free(&whole);
	tv_secret_free(&part);
}

static bool is_taken(const void *text, size_t len)
{
	struct tv_secret copy = {0};
	tv_auto_listing l = {.next = 0};
	struct tv_listed one;

	tv_secret_append(&copy, text, len);
	tv_listing_begin(&l, &copy);
	while (tv_listing_next(&one, &l))
		;
	return tv_listing_check(&l, NULL) == TV_OK;
}

/* Cut anywhere it is none. */
static void cut(void **state)
{
	tv_auto_vault *v = full_vault();
	tv_auto_secret text = printed(v, "{}");

	(void)state;
	assert_true(is_taken(text.data, text.len));
	for (size_t len = 0; len < text.len; len++)
		assert_false(is_taken(text.data, len));
}

static void broken(void **state)
{
	static const char *const texts[] = {
		"",
		"{}",
		"{\"entries\":{}}",
		"{\"entries\":[]",
		"{\"entries\":[]}x",
		"{\"entries\":[,]}",
		"{\"entries\":[{}]}",
		"{\"entries\":[7]}",
		"{\"entries\":[{\"provider\":\"a\"}]}",
		"{\"entries\":[{\"provider\":\"a\",\"label\":7}]}",
		"{\"entries\":[{\"provider\":\"a\",\"label\":\"b\",}]}",
		"{\"entries\":[{\"provider\":\"a\",\"label\":\"b\"},]}",
		"{\"entries\":[{\"provider\":\"a\",\"label\":\"b\"}{\"provider\":\"a\",\"label\":"
		"\"b\"}]}",
		"{\"entries\":[{\"provider\":\"a\",\"label\":\"\\u00\"}]}",
		"{\"entries\":[{\"provider\":\"a\",\"label\":\"\\\"}]}",
		"{\"entries\":[{\"provider\":\"a\",\"label\":\"b\nc\"}]}",
		"{\"entries\":[{\"provider\":\"a\",\"label\":\"\xff\"}]}",
		"{\"entries\":[{\"provider\":\"a\",\"label\":\"b\",\"note\":[]}]}",
		"{\"entries\":[{\"provider\":\"a\",\"label\":\"b\",\"expires\":1e3}]}",
		"{\"entries\":[{\"provider\":\"a\",\"label\":\"b\",\"expires\":1234567890123456789}"
		"]}",
	};
	static const char good[] = "{\"entries\":[{\"provider\":\"a\",\"label\":\"b\"}]}";

	(void)state;
	assert_true(is_taken(good, strlen(good)));
	assert_false(is_taken(good, sizeof good));
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (is_taken(texts[i], strlen(texts[i])))
			fail_msg("taken: %s", texts[i]);
}

/* A NUL in a string would be its end. */
static void with_nul(void **state)
{
	static const char text[] = "{\"entries\":[{\"provider\":\"a\",\"label\":\"b\0c\"}]}";

	(void)state;
	assert_false(is_taken(text, sizeof text - 1));
}

/* Who shows a token may have along with it what `expiring` would answer, and no less. */
static void show_tells_what_expires(void **state)
{
	tv_auto_vault *v = full_vault();
	tv_auto_json *plain = NULL, *shown = NULL, *asked = NULL;
	tv_auto_secret along = {0}, alone = {0};

	(void)state;
	assert_ok(fixture_read(&plain, v, TV_AGENT_show, "{'provider':'azion'}"));
	assert_null(tv_json_get(plain, "expiring"));
	assert_ok(
		fixture_read(&shown, v, TV_AGENT_show, "{'provider':'azion','before':1800000001}"));
	assert_ok(fixture_read(&asked, v, TV_AGENT_expiring, "{'before':1800000001}"));
	assert_int_equal(tv_json_count(tv_json_get(asked, "entries")), 1);
	assert_ok(tv_json_print(&along, tv_json_get(shown, "expiring"), NULL));
	assert_ok(tv_json_print(&alone, asked, NULL));
	assert_string_equal(tv_secret_text(&along), tv_secret_text(&alone));
	assert_status(fixture_read(NULL, v, TV_AGENT_show, "{'provider':'azion','before':0}"),
		      TV_BAD_VALUE);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(same, set_up, tear_down),
		cmocka_unit_test_setup_teardown(brief, set_up, tear_down),
		cmocka_unit_test_setup_teardown(cut, set_up, tear_down),
		cmocka_unit_test_setup_teardown(broken, set_up, tear_down),
		cmocka_unit_test_setup_teardown(with_nul, set_up, tear_down),
		cmocka_unit_test_setup_teardown(show_tells_what_expires, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
