/* Requests made of definitions, and what answers mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vault/vault.h"

static struct tv_providers *providers;

static struct tv_json *parse(const char *text)
{
	struct tv_json *json = NULL;

	assert_int_equal(tv_json_parse(&json, text, strlen(text), NULL), TV_OK);
	return json;
}

static const struct tv_provider *find(const char *name)
{
	const struct tv_provider *p = tv_providers_find(providers, name);

	assert_non_null(p);
	return p;
}

/* A service of its own, whose one request and fields are the text's. */
static struct tv_provider *toy(const char *request, const char *fields)
{
	struct tv_provider *p = NULL;
	struct tv_error err = {0};
	char text[2048];

	snprintf(text, sizeof text,
		 "{\"name\":\"toy\",\"title\":\"t\",\"fields\":{%s},\"verify\":[{%s}],\"files\":[{"
		 "\"name\":\"f\",\"path\":\"f\",\"shows\":\"in-use\",\"escape\":\"none\","
		 "\"template\":\"{{token}}\"}]}",
		 fields, request);
	if (tv_provider_parse(&p, text, strlen(text), "toy.json", &err))
		fail_msg("%s", err.detail);
	return p;
}

/* What the entry has, sent as the definition says. */
static void makes_requests(void **state)
{
	const struct tv_provider *p = find("azion");
	tv_auto_json *entry =
		parse("{\"label\":\"l\",\"token\":\"t0k\",\"fields\":{\"uuid\":\"u-1\"}}");
	tv_auto_json *more = parse("{\"name\":\"a \\\"b\\\"\",\"description\":\"d\",\"expires_at\":"
				   "\"2027-08-19T00:18:59Z\"}");
	tv_auto_json *id = parse("{\"id\":\"x/../y?z#\"}");
	tv_auto_http_request r = {0};
	tv_auto_http_request mint = {0};
	tv_auto_http_request revoke = {0};

	(void)state;
	assert_int_equal(tv_http_render(&r, &p->verify[1], p, entry, NULL, NULL), TV_OK);
	assert_string_equal(r.host, "api.azionapi.net");
	assert_string_equal(r.method, "GET");
	assert_string_equal(tv_secret_text(&r.url),
			    "https://api.azionapi.net/iam/personal_tokens/u-1");
	assert_string_equal(tv_secret_text(&r.headers), "Authorization: Token t0k\n"
							"Accept: application/json; version=3\n");
	assert_int_equal(r.body.len, 0);
	assert_int_equal(tv_http_render(&mint, p->mint, p, entry, more, NULL), TV_OK);
	assert_string_equal(mint.method, "POST");
	assert_string_equal(tv_secret_text(&mint.body),
			    "{\"name\":\"a \\\"b\\\"\",\"expires_at\":\"2027-08-19T00:18:59Z\","
			    "\"description\":\"d\"}");
	assert_int_equal(tv_http_render(&revoke, p->revoke, p, entry, id, NULL), TV_OK);
	assert_string_equal(tv_secret_text(&revoke.url),
			    "https://api.azionapi.net/iam/personal_tokens/x%2F..%2Fy%3Fz%23");
}

/* A field's default serves where the entry has none; a slash at the base's end is not doubled. */
static void fields_make_bases(void **state)
{
	static const struct {
		const char *address;
		const char *url; /* NULL: refused */
	} rows[] = {
		{"https://api.example", "https://api.example/api/v1/user/me"},
		{"https://api.example/", "https://api.example/api/v1/user/me"},
		{"https://API.example:8443/pre/fix/",
		 "https://API.example:8443/pre/fix/api/v1/user/me"},
		{"https://[::1]:8443", "https://[::1]:8443/api/v1/user/me"},
		{"", NULL},
		{"http://api.example", NULL},
		{"https://evil@host", NULL},
		{"https://host:99999", NULL},
		{"https://host/?", NULL},
		{"https://host/#", NULL},
		{"https://host/\\", NULL},
		{"https://host/%2e%2e", NULL},
		{"https://host//", NULL},
		{"https://host/../x", NULL},
		{"https://host/.", NULL},
		{"https://host/a b", NULL},
		{"https://host/\\r\\nX: y", NULL},
		{"https://host/\xc3\xbc", NULL},
	};
	const struct tv_provider *p = find("api7");
	tv_auto_json *plain = parse("{\"token\":\"t\"}");
	tv_auto_http_request r = {0};

	(void)state;
	assert_int_equal(tv_http_render(&r, p->verify, p, plain, NULL, NULL), TV_OK);
	assert_string_equal(r.host, "api.api7.cloud");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		tv_auto_json *entry = tv_json_object();
		struct tv_json *fields = tv_json_object();
		tv_auto_http_request made = {0};
		enum tv_status status;

		assert_true(tv_json_put_text(fields, "address", rows[i].address) &&
			    tv_json_put(entry, "fields", fields));
		status = tv_http_render(&made, p->verify, p, entry, NULL, NULL);
		if (rows[i].url ? status || strcmp(tv_secret_text(&made.url), rows[i].url) != 0
				: status != TV_BAD_VALUE || made.url.data)
			fail_msg("%s: %d %s", rows[i].address, (int)status,
				 tv_secret_text(&made.url));
	}
}

