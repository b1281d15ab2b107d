/* The mustache subset, case by case after the public mustache specification's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "vault/template.h"
#include "vault/vault.h"

/* The specification escapes for HTML, so that its cases need this rule. */
static enum tv_status append_html(struct tv_secret *out, const char *text, struct tv_error *err)
{
	for (; *text; text++)
		switch (*text) {
		case '&':
			tv_secret_puts(out, "&amp;");
			break;
		case '"':
			tv_secret_puts(out, "&quot;");
			break;
		case '<':
			tv_secret_puts(out, "&lt;");
			break;
		case '>':
			tv_secret_puts(out, "&gt;");
			break;
		default:
			tv_secret_putc(out, *text);
		}
	return tv_secret_check(out, err);
}

static const struct tv_escape html = {"html", append_html};

static const struct {
	const char *name;
	const char *data;
	const char *template;
	const char *expected;
} cases[] = {
	{"Interpolation: none", "{}", "Nothing {to} see.\n", "Nothing {to} see.\n"},
	{"Interpolation: basic", "{\"who\":\"you\"}", "To {{who}}!\n", "To you!\n"},
	{"Interpolation: values stay values", "{\"a\":\"{{b}}\",\"b\":\"x\"}", "{{a}}", "{{b}}"},
	{"Interpolation: HTML escaping", "{\"s\":\"& \\\" < >\"}", "{{s}}",
	 "&amp; &quot; &lt; &gt;"},
	{"Interpolation: integer", "{\"mph\":85}", "\"{{mph}} miles\"", "\"85 miles\""},
	{"Interpolation: decimal", "{\"power\":1.21}", "{{power}} GW", "1.21 GW"},
	{"Interpolation: null", "{\"no\":null}", "I ({{no}})", "I ()"},
	{"Context misses", "{}", "I ({{cannot}})", "I ()"},
	{"Dotted names: basic", "{\"p\":{\"name\":\"Joe\"}}", "{{p.name}} {{#p}}{{name}}{{/p}}",
	 "Joe Joe"},
	{"Dotted names: any depth", "{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"n\":\"Phil\"}}}}}}",
	 "{{a.b.c.d.e.n}}", "Phil"},
	{"Dotted names: broken chains", "{\"a\":{}}", "({{a.b.c}})", "()"},
	{"Dotted names: broken chain resolution", "{\"a\":{\"b\":{}},\"c\":{\"name\":\"Jim\"}}",
	 "({{a.b.c.name}})", "()"},
	{"Dotted names: initial resolution",
	 "{\"a\":{\"b\":{\"n\":\"Phil\"}},\"b\":{\"n\":\"Wrong\"}}", "{{#a}}{{b.n}}{{/a}}", "Phil"},
	{"Dotted names: context precedence", "{\"a\":{\"b\":{}},\"b\":{\"c\":\"ERROR\"}}",
	 "({{#a}}{{b.c}}{{/a}})", "()"},
	{"Dotted names: never single keys", "{\"a.b\":\"c\"}", "({{a.b}})", "()"},
	{"Dotted names: no masking", "{\"a.b\":\"c\",\"a\":{\"b\":\"d\"}}", "{{a.b}}", "d"},
	{"Dotted names: through text", "{\"a\":\"text\"}", "({{a.length}})", "()"},
	{"Implicit iterators: at the root", "\"world\"", "Hello, {{.}}!", "Hello, world!"},
	{"Interpolation: surrounding whitespace", "{\"s\":\"---\"}", "| {{s}} |", "| --- |"},
	{"Interpolation: standalone", "{\"s\":\"---\"}", "  {{s}}\n", "  ---\n"},
	{"Interpolation: with padding", "{\"s\":\"---\"}", "|{{ s }}|", "|---|"},

	{"Section: truthy", "{\"b\":true}", "\"{{#b}}seen{{/b}}\"", "\"seen\""},
	{"Section: falsey", "{\"b\":false}", "\"{{#b}}seen{{/b}}\"", "\"\""},
	{"Section: null is falsey", "{\"b\":null}", "\"{{#b}}seen{{/b}}\"", "\"\""},
	{"Section: empty text is falsey", "{\"b\":\"\"}", "\"{{#b}}seen{{/b}}\"", "\"\""},
	{"Section: context", "{\"c\":{\"name\":\"Joe\"}}", "{{#c}}Hi {{name}}.{{/c}}", "Hi Joe."},
	{"Section: parent contexts",
	 "{\"a\":\"foo\",\"b\":\"wrong\",\"s\":{\"b\":\"bar\"},"
	 "\"c\":{\"d\":\"baz\"}}",
	 "{{#s}}{{a}}, {{b}}, {{c.d}}{{/s}}", "foo, bar, baz"},
	{"Section: variable test", "{\"foo\":\"bar\"}", "{{#foo}}{{.}} is {{foo}}{{/foo}}",
	 "bar is bar"},
	{"Section: list contexts",
	 "{\"t\":[{\"n\":\"1\",\"m\":[{\"k\":\"x\",\"b\":[\"y\",\"z\"]}]}]}",
	 "{{#t}}{{#m}}{{n}}{{k}}.{{#b}}{{n}}{{.}}.{{/b}}{{/m}}{{/t}}", "1x.1y.1z."},
	{"Section: deeply nested contexts",
	 "{\"a\":{\"one\":1},\"b\":{\"two\":2},\"c\":{\"three\":3,\"d\":{\"four\":4,\"five\":5}}}",
	 "{{#a}}\n{{one}}\n{{#b}}\n{{one}}{{two}}{{one}}\n{{#c}}\n{{one}}{{two}}{{three}}\n"
	 "{{#d}}\n{{one}}{{four}}{{#five}}{{five}}{{/five}}\n{{/d}}\n{{/c}}\n{{/b}}\n{{/a}}\n",
	 "1\n121\n123\n145\n"},
	{"Section: list", "{\"l\":[{\"i\":1},{\"i\":2},{\"i\":3}]}", "{{#l}}{{i}}{{/l}}", "123"},
	{"Section: empty list", "{\"l\":[]}", "\"{{#l}}Yay{{/l}}\"", "\"\""},
	{"Section: doubled", "{\"b\":true,\"t\":\"second\"}",
	 "{{#b}}\n* first\n{{/b}}\n* {{t}}\n{{#b}}\n* third\n{{/b}}\n",
	 "* first\n* second\n* third\n"},
	{"Section: nested (truthy)", "{\"b\":true}", "A {{#b}}B {{#b}}C{{/b}} D{{/b}} E",
	 "A B C D E"},
	{"Section: nested (falsey)", "{\"b\":false}", "A {{#b}}B {{#b}}C{{/b}} D{{/b}} E", "A  E"},
	{"Section: context misses", "{}", "[{{#missing}}Found{{/missing}}]", "[]"},
	{"Implicit iterator: text", "{\"l\":[\"a\",\"b\"]}", "{{#l}}({{.}}){{/l}}", "(a)(b)"},
	{"Implicit iterator: integer", "{\"l\":[1,2]}", "{{#l}}({{.}}){{/l}}", "(1)(2)"},
	{"Implicit iterator: decimal", "{\"l\":[1.1,2.2]}", "{{#l}}({{.}}){{/l}}", "(1.1)(2.2)"},
	{"Implicit iterator: array", "{\"l\":[[1,2],[\"a\"]]}", "{{#l}}({{#.}}{{.}}{{/.}}){{/l}}",
	 "(12)(a)"},
	{"Implicit iterator: HTML escaping", "{\"l\":[\"&\"]}", "{{#l}}({{.}}){{/l}}", "(&amp;)"},
	{"Implicit iterator: root level", "[{\"v\":\"a\"},{\"v\":\"b\"}]", "{{#.}}({{v}}){{/.}}",
	 "(a)(b)"},
	{"Section: dotted names, truthy", "{\"a\":{\"b\":{\"c\":true}}}",
	 "{{#a.b.c}}Here{{/a.b.c}}", "Here"},
	{"Section: dotted names, falsey", "{\"a\":{\"b\":{\"c\":false}}}",
	 "[{{#a.b.c}}Here{{/a.b.c}}]", "[]"},
	{"Section: dotted names, broken chains", "{\"a\":{}}", "[{{#a.b.c}}Here{{/a.b.c}}]", "[]"},
	{"Section: surrounding whitespace", "{\"b\":true}", " | {{#b}}\t|\t{{/b}} | \n",
	 " | \t|\t | \n"},
	{"Section: internal whitespace", "{\"b\":true}", " | {{#b}} {{! Important }}\n {{/b}} | \n",
	 " |  \n  | \n"},
	{"Section: indented inline", "{\"b\":true}", " {{#b}}YES{{/b}}\n {{#b}}GOOD{{/b}}\n",
	 " YES\n GOOD\n"},
	{"Section: standalone lines", "{\"b\":true}", "| This Is\n{{#b}}\n|\n{{/b}}\n| A Line\n",
	 "| This Is\n|\n| A Line\n"},
	{"Section: indented standalone lines", "{\"b\":true}",
	 "| This Is\n  {{#b}}\n|\n  {{/b}}\n| A Line\n", "| This Is\n|\n| A Line\n"},
	{"Section: standalone with blanks after", "{\"b\":true}", "|\n\t{{#b}} \t\n-\n{{/b}}  \n|",
	 "|\n-\n|"},
	{"Section: standalone line endings", "{\"b\":true}", "|\r\n{{#b}}\r\n{{/b}}\r\n|",
	 "|\r\n|"},
	{"Section: standalone without previous line", "{\"b\":true}", "  {{#b}}\n#{{/b}}\n/",
	 "#\n/"},
	{"Section: standalone without newline", "{\"b\":true}", "#{{#b}}\n/\n  {{/b}}", "#\n/\n"},
	{"Section: a lone CR ends no line", "{\"b\":true}", "{{#b}}\rx{{/b}}", "\rx"},
	{"Section: padding", "{\"b\":true}", "|{{# b }}={{/ b }}|", "|=|"},
	{"Section: in a standalone one, empty list", "{\"l\":[]}", "a\n{{#l}}\nx\n{{/l}}\nb\n",
	 "a\nb\n"},

	{"Inverted: falsey", "{\"b\":false}", "\"{{^b}}seen{{/b}}\"", "\"seen\""},
	{"Inverted: truthy", "{\"b\":true}", "\"{{^b}}seen{{/b}}\"", "\"\""},
	{"Inverted: null is falsey", "{\"b\":null}", "\"{{^b}}seen{{/b}}\"", "\"seen\""},
	{"Inverted: empty text is falsey", "{\"b\":\"\"}", "\"{{^b}}seen{{/b}}\"", "\"seen\""},
	{"Inverted: context", "{\"c\":{\"name\":\"Joe\"}}", "[{{^c}}Hi {{name}}.{{/c}}]", "[]"},
	{"Inverted: list", "{\"l\":[{\"n\":1}]}", "[{{^l}}x{{/l}}]", "[]"},
	{"Inverted: empty list", "{\"l\":[]}", "[{{^l}}x{{/l}}]", "[x]"},
	{"Inverted: doubled", "{\"b\":false,\"t\":\"second\"}",
	 "{{^b}}\n* first\n{{/b}}\n* {{t}}\n{{^b}}\n* third\n{{/b}}\n",
	 "* first\n* second\n* third\n"},
	{"Inverted: nested (falsey)", "{\"b\":false}", "A {{^b}}B {{^b}}C{{/b}} D{{/b}} E",
	 "A B C D E"},
	{"Inverted: nested (truthy)", "{\"b\":true}", "A {{^b}}B {{^b}}C{{/b}} D{{/b}} E", "A  E"},
	{"Inverted: context misses", "{}", "[{{^m}}Cannot find it{{/m}}]", "[Cannot find it]"},
	{"Inverted: dotted names, broken chains", "{\"a\":{}}", "[{{^a.b.c}}Not{{/a.b.c}}]",
	 "[Not]"},
	{"Inverted: standalone lines", "{\"b\":false}", "| This Is\n{{^b}}\n|\n{{/b}}\n| A Line\n",
	 "| This Is\n|\n| A Line\n"},
	{"Inverted: standalone line endings", "{\"b\":false}", "|\r\n{{^b}}\r\n{{/b}}\r\n|",
	 "|\r\n|"},
	{"Inverted: standalone without previous line", "{\"b\":false}", "  {{^b}}\n^{{/b}}\n/",
	 "^\n/"},
	{"Inverted: standalone without newline", "{\"b\":false}", "^{{^b}}\n/\n  {{/b}}", "^\n/\n"},
	{"Inverted: padding", "{\"b\":false}", "|{{^ b }}={{/ b }}|", "|=|"},

	{"Comment: inline", "{}", "12345{{! Comment Block! }}67890", "1234567890"},
	{"Comment: multiline", "{}", "12345{{!\n  multi\n}}67890\n", "1234567890\n"},
	{"Comment: standalone", "{}", "Begin.\n{{! Block! }}\nEnd.\n", "Begin.\nEnd.\n"},
	{"Comment: indented standalone", "{}", "Begin.\n  {{! Block! }}\nEnd.\n", "Begin.\nEnd.\n"},
	{"Comment: standalone line endings", "{}", "|\r\n{{! Standalone }}\r\n|", "|\r\n|"},
	{"Comment: standalone without previous line", "{}", "  {{! still }}\n!", "!"},
	{"Comment: standalone without newline", "{}", "!\n  {{! still }}", "!\n"},
	{"Comment: multiline standalone", "{}", "Begin.\n{{!\nmore\n}}\nEnd.\n", "Begin.\nEnd.\n"},
	{"Comment: indented multiline standalone", "{}", "Begin.\n  {{!\n  more\n  }}\nEnd.\n",
	 "Begin.\nEnd.\n"},
	{"Comment: indented inline", "{}", "  12 {{! 34 }}\n", "  12 \n"},
	{"Comment: surrounding whitespace", "{}", "12345 {{! x }} 67890", "12345  67890"},
	{"Comment: variable name collision", "{\"! c\":1,\"c\":2}", "|{{! c }}|", "||"},
	{"Comment: two on a line", "{}", "{{! a }}{{! b }}\n", "\n"},
};

