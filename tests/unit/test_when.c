/* Times as people write them, and what a token says of its own end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <time.h>

#include "vault/vault.h"

#define NOW 1790000000 /* 2026-09-21T14:13:20Z */

static void reads_times(void **state)
{
	static const struct {
		const char *text;
		int64_t when;
	} rows[] = {
		{"never", TV_NEVER},
		{"1h", NOW + 3600},
		{"12h", NOW + 12 * 3600},
		{"30d", NOW + 30 * 86400},
		{"8w", NOW + 56 * 86400},
		{"2027-08-19", 1818719999},
		{"2028-02-29", 1835481599},
		{"2027-08-19T00:18:59Z", 1818634739},
		{"2027-08-19t00:18:59z", 1818634739},
		{"2027-08-19 00:18:59Z", 1818634739},
		{"2027-08-19T00:18:59.123456Z", 1818634739},
		{"2027-08-19T02:18:59+02:00", 1818634739},
		{"2027-08-18T19:48:59-04:30", 1818634739},
		{"9999-12-31", 253402300799},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int64_t when = -1;

		if (tv_when_parse(&when, rows[i].text, NOW, NULL) || when != rows[i].when)
			fail_msg("%s: %lld", rows[i].text, (long long)when);
	}
}

static void refuses_other_times(void **state)
{
	static const char *const rows[] = {
		"",
		" ",
		"d",
		"30",
		"30m",
		"30d ",
		" 30d",
		"-1d",
		"+1d",
		"0d",
		"1.5d",
		"Never",
		"2027-8-19",
		"2027-02-29",
		"2027-13-01",
		"2027-00-10",
		"2027-06-31",
		"2027-08-19x",
		"2027-08-19T",
		"2027-08-19T00:18Z",
		"2027-08-19T00:18:59",
		"2027-08-19T24:00:00Z",
		"2027-08-19T00:60:00Z",
		"2027-08-19T00:18:59.Z",
		"2027-08-19T00:18:59+2:00",
		"2027-08-19T00:18:59Zx",
		"2026-09-21T14:13:20Z",
		"2026-09-20",
		"1969-12-31",
		"99999999999999999999d",
		"9999999999h",
		"20270819",
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int64_t when = -1;

		if (tv_when_parse(&when, rows[i], NOW, NULL) != TV_BAD_VALUE || when != -1)
			fail_msg("%s was taken for %lld", rows[i], (long long)when);
	}
}

static void prints_times(void **state)
{
	char text[TV_WHEN_CHARS];

	(void)state;
	tv_when_print(text, 1818634739);
	assert_string_equal(text, "2027-08-19T00:18:59Z");
	tv_when_print(text, INT64_MAX);
	assert_string_equal(text, "9999-12-31T23:59:59Z");
	tv_when_print(text, -5);
	assert_string_equal(text, "1970-01-01T00:00:00Z");
}

/* Every day that the form has, at a second of its own, as the C library has it. */
static void prints_every_day(void **state)
{
	(void)state;
	for (int64_t day = 0; day * 86400 <= 253402300799; day++) {
		time_t when = (time_t)(day * 86400 + day % 86400);
		char text[TV_WHEN_CHARS], wanted[TV_WHEN_CHARS];
		struct tm tm;

		tv_when_print(text, when);
		gmtime_r(&when, &tm);
		strftime(wanted, sizeof wanted, "%Y-%m-%dT%H:%M:%SZ", &tm);
		assert_string_equal(text, wanted);
	}
}

