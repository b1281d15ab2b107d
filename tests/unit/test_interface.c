/* Definitions' requests and rules to adopt: read as they are written, and refused with one fault in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "vault/vault.h"

/* A whole definition, a member or two a line; tests replace one line of it. */
static const char *const sound[] = {
	"{\"name\": \"toy\", \"title\": \"Toy\",",					/* 1 */
	"\"fields\": {\"host\": {\"about\": \"h\", \"required\": true},",		/* 2 */
	"  \"id\": {\"about\": \"i\"}},",						/* 3 */
	"\"environment\": [\"TOY_TOKEN\", \"_t2\"],",					/* 4 */
	"\"verify\": [{\"base\": \"https://{{host}}/api\",",				/* 5 */
	"  \"path\": \"/me/{{label}}?a=b\",",						/* 6 */
	"  \"method\": \"POST\",",							/* 7 */
	"  \"headers\": [\"X-Key: {{token}}\",",					/* 8 */
	"    \"Accept: x\"],",								/* 9 */
	"  \"body\": [\"{\", \"{{account}}}\"],",					/* 10 */
	"  \"accepted\": {\"status\": [200, 201], \"values\": {\"/a\": \"1\"}},",	/* 11 */
	"  \"refused\": {\"status\": [404], \"values\": {\"/b/c\": \"no\"}},",		/* 12 */
	"  \"account\": \"/who\",",							/* 13 */
	"  \"expires\": \"/when\",",							/* 14 */
	"  \"fields\": {\"id\": [\"/id\", \"/ID\"]}},",					/* 15 */
	" {\"base\": \"https://other.example:8443\", \"path\": \"/\",",			/* 16 */
	"  \"needs\": \"id\"}],",							/* 17 */
	"\"mint\": {\"base\": \"https://h.example\", \"path\": \"/new\",",		/* 18 */
	"  \"body\": \"{{name}}{{expires_at}}{{description}}\",",			/* 19 */
	"  \"token\": \"/key\",",							/* 20 */
	"  \"id\": \"/uuid\", \"expires\": \"/e\"},",					/* 21 */
	"\"tokens\": {\"base\": \"https://h.example\", \"path\": \"/all\",",		/* 22 */
	"  \"items\": \"/results\",",							/* 23 */
	"  \"id\": \"/uuid\", \"name\": \"/n\"},",					/* 24 */
	"\"revoke\": {\"base\": \"https://h.example\", \"path\": \"/{{id}}\",",		/* 25 */
	"  \"id_field\": \"id\"},",							/* 26 */
	"\"files\": [{\"name\": \"f\", \"path\": \"f\", \"shows\": \"all\",",		/* 27 */
	"  \"escape\": \"uri\", \"template\": [",					/* 28 */
	"    \"{{#entries}}{{first}}{{last}}{{#uri}}{{token}}{{/uri}}{{/entries}}\"],", /* 29 */
	"  \"unique\": \"host\",",							/* 30 */
	"  \"adopt\": {\"format\": \"json\",",						/* 31 */
	"    \"each\": \"/l/*\",",							/* 32 */
	"    \"label\": \"#\",",							/* 33 */
	"    \"token\": \"/t\",",							/* 34 */
	"    \"in_use\": \"/u\",",							/* 35 */
	"    \"fields\": {\"host\": \"/h\"},",						/* 36 */
	"    \"ignored\": [\"/x\", \"/l/*/y\"]}}]}",					/* 37 */
};

#define LINES (sizeof sound / sizeof *sound)

/* The definition with line n (from 1; 0: none) replaced. */
static enum tv_status parse(struct tv_provider **out, size_t n, const char *line,
			    struct tv_error *err)
{
	char text[4096] = "";
	size_t len = 0;

	for (size_t i = 0; i < LINES; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "%s\n",
					i + 1 == n ? line : sound[i]);
	return tv_provider_parse(out, text, len, "toy.json", err);
}

/* The definition with a list of rules, of which its own one is the first. */
static enum tv_status parse_rules(struct tv_provider **out, const char *rules, struct tv_error *err)
{
	char text[4096] = "";
	size_t len = 0;

	for (size_t i = 0; i < LINES; i++) {
		if (i == 30)
			len += (size_t)snprintf(text + len, sizeof text - len,
						"\"adopt\": [{\"format\": \"json\",\n");
		else if (i == 36)
			len += (size_t)snprintf(text + len, sizeof text - len,
						"\"ignored\": [\"/x\"]}, %s]}]}", rules);
		else
			len += (size_t)snprintf(text + len, sizeof text - len, "%s\n", sound[i]);
	}
	return tv_provider_parse(out, text, len, "toy.json", err);
}

