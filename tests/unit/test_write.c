/* JSON that is written piece by piece: numbers, and what has to be escaped, wherever it stands. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "vault/write.h"

static int set_up(void **state)
{
	(void)state;
	assert_ok(tv_init(NULL));
	return 0;
}

static void check_digits(int64_t number)
{
	char room[TV_DIGITS], expected[32];

	snprintf(expected, sizeof expected, "%" PRId64, number);
	assert_string_equal(tv_digits(room, number), expected);
}

static void digits(void **state)
{
	(void)state;
	for (int64_t n = -12345; n <= 12345; n++)
		check_digits(n);
	for (int64_t n = 1; n < INT64_MAX / 10; n *= 10)
		for (int64_t by = -101; by <= 101; by++)
			check_digits(n + by);
	check_digits(INT64_MAX);
	check_digits(INT64_MIN);
	check_digits(1700000000);
}

/* As RFC 8259 wants it, a byte at a time. */
static void expect(char *out, const char *text)
{
	static const char letters[] = "\bb\ff\nn\rr\tt\"\"\\\\";

	*out++ = '"';
	for (; *text; text++) {
		const char *l = letters;

		while (*l && *l != *text)
			l += 2;
		if (*l)
			out += sprintf(out, "\\%c", l[1]);
		else if ((unsigned char)*text < ' ')
			out += sprintf(out, "\\u%04x", (unsigned char)*text);
		else
			*out++ = *text;
	}
	strcpy(out, "\"");
}

static void check_text(const char *text)
{
	tv_auto_secret out = {0};
	char expected[1024];

	tv_write_text(&out, NULL, text);
	expect(expected, text);
	assert_ok(tv_secret_check(&out, NULL));
	assert_string_equal(tv_secret_text(&out), expected);
}

static void escapes(void **state)
{
	char text[128];

	(void)state;
	for (size_t len = 1; len <= 40; len++)
		for (size_t at = 0; at < len; at++)
			for (int c = 1; c < 256; c++) {
				memset(text, 'x', len);
				text[len] = '\0';
				text[at] = (char)c;
				check_text(text);
			}
	for (size_t len = 0; len <= 100; len++) {
		memset(text, 1, len);
		text[len] = '\0';
		check_text(text);
	}
}

static void commas(void **state)
{
	tv_auto_secret out = {0};

	(void)state;
	/* What is not text may stand before it. */
	tv_secret_fill(&out, 1);
	tv_write_open(&out, NULL, '{');
	tv_write_text(&out, "a", NULL);
	tv_write_open(&out, "b", '[');
	tv_write_int(&out, NULL, 100);
	tv_write_bool(&out, NULL, true);
	tv_write_open(&out, NULL, '{');
	tv_write_close(&out, '}');
	tv_write_close(&out, ']');
	tv_write_bool(&out, "c", false);
	tv_write_close(&out, '}');
	assert_string_equal(tv_secret_text(&out) + 1,
			    "{\"a\":null,\"b\":[100,true,{}],\"c\":false}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digits),
		cmocka_unit_test(escapes),
		cmocka_unit_test(commas),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