/* No value makes another path, another header, or another body of a request. */
static void values_stay_in_their_places(void **state)
{
	static const char *const refused[] = {"", ".", "..", "a\nb", NULL};
	const struct tv_provider *azion = find("azion");
	tv_auto_json *bad = parse("{\"token\":\"t\\r\\nX-Other: y\",\"fields\":{\"uuid\":\"u\"}}");
	tv_auto_http_request r = {0};

	(void)state;
	assert_int_equal(tv_http_render(&r, &azion->verify[1], azion, bad, NULL, NULL),
			 TV_BAD_VALUE);
	for (const char *const *value = refused; *value; value++) {
		tv_auto_json *entry = parse("{\"token\":\"t\"}");
		tv_auto_json *id = tv_json_object();
		tv_auto_http_request made = {0};
		enum tv_status status;

		assert_true(tv_json_put_text(id, "id", *value));
		status = tv_http_render(&made, azion->revoke, azion, entry, id, NULL);
		if (strchr(*value, '\n'))
			assert_non_null(strstr(tv_secret_text(&made.url), "a%0Ab"));
		else
			assert_int_equal(status, TV_BAD_VALUE);
	}
}

static void paths_take_no_steps(void **state)
{
	/* field a, field b, whether it is refused */
	static const struct {
		const char *fields;
		bool refused;
	} rows[] = {
		{"{\"a\":\"x\",\"b\":\"y\"}", false},	 {"{\"a\":\".\",\"b\":\".\"}", true},
		{"{\"a\":\"..\",\"b\":\"x\"}", true},	 {"{\"a\":\"x\",\"b\":\"\"}", true},
		{"{\"a\":\"/../\",\"b\":\"x\"}", false},
	};
	struct tv_provider *p =
		toy("\"base\":\"https://h.example\",\"path\":\"/p/{{a}}.{{b}}/q?x=//\"",
		    "\"a\":{\"about\":\"a\"},\"b\":{\"about\":\"b\"}");

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		tv_auto_json *entry = tv_json_object();
		tv_auto_http_request made = {0};

		assert_true(tv_json_put(entry, "fields", parse(rows[i].fields)));
		assert_int_equal(tv_http_render(&made, p->verify, p, entry, NULL, NULL),
				 rows[i].refused ? TV_BAD_VALUE : TV_OK);
	}
	tv_provider_free(p);
}

static void check_hosts(const struct tv_provider *p, const char *fields, const char *expected)
{
	tv_auto_json *given = fields ? parse(fields) : NULL;
	tv_auto_json *hosts = NULL;
	tv_auto_secret text = {0};

	assert_int_equal(tv_http_hosts(&hosts, p, given, NULL), TV_OK);
	assert_int_equal(tv_json_print(&text, hosts, NULL), TV_OK);
	assert_string_equal(tv_secret_text(&text), expected);
}