/* Claims and their base64url were made by another program. */
static void finds_a_tokens_end(void **state)
{
	static const struct {
		const char *token;
		bool is_jwt;
		int64_t exp;
	} rows[] = {
		/* {"exp":1818634739} */
		{"eyJhbGciOiJub25lIn0.eyJleHAiOjE4MTg2MzQ3Mzl9.c2ln", true, 1818634739},
		{"eyJhbGciOiJub25lIn0.eyJleHAiOjE4MTg2MzQ3Mzl9.", true, 1818634739},
		{"eyJhbGciOiJub25lIn0.eyJleHAiOjE4MTg2MzQ3Mzl9.signature", true, 1818634739},
		/* {"exp":1818634739.9} {"exp":-7} {"exp":0} {"exp":1e30} {"exp":"1818634739"} */
		{"eyJhbGciOiJub25lIn0.eyJleHAiOjE4MTg2MzQ3MzkuOX0.c2ln", true, 1818634739},
		{"eyJhbGciOiJub25lIn0.eyJleHAiOi03fQ.c2ln", true, 1},
		{"eyJhbGciOiJub25lIn0.eyJleHAiOjB9.c2ln", true, 1},
		{"eyJhbGciOiJub25lIn0.eyJleHAiOjFlMzB9.c2ln", true, 253402300799},
		{"eyJhbGciOiJub25lIn0.eyJleHAiOiIxODE4NjM0NzM5In0.c2ln", true, TV_NEVER},
		/* {} and {"exp":null} */
		{"eyJhbGciOiJub25lIn0.e30.c2ln", true, TV_NEVER},
		{"eyJhbGciOiJub25lIn0.eyJleHAiOm51bGx9.c2ln", true, TV_NEVER},
		/* two segments, four, padding, no objects, no base64url, nothing */
		{"eyJhbGciOiJub25lIn0.eyJleHAiOjE4MTg2MzQ3Mzl9", false, TV_NEVER},
		{"eyJhbGciOiJub25lIn0.eyJleHAiOjE4MTg2MzQ3Mzl9.c2ln.c2ln", false, TV_NEVER},
		{"eyJhbGciOiJub25lIn0=.eyJleHAiOjE4MTg2MzQ3Mzl9.c2ln", false, TV_NEVER},
		{"WzFd.eyJleHAiOjE4MTg2MzQ3Mzl9.c2ln", false, TV_NEVER},
		{"eyJhbGciOiJub25lIn0.WzFd.c2ln", false, TV_NEVER},
		{"eyJhbGciOiJub25lIn0.eyJleHAiOjE4MTg2MzQ3Mzl9.c2 n", false, TV_NEVER},
		{"gho_abcdef", false, TV_NEVER},
		{"..", false, TV_NEVER},
		{"", false, TV_NEVER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		tv_auto_secret token = {0};

		tv_secret_puts(&token, rows[i].token);
		if (tv_token_is_jwt(&token) != rows[i].is_jwt ||
		    tv_jwt_expiry(&token) != rows[i].exp)
			fail_msg("%s: %lld", rows[i].token, (long long)tv_jwt_expiry(&token));
	}
}

/* What comes after a NUL is part of the token, and no base64url. */
static void minds_a_nul(void **state)
{
	static const char text[] = "eyJhbGciOiJub25lIn0.eyJleHAiOjE4MTg2MzQ3Mzl9.c2ln";
	tv_auto_secret token = {0};

	(void)state;
	tv_secret_append(&token, text, sizeof text);
	assert_false(tv_token_is_jwt(&token));
}

static void leaves_nothing_in_the_arena(void **state)
{
	const size_t before = tv_arena_in_use();
	tv_auto_secret token = {0};

	(void)state;
	tv_secret_puts(&token, "eyJhbGciOiJub25lIn0.eyJleHAiOjE4MTg2MzQ3Mzl9.c2ln");
	assert_int_equal(tv_jwt_expiry(&token), 1818634739);
	tv_secret_free(&token);
	assert_int_equal(tv_arena_in_use(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_times),
		cmocka_unit_test(refuses_other_times),
		cmocka_unit_test(prints_times),
		cmocka_unit_test(prints_every_day),
		cmocka_unit_test(finds_a_tokens_end),
		cmocka_unit_test(minds_a_nul),
		cmocka_unit_test(leaves_nothing_in_the_arena),
	};

	if (tv_init(NULL))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
