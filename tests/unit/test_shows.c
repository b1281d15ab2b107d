/* What a file shows: switches of entries, own paths, expired tokens, unique values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vault/vault.h"

static struct tv_providers *providers;

/* One service with a file of each kind; {{label}}s of all, with what tells the first and last apart. */
static const char definition[] =
	"{\"name\":\"s\",\"title\":\"t\",\"fields\":{\"host\":{\"value\":\"h\",\"about\":\"a\"}},"
	"\"files\":[{\"name\":\"each\",\"path\":\"e/{{label}}\",\"shows\":\"each\","
	"\"escape\":\"none\",\"template\":\"{{token}}\"},"
	"{\"name\":\"one\",\"path\":\"one\",\"shows\":\"in-use\",\"escape\":\"none\","
	"\"template\":\"{{token}}\"},"
	"{\"name\":\"off\",\"path\":\"off\",\"shows\":\"in-use\",\"escape\":\"none\",\"on\":false,"
	"\"template\":\"{{token}}\"},"
	"{\"name\":\"all\",\"path\":\"all\",\"shows\":\"all\",\"escape\":\"none\",\"template\":"
	"\"{{label}}:{{#entries}}{{#first}}<{{/first}}{{token}}{{#in_use}}!{{/in_use}}"
	"{{^last}},{{/last}}{{#last}}>{{/last}}{{/entries}}\"},"
	"{\"name\":\"hosts\",\"path\":\"hosts\",\"shows\":\"all\",\"unique\":\"host\","
	"\"escape\":\"none\",\"template\":\"{{#entries}}{{host}}={{token}} {{/entries}}\"}]}";

#define ID(n) "0000000000000000000000000000000" #n
#define ENTRY(n, label, more)                                                                      \
	"{\"id\":\"" ID(n) "\",\"provider\":\"s\",\"label\":\"" label "\",\"token\":\"T" #n        \
			   "\"" more "}"
#define IN_USE	   ",\"in_use\":true"
#define HOST(h)	   ",\"fields\":{\"host\":\"" h "\"}"
#define DIES(t)	   ",\"expires\":" #t ",\"deny\":true"
#define THREE	   ENTRY(1, "a", "") "," ENTRY(2, "b", IN_USE) "," ENTRY(3, "c", "")
#define OFF(f, n)  "{\"provider\":\"s\",\"file\":\"" f "\",\"entry\":\"" ID(n) "\",\"on\":false}"
#define ON(f, n)   "{\"provider\":\"s\",\"file\":\"" f "\",\"entry\":\"" ID(n) "\",\"on\":true}"
#define ALL_OFF(f) "{\"provider\":\"s\",\"file\":\"" f "\",\"on\":false}"
#define OWN(f, p)  "{\"provider\":\"s\",\"file\":\"" f "\",\"path\":\"" p "\"}"
#define OWN_OF(f, p, n)                                                                            \
	"{\"provider\":\"s\",\"file\":\"" f "\",\"path\":\"" p "\",\"entry\":\"" ID(n) "\"}"