static void tells_hosts(void **state)
{
	struct tv_provider *p =
		toy("\"base\":\"https://h.example\",\"path\":\"/\"},{\"base\":\"{{a}}\",\"path\":"
		    "\"/\",\"needs\":\"a\"},{\"base\":\"https://H.EXAMPLE:443/x\",\"path\":\"/\"",
		    "\"a\":{\"about\":\"a\"}");
	tv_auto_json *odd = parse("{\"address\":\"https://x y\"}");
	tv_auto_json *registry = parse("{\"registry\":\"https://h.example\"}");
	tv_auto_json *hosts = NULL;
	struct tv_error err = {0};

	(void)state;
	check_hosts(find("azion"), NULL, "[\"sso.azion.com\",\"api.azionapi.net\"]");
	check_hosts(find("api7"), NULL, "[\"api.api7.cloud\"]");
	check_hosts(find("api7"), "{\"address\":\"https://own.example:8443/\"}",
		    "[\"own.example:8443\"]");
	check_hosts(find("choreo"), NULL, "[\"apis.choreo.dev\"]");
	check_hosts(p, NULL, "[\"h.example\"]");
	check_hosts(p, "{\"a\":\"https://other.example\"}", "[\"h.example\",\"other.example\"]");
	assert_int_equal(tv_http_hosts(&hosts, find("api7"), odd, &err), TV_BAD_VALUE);
	assert_string_equal(err.detail, "field address: https://HOST[:PORT] expected");
	assert_int_equal(tv_http_hosts(&hosts, find("npm"), registry, &err), TV_BAD_VALUE);
	assert_string_equal(err.detail,
			    "field registry: a host's name, without https://, expected");
	assert_null(strstr(err.detail, "x y"));
	assert_null(hosts);
	tv_provider_free(p);
}

/* A token goes to these as well. */
static void tells_all_hosts(void **state)
{
	static const char text[] =
		"{\"name\":\"toy\",\"title\":\"t\",\"fields\":{\"i\":{\"about\":\"i\"}},"
		"\"verify\":[{\"base\":\"https://v.example\",\"path\":\"/\"}],"
		"\"mint\":{\"base\":\"https://m.example\",\"path\":\"/\",\"token\":\"/t\"},"
		"\"tokens\":{\"base\":\"https://t.example\",\"path\":\"/\",\"items\":\"\",\"id\":"
		"\"/i\"},\"revoke\":{\"base\":\"https://r.example\",\"path\":\"/\",\"id_field\":"
		"\"i\"},\"files\":[{\"name\":\"f\",\"path\":\"f\",\"shows\":\"in-use\",\"escape\":"
		"\"none\",\"template\":\"t\"}]}";
	struct tv_provider *p = NULL;

	(void)state;
	assert_int_equal(tv_provider_parse(&p, text, strlen(text), "toy.json", NULL), TV_OK);
	check_hosts(p, NULL, "[\"v.example\",\"m.example\",\"t.example\",\"r.example\"]");
	tv_provider_free(p);
}

struct answer {
	int status;
	const char *body;
	enum tv_status expected;
};

static void judge(const struct tv_http *http, const struct answer *a)
{
	tv_auto_json *json = NULL;
	tv_auto_secret body = {0};
	struct tv_error err = {0};
	enum tv_status status;

	tv_secret_puts(&body, a->body);
	status = tv_http_judge(&json, http, a->status, &body, &err);
	if (status != a->expected)
		fail_msg("%d <%s>: %s", a->status, a->body, tv_status_name(status));
	if (strlen(a->body) > 4)
		assert_null(strstr(err.detail, a->body));
}

static const struct answer to_api7[] = {
	{200, "{\"payload\":{\"email\":\"e\"},\"status\":{\"code\":0}}", TV_OK},
	{200, "{\"status\":{\"code\":4},\"error\":\"invalid token\"}", TV_TOKEN_REFUSED},
	{401, "{\"status\":{\"code\":4},\"error\":\"invalid token\"}", TV_TOKEN_REFUSED},
	{401, "", TV_TOKEN_REFUSED},
	{403, "x", TV_TOKEN_REFUSED},
	{200, "{\"status\":{\"code\":7}}", TV_ODD_REPLY},
	{200, "{}", TV_ODD_REPLY},
	{200, "<html>", TV_ODD_REPLY},
	{200, "", TV_ODD_REPLY},
	{200, "{\"status\":{\"code\":0}} x", TV_ODD_REPLY},
	{302, "{\"status\":{\"code\":0}}", TV_ODD_REPLY},
	{404, "{}", TV_ODD_REPLY},
	{429, "{}", TV_ODD_REPLY},
	{500, "{\"status\":{\"code\":4}}", TV_ODD_REPLY},
};
static const struct answer to_azion[] = {
	{200, "{\"results\":{\"client_id\":\"c\",\"email\":\"e\"}}", TV_OK},
	{400, "", TV_TOKEN_REFUSED},
	{404, "", TV_TOKEN_REFUSED},
	{422, "", TV_TOKEN_REFUSED},
	{301, "", TV_ODD_REPLY},
	{429, "", TV_ODD_REPLY},
	{503, "", TV_ODD_REPLY},
	{200, "no", TV_ODD_REPLY},
};
static const struct answer to_mint[] = {
	{201, "{\"key\":\"k\",\"uuid\":\"u\"}", TV_OK},
	{201, "{\"uuid\":\"u\"}", TV_ODD_REPLY},
	{201, "{\"key\":\"\"}", TV_ODD_REPLY},
	{200, "{\"key\":\"k\"}", TV_ODD_REPLY},
	{401, "", TV_TOKEN_REFUSED},
};
static const struct answer to_tokens[] = {
	{200, "{\"results\":[]}", TV_OK},
	{200, "{\"results\":{}}", TV_ODD_REPLY},
	{200, "{}", TV_ODD_REPLY},
};
static const struct answer to_revoke[] = {
	{204, "", TV_OK},
	{404, "gone", TV_OK},
	{200, "", TV_ODD_REPLY},
	{403, "", TV_TOKEN_REFUSED},
};

