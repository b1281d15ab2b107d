/* Pointers: RFC 6901 and what definitions add to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "vault/pointer.h"
#include "vault/vault.h"

static struct tv_json *parse(const char *text)
{
	struct tv_json *json = NULL;

	assert_int_equal(tv_json_parse(&json, text, strlen(text), NULL), TV_OK);
	return json;
}

static void knows_pointers(void **state)
{
	static const char *const good[] = {"",	"/",	 "/a/b", "/a~0b/~1",
					   "#", "/a//b", "#*",	 "#//*/:x"};
	static const char *const bad[] = {"a",	 "a/b", "/~",  "/~2", "/a~",  "##",
					  "#/a", " ",	"#**", "/**", "/a*b*"};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(tv_pointer_is_valid(good[i], false));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(tv_pointer_is_valid(bad[i], true));
	assert_true(tv_pointer_is_valid("/a/*/b", true));
	assert_true(tv_pointer_is_valid("/*", true));
	assert_false(tv_pointer_is_valid("/a/*/b", false));
	assert_true(tv_pointer_is_valid("/a*b/c*", true));
	assert_false(tv_pointer_is_valid("/*", false));
	assert_false(tv_pointer_is_valid("/a*b", false));
}

/* RFC 6901's own document, and what goes beyond it. */
static void follows_pointers(void **state)
{
	/* expected NULL: no text there */
	static const struct {
		const char *pointer;
		const char *expected;
	} rows[] = {
		{"/foo/0", "bar"},
		{"/foo/1", "baz"},
		{"/foo/2", NULL},
		{"/foo/-", NULL},
		{"/foo/00", NULL},
		{"/foo/", NULL},
		{"/foo/99999999999999999999", NULL},
		{"/foo", NULL},
		{"/", "0"},
		{"/a~1b", "1"},
		{"/c%d", "2"},
		{"/k\"l", "6"},
		{"/ ", "7"},
		{"/m~0n", "8"},
		{"/yes", "true"},
		{"/null", NULL},
		{"/no/where", NULL},
		{"/yes/x", NULL},
		{"/TOKEN", "t"},
		{"/token", "t"},
		{"/Case", "exact"},
		{"/cASE", "any"},
		{"/most", "9007199254740991"},
		{"/half", "0.5"},
		{"/more", NULL}, /* two numbers are this one by now */
		{"/less", NULL},
		{"", NULL},
		{"#", NULL},
		{"foo", NULL},
	};
	tv_auto_json *root =
		parse("{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"k\\\"l\":6,\" \":7,"
		      "\"m~n\":8,\"yes\":true,\"null\":null,\"Token\":\"t\",\"case\":\"any\","
		      "\"Case\":\"exact\",\"most\":9007199254740991,\"half\":0.5,"
		      "\"more\":9007199254740993,\"less\":-1e300}");
	tv_auto_secret name = {0};
	tv_auto_json *text = parse("\"all\"");

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		tv_auto_secret out = {0};
		const bool found = tv_pointer_text(&out, root, rows[i].pointer);

		if (found != (rows[i].expected != NULL) ||
		    (found && strcmp(tv_secret_text(&out), rows[i].expected) != 0))
			fail_msg("%s: %s", rows[i].pointer, tv_secret_text(&out));
	}
	assert_true(tv_pointer_text(&name, tv_pointer_get(root, "/foo"), "#"));
	assert_true(tv_pointer_text(&name, text, ""));
	assert_string_equal(tv_secret_text(&name), "fooall");
	assert_ptr_equal(tv_pointer_get(root, ""), root);
	assert_null(tv_pointer_get(NULL, "/a"));
}

struct seen {
	struct tv_secret names;
	size_t stop;
};

static bool see(struct tv_json *at, void *arg)
{
	struct seen *s = arg;

	if (!tv_pointer_text(&s->names, at, ""))
		tv_secret_puts(&s->names, "-");
	return !s->stop || --s->stop;
}

static void check_each(struct tv_json *root, const char *pointer, size_t stop, const char *expected)
{
	struct seen seen = {.stop = stop};

	tv_pointer_each(root, pointer, see, &seen);
	assert_string_equal(tv_secret_text(&seen.names), expected);
	tv_secret_free(&seen.names);
}

static void follows_wildcards(void **state)
{
	tv_auto_json *root = parse("{\"p\":[{\"n\":\"a\"},{\"m\":1},{\"n\":\"b\"}],\"q\":{\"x\":"
				   "{\"n\":\"c\"},\"y\":{\"n\":\"d\"}},\"t\":\"text\"}");

	tv_auto_json *names =
		parse("{\"//h/:t\":\"1\",\"//h/p/:t\":\"2\",\"///:t\":\"3\",\"a~\":\"4\","
		      "\"l\":[\"x\"]}");
	tv_auto_secret text = {0};

	(void)state;
	check_each(root, "/p/*/n", 0, "ab");
	check_each(root, "/*/*/n", 0, "abcd");
	check_each(root, "/*/*/n", 3, "abc");
	check_each(root, "/q/*", 0, "--");
	check_each(root, "/t", 0, "text");
	check_each(root, "/t/*", 0, "");
	check_each(root, "/*", 0, "--text");
	check_each(root, "/none/*", 0, "");
	check_each(root, "#", 0, "");
	check_each(names, "/*", 0, "1234-");
	check_each(names, "/~1~1*~1:t", 0, "12");
	check_each(names, "/a*", 0, "4");
	check_each(names, "/*~0", 0, "4");
	check_each(names, "/l/*x", 0, "");
	assert_true(tv_pointer_text(&text, tv_pointer_get(names, "/~1~1h~1p~1:t"), "#//*/:t"));
	assert_string_equal(tv_secret_text(&text), "h/p");
	assert_false(tv_pointer_text(&text, tv_pointer_get(names, "/~1~1~1:t"), "#//*/:t"));
	assert_false(tv_pointer_text(&text, tv_pointer_get(names, "/a~0"), "#//*/:t"));
	assert_false(tv_pointer_text(&text, tv_pointer_get(names, "/l/0"), "#*"));
	assert_false(tv_pointer_text(&text, names, "#*"));
	check_each(NULL, "/*", 0, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_pointers),
		cmocka_unit_test(follows_pointers),
		cmocka_unit_test(follows_wildcards),
	};

	if (tv_init(NULL))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