static const struct {
	const char *entries;
	const char *views;
	const char *paths;
	const char *place;
	const char *bytes; /* NULL: there is no file; "!": its token has expired */
	int64_t now;
} cases[] = {
	{THREE, "", "", "all", "b:<T1,T2!,T3>", 1},
	{THREE, "", "", "s/c/all", "c:<T3>", 1},
	/* an entry's switch goes before the file's, and that before the definition */
	{THREE, OFF("each", 1), "", "e/a", NULL, 1},
	{THREE, OFF("each", 1), "", "e/b", "T2", 1},
	{THREE, OFF("each", 1), "", "s/a/each", "T1", 1},
	{THREE, ALL_OFF("each") "," ON("each", 1), "", "e/a", "T1", 1},
	{THREE, ALL_OFF("each") "," ON("each", 1), "", "e/b", NULL, 1},
	{THREE, OFF("one", 2), "", "one", NULL, 1},
	{THREE, OFF("one", 1), "", "one", "T2", 1},
	{THREE, ON("off", 2), "", "off", "T2", 1},
	{THREE, ON("off", 1), "", "off", NULL, 1},
	{THREE, OFF("all", 1), "", "all", "b:<T2!,T3>", 1},
	{THREE, OFF("all", 2), "", "all", "a:<T1,T3>", 1},
	{THREE, OFF("all", 1) "," OFF("all", 2) "," OFF("all", 3), "", "all", NULL, 1},
	{THREE, ALL_OFF("all") "," ON("all", 3), "", "all", "c:<T3>", 1},
	/* own paths */
	{THREE, "", OWN("one", "x/y"), "x/y", "T2", 1},
	{THREE, "", OWN("off", "x/y"), "x/y", "T2", 1},
	{THREE, "", OWN("off", "x/y"), "off", NULL, 1},
	{THREE, "", OWN("each", "x/y"), "x/y", "T2", 1},
	{THREE, "", OWN_OF("each", "x/y", 3), "x/y", "T3", 1},
	{THREE, "", OWN_OF("one", "x/y", 3), "x/y", "T3", 1},
	{THREE, "", OWN("all", "x/y"), "x/y", "b:<T1,T2!,T3>", 1},
	{THREE, "", OWN_OF("all", "x/y", 3), "x/y", "c:<T3>", 1},
	{THREE, ALL_OFF("all") "," OFF("all", 1), OWN("all", "x/y"), "x/y", "b:<T2!,T3>", 1},
	{THREE, OFF("one", 2), OWN("one", "x/y"), "x/y", NULL, 1},
	{THREE, "", OWN("none", "x/y"), "x/y", NULL, 1},
	{THREE, "", OWN("each", "all"), "all", "b:<T1,T2!,T3>", 1},
	{ENTRY(1, "a", ",\"removed\":5"), "", OWN_OF("one", "x/y", 1), "x/y", NULL, 1},
	/* expired tokens */
	{ENTRY(1, "a", IN_USE DIES(50)), "", "", "one", "T1", 49},
	{ENTRY(1, "a", IN_USE DIES(50)), "", "", "one", "!", 50},
	{ENTRY(1, "a", IN_USE DIES(50)), "", "", "e/a", "!", 50},
	{ENTRY(1, "a", IN_USE DIES(50)), "", "", "s/a/one", "!", 50},
	{ENTRY(1, "a", IN_USE DIES(50)), "", "", "all", "!", 50},
	{ENTRY(1, "a", IN_USE DIES(50)), "", "", "one", "T1", 0},
	{ENTRY(1, "a", IN_USE ",\"expires\":50"), "", "", "one", "T1", 51},
	{ENTRY(1, "a", IN_USE ",\"deny\":true"), "", "", "one", "T1", 51},
	{ENTRY(1, "a", IN_USE DIES(50)) "," ENTRY(2, "b", ""), "", "", "all", "b:<T2>", 50},
	{ENTRY(1, "a", IN_USE DIES(50)) "," ENTRY(2, "b", ""), "", "", "one", "!", 50},
	/* one of those that share a host: the one in use, else the first */
	{ENTRY(1, "a", HOST("x")) "," ENTRY(2, "b", HOST("x") IN_USE) "," ENTRY(3, "c", HOST("y")),
	 "", "", "hosts", "x=T2 y=T3 ", 1},
	{ENTRY(1, "a", "") "," ENTRY(2, "b", HOST("h")) "," ENTRY(3, "c", HOST("y") IN_USE), "", "",
	 "hosts", "h=T1 y=T3 ", 1},
	{ENTRY(1, "a", HOST("x")) "," ENTRY(2, "b", HOST("x") IN_USE), OFF("hosts", 2), "", "hosts",
	 "x=T1 ", 1},
	/* whose place is not another's because its token has expired */
	{ENTRY(1, "a", HOST("x")) "," ENTRY(2, "b", HOST("x") IN_USE DIES(50)), "", "", "hosts",
	 "!", 50},
};

static struct tv_doc *make(const char *entries, const char *views, const char *paths)
{
	struct tv_error err = {0};
	struct tv_doc *doc = NULL;
	char text[4096];

	snprintf(text, sizeof text,
		 "{\"version\":1,\"entries\":[%s],\"views\":[%s],\"paths\":[%s],\"keys\":[],"
		 "\"lineage\":[]}",
		 entries, views, paths);
	if (tv_doc_parse(&doc, text, strlen(text), &err))
		fail_msg("%s: %s", text, err.detail);
	return doc;
}

static const struct tv_view *find(const struct tv_views *views, const char *path)
{
	for (size_t i = 0; i < views->count; i++)
		if (!strcmp(views->at[i].path, path))
			return &views->at[i];
	return NULL;
}