static void check_match(const struct tv_http_match *m, const char *expected)
{
	char text[256] = "";
	size_t n = 0;

	for (size_t i = 0; i < m->n_statuses; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "%d ", m->statuses[i]);
	for (size_t i = 0; i < m->n_values; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "%s=%s ", m->values[i].pointer,
				      m->values[i].field);
	assert_string_equal(text, expected);
}

static void reads_requests(void **state)
{
	struct tv_provider *p = NULL;
	struct tv_error err = {0};
	const struct tv_http *h;

	(void)state;
	if (parse(&p, 0, NULL, &err))
		fail_msg("%s", err.detail);
	assert_true(p->fields[0].required);
	assert_false(p->fields[1].required);
	assert_int_equal(p->n_environment, 2);
	assert_string_equal(p->environment[1], "_t2");
	assert_int_equal(p->n_verify, 2);
	h = p->verify;
	assert_string_equal(h->base, "https://{{host}}/api");
	assert_string_equal(h->path, "/me/{{label}}?a=b");
	assert_string_equal(h->method, "POST");
	assert_int_equal(h->n_headers, 2);
	assert_string_equal(h->headers[0], "X-Key: {{token}}");
	assert_string_equal(h->body, "{\n{{account}}}\n");
	check_match(&h->accepted, "200 201 /a=1 ");
	check_match(&h->refused, "404 /b/c=no ");
	assert_string_equal(h->account, "/who");
	assert_string_equal(h->expires, "/when");
	assert_int_equal(h->n_fields, 2);
	assert_string_equal(h->fields[1].field, "id");
	assert_string_equal(h->fields[1].pointer, "/ID");
	assert_null(h->needs);
	assert_string_equal(h[1].needs, "id");
	assert_string_equal(h[1].method, "GET");
	assert_null(h[1].body);
	check_match(&h[1].accepted, "200 ");
	check_match(&h[1].refused, "401 403 ");
	assert_string_equal(p->mint->token, "/key");
	assert_string_equal(p->mint->id, "/uuid");
	assert_string_equal(p->tokens->items, "/results");
	assert_string_equal(p->tokens->name, "/n");
	assert_string_equal(p->revoke->path, "/{{id}}");
	assert_string_equal(p->id_field, "id");
	tv_provider_free(p);
}

static void reads_adopt(void **state)
{
	struct tv_provider *p = NULL;
	const struct tv_adopt *a;

	(void)state;
	assert_int_equal(parse(&p, 0, NULL, NULL), TV_OK);
	a = &p->files[0].adopt;
	assert_string_equal(p->files[0].unique, "host");
	assert_string_equal(a->format, "json");
	assert_int_equal(a->n_rules, 1);
	assert_string_equal(a->rules[0].each, "/l/*");
	assert_string_equal(a->rules[0].label, "#");
	assert_string_equal(a->rules[0].token, "/t");
	assert_string_equal(a->in_use, "/u");
	assert_int_equal(a->rules[0].n_fields, 1);
	assert_string_equal(a->rules[0].fields[0].field, "host");
	assert_string_equal(a->rules[0].fields[0].pointer, "/h");
	assert_int_equal(a->n_ignored, 2);
	assert_string_equal(a->ignored[1], "/l/*/y");
	tv_provider_free(p);
}

/* The first says what goes for the file, too. */
static void reads_several_rules(void **state)
{
	struct tv_provider *p = NULL;
	const struct tv_adopt *a;

	(void)state;
	assert_int_equal(parse_rules(&p,
				     "{\"token\": \"/top\"}, {\"each\": \"/m/*\", "
				     "\"label\": \"/n\", \"token\": \"\", "
				     "\"fields\": {\"id\": \"#\"}}",
				     NULL),
			 TV_OK);
	a = &p->files[0].adopt;
	assert_string_equal(a->format, "json");
	assert_int_equal(a->n_rules, 3);
	assert_string_equal(a->rules[0].token, "/t");
	assert_string_equal(a->rules[1].token, "/top");
	assert_true(!a->rules[1].each && !a->rules[1].label && !a->rules[1].n_fields);
	assert_string_equal(a->rules[2].each, "/m/*");
	assert_string_equal(a->rules[2].label, "/n");
	assert_string_equal(a->rules[2].fields[0].field, "id");
	tv_provider_free(p);
}

