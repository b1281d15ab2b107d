/* The server's own hand at the audit log: it writes with what is lent, and says so when it can't. */
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "audit_log.h"
#include "fusefs/errand.h"
#include "fusefs/server.h"

static struct tv_server server;
static struct tv_audit *keeper;
static int n_asked;
static bool is_behind;

void tv_errand_lend(struct tv_server *s)
{
	assert_ptr_equal(s, &server);
	n_asked++;
}

bool tv_who_is_behind(const struct tv_who *w)
{
	assert_ptr_equal(w, &server.who);
	return is_behind;
}

static void lend(void)
{
	struct tv_audit_lent lent;

	assert_true(tv_audit_lend(&lent, keeper));
	for (uint32_t i = 0; i < TV_LENT_ALL; i++)
		tv_pen_take(&server, i, lent.fd[i]);
}

static bool try(const char *file)
{
	static const char line[] = "\"pid\":1";
	struct tv_caller caller = {.line = 1, .text_len = sizeof line + 1};
	tv_auto_bytes event = {0};

	memcpy(caller.text + 1, line, sizeof line);
	tv_line_text(&event, "event", "open");
	tv_line_text(&event, "file", file);
	return tv_pen_write(&server, &event, &caller);
}

static int lowest_free(void)
{
	const int fd = dup(0);

	close(fd);
	return fd;
}

static int lowest;

static int set_up(void **state)
{
	if (log_set_up(state))
		return -1;
	keeper = log_open(*state, TV_AUDIT_FILE_BYTES);
	log_begin(keeper, *state);
	log_write(keeper, "unlock", "/0");
	n_asked = 0;
	is_behind = false;
	tv_pen_start(&server.pen);
	server.who.openers.until = tv_now_ms() + 1000;
	lowest = lowest_free();
	return 0;
}

/* Whatever came is closed again. */
static int tear_down(void **state)
{
	tv_pen_drop(&server.pen);
	if (lowest_free() != lowest)
		return -1;
	tv_audit_free(keeper);
	return log_tear_down(state);
}

static void test_lent(void **state)
{
	assert_false(try("/1"));
	assert_int_equal(n_asked, 1);
	server.pen.asks_at += 60000;
	assert_false(try("/1"));
	assert_int_equal(n_asked, 1);
	lend();
	assert_true(try("/2"));
	log_write(keeper, "open", "/3");
	assert_true(try("/4"));
	assert_true(try("/5"));
	assert_int_equal(n_asked, 1);
	assert_found(*state, "");
	assert_int_equal(log_count(*state, "\"pid\":1"), 3);
	assert_int_equal(log_count(*state, "/1"), 0);
}

/* It is asked for in time, and not for ever. */
static void test_until(void **state)
{
	(void)state;
	lend();
	assert_true(try("/1"));
	assert_int_equal(n_asked, 0);
	/* Nearly over; then over. */
	server.pen.until -= 950;
	assert_true(try("/2") || server.pen.until <= tv_now_ms());
	assert_int_equal(n_asked, 1);
	server.pen.until = tv_now_ms();
	server.pen.asks_at = tv_now_ms() + 60000;
	assert_false(try("/3"));
	assert_int_equal(n_asked, 1);
	server.pen.asks_at = tv_now_ms();
	assert_false(try("/3"));
	assert_int_equal(n_asked, 2);
	/* It did not come. */
	assert_in_range(server.pen.asks_at - tv_now_ms(), 500, 1000);
	lend();
	assert_true(try("/3"));
}

static void test_not_now(void **state)
{
	const struct world *w = *state;
	const struct tv_caller unnoted = {.text_len = 1};
	tv_auto_bytes event = {0}, none = {.failed = true}, unsound = {0};
	struct tv_caller caller = {.line = 1, .text_len = 3, .text = "\0x"};
	char path[256];
	int fd;

	lend();
	is_behind = true;
	assert_false(try("/1"));
	is_behind = false;
	tv_line_text(&event, "event", "open");
	assert_false(tv_pen_write(&server, &event, &unnoted));
	assert_false(tv_pen_write(&server, &none, &caller));
	/* It is no part of a line: the keeper counts it. */
	tv_bytes_append(&unsound, "\1", 1);
	assert_false(tv_pen_write(&server, &unsound, &caller));
	log_path(path, w, ".key");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_false(try("/1"));
	close(fd);
	assert_true(try("/2"));
	assert_int_equal(n_asked, 0);
	assert_int_equal(log_count(w, "/1"), 0);
	assert_found(w, "");
}

/* What is of no use any more is given back at once. */
static void test_given_back(void **state)
{
	lend();
	assert_true(try("/1"));
	log_append(*state, "half a line");
	assert_false(try("/2"));
	assert_null(server.pen.audit);
	assert_int_equal(lowest_free(), lowest);
	assert_false(try("/2"));
	assert_int_equal(n_asked, 1);
	log_write(keeper, "open", "/2");
	lend();
	assert_true(try("/3"));
	/* Nobody is known any more. */
	server.who.openers.until = 0;
	lend();
	assert_null(server.pen.audit);
	assert_int_equal(lowest_free(), lowest);
}

/* From a keeper that does not keep to it. */
static void test_out_of_order(void **state)
{
	(void)state;
	tv_pen_take(&server, TV_LENT_TAIL, dup(0));
	tv_pen_take(&server, TV_LENT_TAIL, dup(0));
	tv_pen_take(&server, TV_LENT_ALL, dup(0));
	tv_pen_take(&server, UINT32_MAX, -1);
	tv_pen_take(&server, TV_LENT_LOG, -1);
	assert_null(server.pen.audit);
	lend();
	assert_true(try("/1"));
	tv_pen_take(&server, TV_LENT_KEY, -1);
	assert_false(try("/2"));
	tv_pen_take(&server, TV_LENT_LOG, open("/dev/null", O_RDWR | O_CLOEXEC));
	tv_pen_take(&server, TV_LENT_TAIL, open("/dev/null", O_RDWR | O_CLOEXEC));
	tv_pen_take(&server, TV_LENT_KEY, open("/dev/null", O_RDWR | O_CLOEXEC));
	assert_false(try("/2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_lent, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_until, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_not_now, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_given_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_out_of_order, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
