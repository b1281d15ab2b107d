/* Secrets read from where their length is not known before. */
#include <string.h>
#include <unistd.h>

#include "fixture.h"

#define LIMIT 20000

/* So many bytes, in pieces of so many. */
static int pipe_with(size_t len, size_t piece)
{
	int ends[2];

	assert_false(pipe(ends));
	if (!fork()) {
		char bytes[LIMIT + 16];

		close(ends[0]);
		for (size_t i = 0; i < sizeof bytes; i++)
			bytes[i] = (char)('a' + i % 23);
		for (size_t at = 0; at < len; at += piece)
			if (write(ends[1], bytes + at, len - at < piece ? len - at : piece) < 0)
				_exit(1);
		_exit(0);
	}
	close(ends[1]);
	return ends[0];
}

static void test_read(void **state)
{
	static const size_t lengths[] = {0, 1, 40, 1023, 1024, 1025, 4097, LIMIT - 1, LIMIT};
	static const size_t pieces[] = {1, 1000, LIMIT};

	(void)state;
	for (size_t i = 0; i < 3 * sizeof lengths / sizeof *lengths; i++) {
		const size_t len = lengths[i / 3];
		const int fd = pipe_with(len, pieces[i % 3]);
		tv_auto_secret s = {0};

		tv_secret_puts(&s, "before");
		assert_ok(tv_secret_read(&s, fd, LIMIT, "it", NULL));
		close(fd);
		assert_int_equal(s.len, 6 + len);
		assert_int_equal(strlen(tv_secret_text(&s)), 6 + len);
		for (size_t at = 0; at < len; at++)
			assert_int_equal(s.data[6 + at], 'a' + at % 23);
	}
}

static void test_too_long(void **state)
{
	const int fd = pipe_with(LIMIT + 1, LIMIT + 1);
	tv_auto_secret s = {0};

	(void)state;
	assert_status(tv_secret_read(&s, fd, LIMIT, "it", NULL), TV_BAD_VALUE);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_read),
					   cmocka_unit_test(test_too_long)};

	if (tv_init(NULL))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