static void refuses_a_wrong_rule(void **state)
{
	static const struct {
		const char *rules, *at;
	} faults[] = {
		{"7", "files[0].adopt[1]: an object expected"},
		{"{}", "files[0].adopt[1]: member \"token\" expected"},
		{"{\"token\": \"t\"}", "files[0].adopt[1].token: a JSON pointer"},
		{"{\"token\": \"\"}, {\"token\": \"\", \"each\": \"/a\"}",
		 "files[0].adopt[2].each: a JSON pointer with one *"},
		{"{\"token\": \"\", \"format\": \"json\"}", "files[0].adopt[1].format: no such"},
		{"{\"token\": \"\", \"in_use\": \"/u\"}", "files[0].adopt[1].in_use: no such"},
		{"{\"token\": \"\", \"ignored\": []}", "files[0].adopt[1].ignored: no such"},
		{"{\"token\": \"\", \"fields\": {\"x\": \"\"}}",
		 "files[0].adopt[1].fields.x: a declared"},
		{"{\"token\":\"\"},{\"token\":\"\"},{\"token\":\"\"},{\"token\":\"\"},"
		 "{\"token\":\"\"},{\"token\":\"\"},{\"token\":\"\"},{\"token\":\"\"}",
		 "files[0].adopt: 1 to 8 rules"},
	};
	const size_t before = tv_arena_in_use();

	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		struct tv_error err = {0};
		struct tv_provider *p = NULL;

		if (parse_rules(&p, faults[i].rules, &err) != TV_BAD_DEFINITION || p ||
		    !strstr(err.detail, faults[i].at))
			fail_msg("%s: %s", faults[i].rules, err.detail);
	}
	assert_int_equal(tv_arena_in_use(), before);
}

/* What may be left out is empty then. */
static void needs_none_of_it(void **state)
{
	static const char text[] = "{\"name\":\"toy\",\"title\":\"t\",\"files\":[{\"name\":\"f\","
				   "\"path\":\"f\",\"shows\":\"in-use\",\"escape\":\"none\","
				   "\"template\":\"t\",\"adopt\":{\"format\":\"toml\","
				   "\"in_use\":\"/n\"}}]}";
	struct tv_provider *p = NULL;

	(void)state;
	assert_int_equal(tv_provider_parse(&p, text, strlen(text), "toy.json", NULL), TV_OK);
	assert_true(!p->n_verify && !p->mint && !p->tokens && !p->revoke && !p->id_field);
	assert_true(!p->n_environment && !p->files[0].unique && !p->files[0].adopt.rules[0].token);
	tv_provider_free(p);
}