static void renders_as_the_specification_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		tv_auto_json *data = NULL;
		tv_auto_secret out = {0};
		struct tv_error err = {0};

		assert_int_equal(tv_json_parse(&data, cases[i].data, strlen(cases[i].data), NULL),
				 TV_OK);
		assert_int_equal(tv_template_check(cases[i].template, NULL, NULL), TV_OK);
		if (tv_template_render(&out, cases[i].template, data, &html, &err) ||
		    strcmp(tv_secret_text(&out), cases[i].expected) != 0)
			fail_msg("%s: <%s> %s", cases[i].name, tv_secret_text(&out), err.detail);
	}
}

static void refuses_other_templates(void **state)
{
	static const struct {
		const char *template;
		size_t line;
	} rows[] = {
		{"{{", 1},
		{"\n{{x", 2},
		{"{{x}", 1},
		{"{{}}", 1},
		{"{{ }}", 1},
		{"\n\n{{#a}}", 3},
		{"{{#a}}\n{{/b}}", 2},
		{"{{#a}}{{#b}}\n{{/a}}{{/b}}", 2},
		{"x\n{{/a}}", 2},
		{"{{^a}}{{/a}}{{/a}}", 1},
		{"{{{x}}}", 1},
		{"{{&x}}", 1},
		{"\n{{>x}}", 2},
		{"{{=<% %>=}}", 1},
		{"{{a b}}", 1},
		{"{{a..b}}", 1},
		{"{{.a}}", 1},
		{"{{a.}}", 1},
		{"{{..}}", 1},
		{"{{#}}", 1},
		{"{{! never closed", 1},
		{"{{a$}}", 1},
		{"{{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}}", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		tv_auto_json *data = tv_json_object();
		tv_auto_secret out = {0};
		size_t line = 0;
		struct tv_error err = {0};
		char expected[16];

		snprintf(expected, sizeof expected, "line %zu: ", rows[i].line);
		if (tv_template_check(rows[i].template, &line, &err) != TV_BAD_DEFINITION ||
		    line != rows[i].line || strncmp(err.detail, expected, strlen(expected)) != 0)
			fail_msg("<%s>: line %zu, %s", rows[i].template, line, err.detail);
		assert_int_equal(tv_template_render(&out, rows[i].template, data, &html, NULL),
				 TV_BAD_DEFINITION);
		assert_int_equal(out.len, 0);
	}
}

static enum tv_status nested(size_t depth)
{
	char template[1024] = "";
	size_t n = 0;

	for (size_t i = 0; i < depth; i++)
		n += (size_t)snprintf(template + n, sizeof template - n, "{{#a}}");
	for (size_t i = 0; i < depth; i++)
		n += (size_t)snprintf(template + n, sizeof template - n, "{{/a}}");
	return tv_template_check(template, NULL, NULL);
}

static void bounds_nesting(void **state)
{
	(void)state;
	assert_int_equal(nested(16), TV_OK);
	assert_int_equal(nested(17), TV_BAD_DEFINITION);
}

/* Eight sections over 20 items each would be 25 billion turns. */
static void bounds_work(void **state)
{
	static const char template[] = "{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}"
				       "{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}";
	tv_auto_json *data = tv_json_object();
	struct tv_json *list = tv_json_array();
	tv_auto_secret out = {0};

	(void)state;
	for (int i = 0; i < 20; i++)
		assert_true(tv_json_put_int(list, NULL, i));
	assert_true(tv_json_put(data, "a", list));
	assert_int_equal(tv_template_render(&out, template, data, &html, NULL), TV_BAD_DEFINITION);
}

/* A value that its file can't hold fails the whole rendering, which leaves nothing of itself. */
static void passes_refusals_up(void **state)
{
	const size_t before = tv_arena_in_use();
	struct tv_json *data = tv_json_object();
	tv_auto_secret out = {0};
	struct tv_error err = {0};

	(void)state;
	assert_true(tv_json_put_text(data, "a", "x\ny"));
	assert_int_equal(
		tv_template_render(&out, "k={{a}}\n", data, tv_escape_by_name("none"), &err),
		TV_BAD_VALUE);
	assert_null(strstr(err.detail, "x\ny"));
	assert_int_equal(out.len, 0);
	tv_json_free(data);
	assert_int_equal(tv_arena_in_use(), before);
}

/* What is inside is not escaped, the encoding is; a filter is no section. */
static void filters(void **state)
{
	static const struct {
		const char *rule;
		const char *template;
		const char *expected;
	} rows[] = {
		{"json", "{{#base64}}{{a}}:{{b}}{{/base64}}", "\"QSAiOmI/\""},
		{"none", "{{#base64}}{{a}}{{/base64}}", "QSAi"},
		{"none", "{{#uri}}{{a}}/{{b}}{{/uri}}", "A%20%22%2Fb%3F"},
		{"yaml", "{{#uri}}{{#base64}}{{b}}{{/base64}}{{/uri}}", "Yj8%3D"},
		{"none", "{{#base64}}{{#uri}}{{b}}{{/uri}}{{/base64}}", "YiUzRg=="},
		{"none", "<{{#base64}}{{none}}{{/base64}}>", "<>"},
		{"json", "{{#base64}}{{/base64}}", "\"\""},
		{"json", "{{#uri}}{{none}}{{/uri}}", "\"\""},
		{"none", "{{#l}}{{#base64}}{{.}}{{a}}{{/base64}},{{/l}}", "MUEgIg==,MkEgIg==,"},
		{"none", "{{#base64}}{{#l}}{{.}}{{/l}}{{^l}}x{{/l}}{{/base64}}", "MTI="},
		{"json", "{{#l}}{{#uri}} {{/uri}}{{b}}{{/l}}", "\"%20\"\"b?\"\"%20\"\"b?\""},
		{"none", "a\n{{#uri}}\n{{b}}\n{{/uri}}\nc\n", "a\nb%3F%0Ac\n"},
		{"none", "{{^base64}}seen{{/base64}}{{base64}}", "seen"},
		{"none", "{{#uri}}{{n}}{{/uri}}", "%0A%01"},
	};
	tv_auto_json *data = NULL;
	static const char text[] =
		"{\"a\":\"A \\\"\",\"b\":\"b?\",\"l\":[1,2],\"n\":\"\\n\\u0001\"}";

	(void)state;
	assert_int_equal(tv_json_parse(&data, text, strlen(text), NULL), TV_OK);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		tv_auto_secret out = {0};
		struct tv_error err = {0};

		if (tv_template_render(&out, rows[i].template, data,
				       tv_escape_by_name(rows[i].rule), &err) ||
		    strcmp(tv_secret_text(&out), rows[i].expected) != 0)
			fail_msg("%s: <%s> %s", rows[i].template, tv_secret_text(&out), err.detail);
	}
}

