/* What each escape rule writes, and what it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "vault/escape.h"
#include "vault/vault.h"

#define JWT "eyJhbGciOiJub25lIn0.eyJleHAiOjE4MTg2MzQ3Mzl9.c2ln-_x"

/* expected NULL: refused. */
struct row {
	const char *rule;
	const char *text;
	const char *expected;
};

static void check(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct row *r = &rows[i];
		const struct tv_escape *rule = tv_escape_by_name(r->rule);
		tv_auto_secret out = {0};
		enum tv_status status;

		assert_non_null(rule);
		tv_secret_puts(&out, ">");
		status = rule->append(&out, r->text, NULL);
		if (r->expected ? status || strcmp(tv_secret_text(&out) + 1, r->expected) != 0
				: status != TV_BAD_VALUE || out.len != 1)
			fail_msg("%s of <%s>: %d <%s>", r->rule, r->text, (int)status,
				 tv_secret_text(&out));
	}
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof *(rows))

static void yaml_is_plain_when_it_is_safe(void **state)
{
	static const char *const plain[] = {
		JWT,
		"ci",
		"default",
		"gho_16C7e42F292c6912E7",
		"a.b-c_d",
		"x=",
		"https://api.api7.cloud",
		"https://h:8080/p",
		"9f8eac",
		"3scale",
		"a:b",
		"1x",
		"nope",
		"https://user@h/",
		"_x",
		"/etc/x",
		"trues",
		"ab+/==",
	};
	static const char *const quoted[] = {
		"",	"true",	 "True",   "FALSE",	 "yes",
		"No",	"on",	 "OFF",	   "y",		 "N",
		"null", "Null",	 "~",	   "nan",	 ".nan",
		".inf", "-.inf", "1",	   "01",	 "0o7",
		"0x1f", "0b1",	 "1.0",	   "1.",	 ".5",
		"1e5",	"1E5",	 "1e+5",   "1_000",	 "+1",
		"-1",	"1:30",	 "1:30:5", "2020-01-01", "2001-12-14T21:59:43.10Z",
		"=",	"<<",	 "- a",	   "-",		 "---",
		"...",	"? a",	 "?",	   ":",		 ": a",
		"a:",	"a: b",	 "a #b",   "#a",	 "a,b",
		"[a]",	"{a}",	 "&a",	   "*a",	 "!a",
		"|",	">",	 "%a",	   "@a",	 "`a",
		"a b",	" a",	 "a ",	   "'a'",	 "x'y",
		"a]",	"0xg",
	};

	(void)state;
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		check(&(struct row){"yaml", plain[i], plain[i]}, 1);
	for (size_t i = 0; i < sizeof quoted / sizeof *quoted; i++) {
		tv_auto_secret expected = {0};

		tv_secret_putc(&expected, '"');
		tv_secret_puts(&expected, quoted[i]);
		tv_secret_putc(&expected, '"');
		check(&(struct row){"yaml", quoted[i], tv_secret_text(&expected)}, 1);
	}
}

static void yaml_quotes_what_is_awkward(void **state)
{
	static const struct row rows[] = {
		{"yaml", "a\"b\\c", "\"a\\\"b\\\\c\""},
		{"yaml", "a\nb\rc\td\x7f", "\"a\\x0Ab\\x0Dc\\x09d\\x7F\""},
		{"yaml", "gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\""},
		{"yaml", "\xc2\x85\xe2\x80\xa8\xef\xbb\xbf", "\"\\x85\\u2028\\uFEFF\""},
		{"yaml", "\xff", NULL},
		{"yaml", "\xc0\x80", NULL},
	};

	(void)state;
	CHECK(rows);
}

static void toml_and_json(void **state)
{
	static const struct row rows[] = {
		{"toml", "", "''"},
		{"toml", JWT, "'" JWT "'"},
		{"toml", "a\"b\\c#", "'a\"b\\c#'"},
		{"toml", "it's", "\"it's\""},
		{"toml", "'''", "\"'''\""},
		{"toml", "a\tb", "\"a\\tb\""},
		{"toml", "'\"\\\n\x01\x7f", "\"'\\\"\\\\\\n\\u0001\\u007F\""},
		{"toml", "\xff", NULL},
		{"toml-basic", "a", "\"a\""},
		{"toml-basic", "a\"b\\c\b\f\r", "\"a\\\"b\\\\c\\b\\f\\r\""},
		{"toml-basic", "\xe2\x82", NULL},
		{"json", "", "\"\""},
		{"json", "a/b\"\\\n\x1f", "\"a/b\\\"\\\\\\n\\u001F\""},
		{"json", "\xed\xa0\x80", NULL},
	};

	(void)state;
	CHECK(rows);
}