/* Line n replaced, and where the error is said to be. */
static const struct {
	size_t n;
	const char *line;
	const char *at; /* what the error begins with, after the file's name */
} wrong[] = {
	{2, "\"fields\": {\"host\": {\"about\": \"h\", \"required\": 1},",
	 ":2: fields.host.required: true"},
	{3, "\"base64\": {\"about\": \"i\"}},", ":3: fields.base64: a name"},
	{3, "\"last\": {\"about\": \"i\"}},", ":3: fields.last: a name"},
	{4, "\"environment\": \"TOY_TOKEN\",", ":4: environment: a list"},
	{4, "\"environment\": [7],", ":4: environment[0]: a text"},
	{4, "\"environment\": [\"\"],", ":4: environment[0]: a variable"},
	{4, "\"environment\": [\"A\", \"2B\"],", ":4: environment[1]: a variable"},
	{4, "\"environment\": [\"A=B\"],", ":4: environment[0]: a variable"},
	{5, "\"verify\": {},\"x\": [{\"base\": \"https://h.example\",", ":5: verify: a list"},
	{5, "\"verify\": [], \"x\": [{", ":5: x: no such member"},
	{5, "\"verify\": [7, {\"base\": \"https://{{host}}/api\",", ":5: verify[0]: an object"},
	{5, "\"verify\": [{", ":5: verify[0]: member \"base\""},
	{5, "\"verify\": [{\"base\": \"http://h.example\",", ":5: verify[0].base: an address"},
	{5, "\"verify\": [{\"base\": \"https://u@h.example\",", ":5: verify[0].base: https://"},
	{5, "\"verify\": [{\"base\": \"https://h.example?x\",", ":5: verify[0].base: https://"},
	{5, "\"verify\": [{\"base\": \"https://h.example:99999\",", ":5: verify[0].base: https://"},
	{5, "\"verify\": [{\"base\": \"http://{{host}}\",", ":5: verify[0].base: an address"},
	{5, "\"verify\": [{\"base\": \"x{{host}}\",", ":5: verify[0].base: an address"},
	{5, "\"verify\": [{\"base\": \"https://{{host}}/?q=\",", ":5: verify[0].base: an address"},
	{5, "\"verify\": [{\"base\": \"https://{{token}}\",", ":5: verify[0].base: line 1: token"},
	{5, "\"verify\": [{\"base\": \"https://{{label}}\",", ":5: verify[0].base: line 1: label"},
	{5, "\"verify\": [{\"base\": \"https://{{host}\",", ":5: verify[0].base: line 1"},
	{5, "\"verify\": [{\"needs\": \"id\", \"base\": \"https://h.example\",",
	 ":5: verify[0]: a first"},
	{5, "\"verify\": [{\"token\": \"/t\", \"base\": \"https://h.example\",",
	 ":5: verify[0].token: no such"},
	{6, "", ":5: verify[0]: member \"path\""},
	{6, "\"path\": \"me\",", ":6: verify[0].path: a path"},
	{6, "\"path\": \"\",", ":6: verify[0].path: a path"},
	{6, "\"path\": \"/a b\",", ":6: verify[0].path: a path"},
	{6, "\"path\": \"/{{name}}\",", ":6: verify[0].path: line 1: name"},
	{6, "\"path\": \"/{{#uri}}\",", ":6: verify[0].path: line 1: uri: the section"},
	{7, "\"method\": \"get\",", ":7: verify[0].method: GET"},
	{8, "\"headers\": \"X\", \"x\": [\"\",", ":8: verify[0].headers: a list"},
	{8, "\"headers\": [7,", ":8: verify[0].headers[0]: a text"},
	{8, "\"headers\": [\"X-Key\",", ":8: verify[0].headers[0]: \"Name: value\""},
	{8, "\"headers\": [\"X-Key: \",", ":8: verify[0].headers[0]: \"Name: value\""},
	{8, "\"headers\": [\": x\",", ":8: verify[0].headers[0]: \"Name: value\""},
	{8, "\"headers\": [\"{{label}}: x\",", ":8: verify[0].headers[0]: \"Name: value\""},
	{8, "\"headers\": [\"HOST: evil.example\",", ":8: verify[0].headers[0]: \"Name: value\""},
	{8, "\"headers\": [\"Content-Length: 0\",", ":8: verify[0].headers[0]: \"Name: value\""},
	{8, "\"headers\": [\"X: a\\r\\nY: b\",",
	 ":8: verify[0].headers[0]: a text without control"},
	{9, "\"X: {{tokn}}\"],", ":9: verify[0].headers[1]: line 1: tokn"},
	{10, "\"body\": [\"{\", \"{{acount}}}\"],", ":10: verify[0].body[1]: line 2: acount"},
	{10, "\"body\": {},", ":10: verify[0].body: a text or"},
	{11, "\"accepted\": {\"stats\": []},", ":11: verify[0].accepted.stats: no such"},
	{11, "\"accepted\": {\"status\": []},", ":11: verify[0].accepted.status: a status"},
	{11, "\"accepted\": {\"status\": [\"200\"]},",
	 ":11: verify[0].accepted.status[0]: a status"},
	{11, "\"accepted\": {\"status\": [200, 600]},",
	 ":11: verify[0].accepted.status[1]: a status"},
	{11, "\"accepted\": {\"status\": [200, 404]},", ":12: verify[0].refused: 404 is both"},
	{11, "\"accepted\": {\"values\": {\"a\": \"1\"}},",
	 ":11: verify[0].accepted.values.a: a JSON"},
	{11, "\"accepted\": {\"values\": {\"/a\": 1}},",
	 ":11: verify[0].accepted.values./a: a JSON"},
	{12, "\"refused\": [],", ":12: verify[0].refused: an object"},
	{13, "\"account\": \"who\",", ":13: verify[0].account: a JSON pointer"},
	{13, "\"account\": \"/who/*\",", ":13: verify[0].account: a JSON pointer"},
	{14, "\"expires\": \"/~2\",", ":14: verify[0].expires: a JSON pointer"},
	{15, "\"fields\": {\"idd\": \"/id\"}},", ":15: verify[0].fields.idd: a declared"},
	{15, "\"fields\": {\"id\": \"id\"}},", ":15: verify[0].fields.id: a JSON pointer"},
	{15, "\"fields\": {\"id\": [\"/id\", 7]}},", ":15: verify[0].fields.id[1]: a JSON pointer"},
	{15, "\"fields\": {\"id\": {}}},", ":15: verify[0].fields.id: a JSON pointer"},
	{17, "\"needs\": \"uuid\"}],", ":17: verify[1].needs: a declared field"},
	{18, "\"mint\": [], \"x\": {", ":18: mint: an object"},
	{19, "\"body\": \"{{id}}{{names}}\",", ":19: mint.body: line 1: names"},
	{20, "", ":18: mint: member \"token\""},
	{20, "\"token\": \"key\",", ":20: mint.token: a JSON pointer"},
	{21, "\"account\": \"/a\"},", ":21: mint.account: no such member"},
	{23, "", ":22: tokens: member \"items\""},
	{24, "\"name\": \"/n\"},", ":22: tokens: member \"id\""},
	{24, "\"id\": \"\\u002a\"},", ":24: tokens.id: a JSON pointer"},
	{25, "\"revoke\": {\"base\": \"https://h.example\", \"path\": \"/{{name}}\",",
	 ":25: revoke.path: line 1: name"},
	{26, "\"method\": \"DELETE\"},", ":25: revoke: member \"id_field\""},
	{26, "\"id_field\": \"uuid\"},", ":26: revoke.id_field: a declared field"},
	{29, "\"{{#entries}}{{base64}}{{/entries}}\"],",
	 ":29: files[0].template[0]: line 1: base64"},
	{29, "\"{{#entries}}{{^uri}}{{/uri}}{{/entries}}\"],",
	 ":29: files[0].template[0]: line 1: uri"},
	{30, "\"unique\": \"hots\",", ":30: files[0].unique: a declared field"},
	{30, "\"unique\": \"label\",", ":30: files[0].unique: a declared field"},
	{31, "\"adopt\": {\"format\": \"csv\",", ":31: files[0].adopt.format: yaml,"},
	{31, "\"adopt\": {", ":31: files[0].adopt: member \"format\""},
	{32, "\"each\": \"/l\",", ":32: files[0].adopt.each: a JSON pointer with one *"},
	{32, "\"each\": \"/*/*\",", ":32: files[0].adopt.each: a JSON pointer with one *"},
	{32, "\"each\": \"l/*\",", ":32: files[0].adopt.each: a JSON pointer with one *"},
	{32, "\"eech\": \"/l/*\",", ":32: files[0].adopt.eech: no such member"},
	{33, "\"label\": \"name\",", ":33: files[0].adopt.label: a JSON pointer"},
	{34, "", ":31: files[0].adopt: member \"token\""},
	{34, "\"token\": \"/*\",", ":34: files[0].adopt.token: a JSON pointer"},
	{36, "\"fields\": {\"hots\": \"/h\"},", ":36: files[0].adopt.fields.hots: a declared"},
	{36, "\"fields\": [],", ":36: files[0].adopt.fields: an object"},
	{37, "\"ignored\": [\"x\"]}}]}", ":37: files[0].adopt.ignored[0]: a JSON pointer"},
	{37, "\"ignored\": [\"#\"]}}]}", ":37: files[0].adopt.ignored[0]: a JSON pointer"},
	{37, "\"ignored\": \"/x\"}}]}", ":37: files[0].adopt.ignored: a list"},
};

