/* Which entries a file shows that shows all of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "vault/vault.h"

static struct tv_providers *providers;

static struct tv_doc *parse(const char *text, size_t len)
{
	struct tv_doc *doc = NULL;
	struct tv_error err = {0};

	if (tv_doc_parse(&doc, text, len, &err))
		fail_msg("%s", err.detail);
	return doc;
}

/* A document whose entries are the text; ids and times are left to it. */
static struct tv_doc *with_entries(const char *entries)
{
	char text[8192];

	snprintf(text, sizeof text, "{\"version\":1,\"entries\":[%s],\"keys\":[],\"lineage\":[]}",
		 entries);
	return parse(text, strlen(text));
}

/* One entry, with more members after its token. */
#define ENTRY(id, provider, label, token, more)                                                    \
	"{\"id\":\"000000000000000000000000000000" id "\",\"provider\":\"" provider                \
	"\",\"label\":\"" label "\",\"token\":\"" token "\"" more "}"
#define IN_USE ",\"in_use\":true"

static struct tv_views list(const struct tv_doc *doc)
{
	struct tv_views views = {0};

	assert_int_equal(tv_views_list(&views, doc, providers, NULL), TV_OK);
	return views;
}

static const struct tv_view *find(const struct tv_views *views, const char *path)
{
	for (size_t i = 0; i < views->count; i++)
		if (!strcmp(views->at[i].path, path))
			return &views->at[i];
	return NULL;
}

static void check_bytes(const struct tv_view *view, const struct tv_doc *doc, const char *expected)
{
	tv_auto_secret out = {0};

	assert_non_null(view);
	assert_int_equal(tv_view_render(&out, view, doc, providers, 0, NULL), TV_OK);
	assert_string_equal(tv_secret_text(&out), expected);
}

/* Of those that share the unique field the one in use is shown, else the first; none that lacks a required
 * field. What is first and last is told of those that are left. */
static void chooses_what_to_show(void **state)
{
#define DOCKER(id, label, more) ENTRY(id, "docker", label, "t-" label, more)
#define AT(host)		",\"fields\":{\"user\":\"u\",\"registry\":\"" host "\"}"
	struct tv_doc *doc =
		with_entries(DOCKER("01", "a", AT("")) "," DOCKER("02", "b", AT("h1")) "," DOCKER(
			"03", "c",
			AT("h2")) "," DOCKER("04", "d",
					     AT("h1")
						     IN_USE) "," DOCKER("05", "e",
									AT("h2")) "," DOCKER("06",
											     "f",
											     ",\"fi"
											     "elds"
											     "\":{"
											     "\"reg"
											     "istry"
											     "\":"
											     "\"h3"
											     "\""
											     "}"));
	struct tv_views views = list(doc);

	(void)state;
	/* u:t-c and u:t-d */
	check_bytes(find(&views, ".docker/config.json"), doc,
		    "{\n    \"auths\": {\n"
		    "        \"h2\": {\n            \"auth\": \"dTp0LWM=\"\n        },\n"
		    "        \"h1\": {\n            \"auth\": \"dTp0LWQ=\"\n        }\n"
		    "    }\n}\n");
	assert_null(find(&views, "docker/a/config.json"));
	assert_null(find(&views, "docker/f/config.json"));
	check_bytes(find(&views, "docker/b/config.json"), doc,
		    "{\n    \"auths\": {\n"
		    "        \"h1\": {\n            \"auth\": \"dTp0LWI=\"\n        }\n"
		    "    }\n}\n");
	tv_views_free(&views);
	tv_doc_free(doc);
}

/* Where the field may be empty, that is a value like others; a default counts too. */
static void an_empty_value_is_one(void **state)
{
	struct tv_doc *doc = with_entries(ENTRY("01", "cargo", "a", "t1", "") "," ENTRY(
		"02", "cargo", "b", "t2",
		IN_USE) "," ENTRY("03", "terraform", "c", "t3",
				  IN_USE) "," ENTRY("04", "terraform", "d", "t4",
						    ",\"fields\":{\"host\":\"app.terraform.io\"}"));
	struct tv_views views = list(doc);

	(void)state;
	check_bytes(find(&views, ".cargo/credentials.toml"), doc, "[registry]\ntoken = \"t2\"\n");
	check_bytes(find(&views, ".terraform.d/credentials.tfrc.json"), doc,
		    "{\n    \"credentials\": {\n        \"app.terraform.io\": {\n"
		    "            \"token\": \"t3\"\n        }\n    }\n}\n");
	tv_views_free(&views);
	tv_doc_free(doc);
}

static int load(void **state)
{
	(void)state;
	return tv_providers_load(&providers, NULL, NULL, NULL) != TV_OK;
}

static int unload(void **state)
{
	(void)state;
	tv_providers_free(providers);
	return 0;
}

/* What can't be written in a file's format takes nobody else's place in it, and is named. */
static void leaves_out_the_unwritable(void **state)
{
#define AWS(id, label, token, more)                                                                \
	ENTRY(id, "aws", label, token, ",\"fields\":{\"access_key_id\":\"K\"}" more)
	struct tv_doc *doc = with_entries(
		AWS("01", "a", "good", "") "," AWS("02", "bad", "x;#y", IN_USE) "," AWS(
			"03", "c", "also", "") "," AWS("04", "worse", "#", ""));
	struct tv_doc *alone = with_entries(AWS("02", "bad", "x;#y", IN_USE));
	struct tv_views views = list(doc);
	struct tv_views views_alone = list(alone);
	tv_auto_secret out = {0};
	struct tv_error err = {""};

	(void)state;
	assert_int_equal(
		tv_view_render(&out, find(&views, ".aws/credentials"), doc, providers, 0, &err),
		TV_OK);
	assert_string_equal(tv_secret_text(&out),
			    "[a]\naws_access_key_id = K\naws_secret_access_key = good\n"
			    "[c]\naws_access_key_id = K\naws_secret_access_key = also\n");
	assert_non_null(strstr(err.detail, "aws/bad and 1 more left out of it: a value "));
	tv_secret_free(&out);
	assert_int_equal(tv_view_render(&out, find(&views_alone, ".aws/credentials"), alone,
					providers, 0, &err),
			 TV_BAD_VALUE);
	assert_int_equal(strncmp(err.detail, "aws/bad: a value ", 17), 0);
	assert_int_equal(out.len, 0);
	tv_views_free(&views);
	tv_views_free(&views_alone);
	tv_doc_free(doc);
	tv_doc_free(alone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chooses_what_to_show),
		cmocka_unit_test(an_empty_value_is_one),
		cmocka_unit_test(leaves_out_the_unwritable),
	};

	if (tv_init(NULL))
		return 1;
	return cmocka_run_group_tests(tests, load, unload);
}