static void judges_answers(void **state)
{
	static const struct {
		const struct answer *rows;
		size_t n;
	} all[] = {{to_api7, sizeof to_api7 / sizeof *to_api7},
		   {to_azion, sizeof to_azion / sizeof *to_azion},
		   {to_mint, sizeof to_mint / sizeof *to_mint},
		   {to_tokens, sizeof to_tokens / sizeof *to_tokens},
		   {to_revoke, sizeof to_revoke / sizeof *to_revoke}};
	const struct tv_provider *p = find("azion");
	const struct tv_http *const https[] = {find("api7")->verify, p->verify, p->mint, p->tokens,
					       p->revoke};

	(void)state;
	for (size_t k = 0; k < sizeof all / sizeof *all; k++)
		for (size_t i = 0; i < all[k].n; i++)
			judge(https[k], &all[k].rows[i]);
}

static void reads_times(void **state)
{
	static const struct {
		const char *json;
		int64_t expected; /* 0: none */
	} rows[] = {
		{"\"2027-08-19T00:18:59Z\"", 1818634739},
		{"\"2027-08-19T02:18:59+02:00\"", 1818634739},
		{"\"2027-08-19T00:18:59.123456Z\"", 1818634739},
		{"\"2001-09-09T01:46:40Z\"", 1000000000},
		{"\"2027-08-19\"", 1818633600},
		{"1818634739", 1818634739},
		{"0", 0},
		{"-5", 0},
		{"1e300", 0},
		{"1.5", 0},
		{"null", 0},
		{"true", 0},
		{"\"\"", 0},
		{"\"never\"", 0},
		{"\"30d\"", 0},
		{"\"2027-13-19\"", 0},
		{"\"2027-08-19T00:18:59\"", 0},
		{"{}", 0},
	};
	tv_auto_json *none = tv_json_object();
	int64_t when = 7;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		tv_auto_json *root = tv_json_object();

		assert_true(tv_json_put(root, "at", parse(rows[i].json)));
		when = 7;
		if (tv_http_time(&when, root, "/at") != (rows[i].expected != 0) ||
		    when != (rows[i].expected ? rows[i].expected : 7))
			fail_msg("%s: %lld", rows[i].json, (long long)when);
	}
	assert_false(tv_http_time(&when, none, "/at"));
	assert_false(tv_http_time(&when, NULL, "/at"));
}

/* Nothing of a request stays behind. */
static void leaves_nothing(void **state)
{
	const size_t before = tv_arena_in_use();

	makes_requests(state);
	values_stay_in_their_places(state);
	tells_hosts(state);
	judges_answers(state);
	assert_int_equal(tv_arena_in_use(), before);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_requests),
		cmocka_unit_test(fields_make_bases),
		cmocka_unit_test(values_stay_in_their_places),
		cmocka_unit_test(paths_take_no_steps),
		cmocka_unit_test(tells_hosts),
		cmocka_unit_test(tells_all_hosts),
		cmocka_unit_test(judges_answers),
		cmocka_unit_test(reads_times),
		cmocka_unit_test(leaves_nothing),
	};

	if (tv_init(NULL))
		return 1;
	return cmocka_run_group_tests(tests, load, unload);
}