static void refuses_one_fault(void **state)
{
	const size_t before = tv_arena_in_use();

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct tv_error err = {0};
		struct tv_provider *p = NULL;

		if (parse(&p, wrong[i].n, wrong[i].line, &err) != TV_BAD_DEFINITION || p ||
		    strncmp(err.detail, "toy.json", 8) != 0 ||
		    strncmp(err.detail + 8, wrong[i].at, strlen(wrong[i].at)) != 0)
			fail_msg("%s: %s", wrong[i].line, err.detail);
	}
	assert_int_equal(tv_arena_in_use(), before);
}

/* A file that shows one entry has nothing to choose from. */
static void unique_wants_all(void **state)
{
	struct tv_error err = {0};

	(void)state;
	assert_int_equal(
		parse(NULL, 27,
		      "\"files\": [{\"name\": \"f\", \"path\": \"f\", \"shows\": \"in-use\",",
		      &err),
		TV_BAD_DEFINITION);
	assert_non_null(strstr(err.detail, ":30: files[0].unique: only a file that shows all"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_requests),      cmocka_unit_test(reads_adopt),
		cmocka_unit_test(reads_several_rules), cmocka_unit_test(refuses_a_wrong_rule),
		cmocka_unit_test(needs_none_of_it),    cmocka_unit_test(refuses_one_fault),
		cmocka_unit_test(unique_wants_all),
	};

	if (tv_init(NULL))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