static void files_of_lines(void **state)
{
	static const struct row rows[] = {
		{"ini", "", ""},
		{"ini", JWT, JWT},
		{"ini", "a b=c:[d]", "a b=c:[d]"},
		{"ini", " a", NULL},
		{"ini", "a ", NULL},
		{"ini", "a\xc2\xa0", NULL},
		{"ini", "a\nb", NULL},
		{"ini",
		 "a\xe2\x80\xa8"
		 "b",
		 NULL},
		{"ini", "a\tb", NULL},
		{"ini", "a ;b", NULL},
		{"ini", "#a", NULL},
		{"ini", "\"a\"", NULL},
		{"ini", "a\\", NULL},
		{"ini", "100%", NULL},
		{"ini", "a$b", "a$b"},
		{"ini", "a${b}", NULL},
		{"netrc", JWT, JWT},
		{"netrc", "a#b;c", "a#b;c"},
		{"netrc", "", NULL},
		{"netrc", "a b", NULL},
		{"netrc", "a\tb", NULL},
		{"netrc", "a\nb", NULL},
		{"netrc", "#a", NULL},
		{"netrc", "a\"b", NULL},
		{"netrc", "a\\b", NULL},
		{"none", "a b\"'\\#", "a b\"'\\#"},
		{"none", "", ""},
		{"none", "a\nb", NULL},
		{"none", "a\rb", NULL},
		{"none", "a\x1b[m", NULL},
		{"none", "a\x7f", NULL},
		{"none", "a\xc2\x85", NULL},
		{"none", "\xff", NULL},
	};

	(void)state;
	CHECK(rows);
}

static void shell_words(void **state)
{
	static const struct row rows[] = {
		{"shell", JWT, JWT},
		{"shell", "a=b", "a=b"},
		{"shell", "", "''"},
		{"shell", "=ls", "'=ls'"},
		{"shell", "~", "'~'"},
		{"shell", "a b", "'a b'"},
		{"shell", "$(id)`id`\\", "'$(id)`id`\\'"},
		{"shell", "it's", "'it'\\''s'"},
		{"shell", "'", "''\\'''"},
		{"shell", "gr\xc3\xbc", "'gr\xc3\xbc'"},
	};

	(void)state;
	CHECK(rows);
}

static void addresses(void **state)
{
	static const struct row rows[] = {
		{"uri", JWT, JWT},
		{"uri", "", ""},
		{"uri", "a-b._~Z9", "a-b._~Z9"},
		{"uri", "../x?y#z", "..%2Fx%3Fy%23z"},
		{"uri", "a:b@c d%", "a%3Ab%40c%20d%25"},
		{"uri", "a+b&c=d'\"", "a%2Bb%26c%3Dd%27%22"},
		{"uri", "\r\n\x7f", "%0D%0A%7F"},
		{"uri", "\xc3\xbc", "%C3%BC"},
		{"uri", "\xff", "%FF"},
	};

	(void)state;
	CHECK(rows);
}

static void every_rule_has_its_name(void **state)
{
	size_t n = 0;

	(void)state;
	for (const struct tv_escape *const *e = tv_escapes(); *e; e++, n++)
		assert_ptr_equal(tv_escape_by_name((*e)->name), *e);
	assert_int_equal(n, 9);
	assert_null(tv_escape_by_name("html"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(yaml_is_plain_when_it_is_safe),
		cmocka_unit_test(yaml_quotes_what_is_awkward),
		cmocka_unit_test(toml_and_json),
		cmocka_unit_test(files_of_lines),
		cmocka_unit_test(shell_words),
		cmocka_unit_test(addresses),
		cmocka_unit_test(every_rule_has_its_name),
	};

	if (tv_init(NULL))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