static void shows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tv_doc *doc = make(cases[i].entries, cases[i].views, cases[i].paths);
		struct tv_views views = {0};
		const struct tv_view *view;
		tv_auto_secret bytes = {0};
		enum tv_status status = TV_OK;

		assert_int_equal(tv_views_list(&views, doc, providers, NULL), TV_OK);
		view = find(&views, cases[i].place);
		if (view)
			status = tv_view_render(&bytes, view, doc, providers, cases[i].now, NULL);
		if (!view != !cases[i].bytes)
			fail_msg("case %zu: %s is %sthere", i, cases[i].place, view ? "" : "not ");
		if (view && !strcmp(cases[i].bytes, "!"))
			assert_int_equal(status, TV_EXPIRED);
		else if (view && (status || strcmp(tv_secret_text(&bytes), cases[i].bytes) != 0))
			fail_msg("case %zu: %s", i, tv_secret_text(&bytes));
		tv_views_free(&views);
		tv_doc_free(doc);
	}
}

static int64_t changes_at(const char *entries, const char *place, int64_t now)
{
	struct tv_doc *doc = make(entries, "", "");
	struct tv_views views = {0};
	int64_t at;

	assert_int_equal(tv_views_list(&views, doc, providers, NULL), TV_OK);
	at = tv_view_changes_at(find(&views, place), doc, providers, now);
	tv_views_free(&views);
	tv_doc_free(doc);
	return at;
}

#define MIXED                                                                                      \
	ENTRY(1, "a", IN_USE DIES(50))                                                             \
	"," ENTRY(2, "b", DIES(40)) "," ENTRY(3, "c", ",\"expires\":30")

static void knows_when_it_changes(void **state)
{
	(void)state;
	assert_int_equal(changes_at(MIXED, "all", 1), 40);
	assert_int_equal(changes_at(MIXED, "all", 40), 50);
	assert_int_equal(changes_at(MIXED, "all", 50), 0);
	assert_int_equal(changes_at(MIXED, "one", 1), 50);
	assert_int_equal(changes_at(MIXED, "e/c", 1), 0);
}

/* Labels come in another order than paths where one goes on where another has its slash. */
static void sorted(void **state)
{
	struct tv_doc *doc =
		make(ENTRY(1, "a", "") "," ENTRY(2, "a-b", IN_USE) "," ENTRY(
			     3, "a.b", "") "," ENTRY(4, "ab", "") "," ENTRY(5, "a0", ""),
		     "", OWN("one", "e/a-c") "," OWN("one", "x"));
	struct tv_views views = {0};

	(void)state;
	assert_int_equal(tv_views_list(&views, doc, providers, NULL), TV_OK);
	assert_true(views.count >= 5 + 3 + 2 + 5 * 5);
	for (size_t i = 1; i < views.count; i++)
		assert_true(tv_view_order(&views.at[i - 1], &views.at[i]) < 0);
	tv_views_free(&views);
	tv_doc_free(doc);
}

static void tells_the_first_to_expire(void **state)
{
	struct tv_doc *doc = make(MIXED, "", "");
	struct tv_views views = {0};

	(void)state;
	assert_int_equal(tv_views_list(&views, doc, providers, NULL), TV_OK);
	assert_int_equal(find(&views, "all")->expires, 30);
	assert_string_equal(tv_view_expiring(find(&views, "all")), "c");
	assert_false(find(&views, "all")->denies);
	assert_int_equal(find(&views, "one")->expires, 50);
	assert_true(find(&views, "one")->denies);
	tv_views_free(&views);
	tv_doc_free(doc);
}

/* As the keeper and the command line see it. */
static void own_paths_stay_below(void **state)
{
	static const char *const good[] = {"a", ".a/b", "a..b/c", ".bashrc"};
	static const char *const bad[] = {"",	  "/",	   "/a",   "a/",    "a//b",	   "..",
					  ".",	  "../a",  "a/..", "a/./b", "a/{{label}}", "a}}b",
					  "a\nb", "a\x7f", "a\xff"};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(tv_view_path_is_own(good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (tv_view_path_is_own(bad[i]))
			fail_msg("%s", bad[i]);
}

static int load(void **state)
{
	char dir[] = "/tmp/tv.choices.XXXXXX";
	struct tv_error skipped = {""};
	char file[64];
	int fd;

	(void)state;
	assert_int_equal(tv_init(NULL), TV_OK);
	assert_non_null(mkdtemp(dir));
	snprintf(file, sizeof file, "%s/s.json", dir);
	fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, definition, strlen(definition)), (ssize_t)strlen(definition));
	close(fd);
	assert_int_equal(tv_providers_load(&providers, dir, &skipped, NULL), TV_OK);
	assert_string_equal(skipped.detail, "");
	unlink(file);
	return rmdir(dir);
}

static int unload(void **state)
{
	(void)state;
	tv_providers_free(providers);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows),
		cmocka_unit_test(knows_when_it_changes),
		cmocka_unit_test(sorted),
		cmocka_unit_test(tells_the_first_to_expire),
		cmocka_unit_test(own_paths_stay_below),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