/* The inside, the encoding and a refusal between them leave nothing in the arena. */
static void filters_leave_nothing(void **state)
{
	const size_t before = tv_arena_in_use();
	struct tv_json *data = tv_json_object();
	struct tv_secret out = {0};

	(void)state;
	assert_true(tv_json_put_text(data, "a", "x y"));
	assert_int_equal(tv_template_render(&out, "{{#uri}}{{a}}{{/uri}}{{a}}", data,
					    tv_escape_by_name("netrc"), NULL),
			 TV_BAD_VALUE);
	assert_int_equal(tv_template_render(&out, "{{#base64}}{{#uri}}{{a}}{{/uri}}{{/base64}}",
					    data, tv_escape_by_name("netrc"), NULL),
			 TV_OK);
	tv_secret_free(&out);
	tv_json_free(data);
	assert_int_equal(tv_arena_in_use(), before);
}

struct seen {
	char names[256];
};

static void see(const char *name, size_t line, void *arg)
{
	struct seen *s = arg;
	const size_t n = strlen(s->names);

	snprintf(s->names + n, sizeof s->names - n, "%s:%zu ", name, line);
}

static void tells_names(void **state)
{
	struct seen seen = {""};

	(void)state;
	tv_template_names("{{a}}\n{{! no }}{{#b.c}}\n{{ . }}{{/b.c}}\n{{^d}}{{/d}}"
			  "{{#uri}}{{e}}{{/uri}}{{^base64}}{{/base64}}",
			  see, &seen);
	assert_string_equal(seen.names, "a:1 b.c:2 .:3 d:4 e:4 base64:4 ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(renders_as_the_specification_says),
		cmocka_unit_test(refuses_other_templates),
		cmocka_unit_test(bounds_nesting),
		cmocka_unit_test(bounds_work),
		cmocka_unit_test(passes_refusals_up),
		cmocka_unit_test(filters),
		cmocka_unit_test(filters_leave_nothing),
		cmocka_unit_test(tells_names),
	};

	if (tv_init(NULL))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
