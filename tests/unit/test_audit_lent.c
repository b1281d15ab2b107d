/* A log that is written to by what was lent: two who write take turns, and what is there can't be changed by it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#include "audit_log.h"

static struct tv_audit *borrow(const struct tv_audit *from, off_t most)
{
	struct tv_audit_lent lent;
	struct tv_audit *a;

	assert_true(tv_audit_lend(&lent, from));
	assert_ok(tv_audit_borrow(&a, &lent, most, NULL));
	for (size_t i = 0; i < TV_LENT_ALL; i++)
		assert_int_equal(lent.fd[i], -1);
	return a;
}

static void begin(struct tv_audit *a, const struct world *w)
{
	log_begin(a, w);
	log_write(a, "open", "/0");
}

static enum tv_status try(struct tv_audit *a, const char *file)
{
	log_say(a, "open", file);
	return tv_audit_write(a, NULL);
}

static void turns(void **state)
{
	const struct world *w = *state;
	struct tv_audit *ours = log_open(w, TV_AUDIT_FILE_BYTES), *theirs;
	size_t len;

	begin(ours, w);
	theirs = borrow(ours, TV_AUDIT_FILE_BYTES);
	for (int i = 0; i < 9; i++)
		log_write(i % 3 ? theirs : ours, "open", "/one");
	/* Another epoch. */
	log_begin(ours, w);
	log_write(ours, "open", "/two");
	log_write(theirs, "open", "/two");
	tv_audit_free(theirs);
	log_write(ours, "open", "/three");
	tv_audit_free(ours);
	assert_found(w, "");
	assert_int_equal(text_lines(log_read(w, "", &len)), 13);
	assert_int_equal(log_count(w, "\"event\":\"open\""), 13);
}

/* Who was killed between the line and the key had lent it, or not. */
static void key_behind(void **state)
{
	const struct world *w = *state;
	struct tv_audit *ours = log_open(w, TV_AUDIT_FILE_BYTES), *theirs;

	begin(ours, w);
	log_copy(w, ".key", ".was");
	log_write(ours, "open", "/1");
	log_write(ours, "open", "/2");
	log_copy(w, ".was", ".key");
	theirs = borrow(ours, TV_AUDIT_FILE_BYTES);
	log_write(theirs, "open", "/3");
	tv_audit_free(theirs);
	tv_audit_free(ours);
	assert_found(w, "");
}

static void nothing_to_lend(void **state)
{
	const struct world *w = *state;
	struct tv_audit *ours = log_open(w, TV_AUDIT_FILE_BYTES), *theirs;
	struct tv_audit_lent lent;
	char path[256], key[256];

	assert_false(tv_audit_lend(&lent, ours));
	for (size_t i = 0; i < TV_LENT_ALL; i++)
		assert_int_equal(lent.fd[i], -1);
	begin(ours, w);
	theirs = borrow(ours, TV_AUDIT_FILE_BYTES);
	log_path(path, w, "");
	log_path(key, w, ".was");
	assert_int_equal(rename(path, key), 0);
	assert_false(tv_audit_lend(&lent, ours));
	assert_int_equal(symlink(key, path), 0);
	assert_false(tv_audit_lend(&lent, ours));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rename(key, path), 0);
	log_path(key, w, ".key");
	assert_int_equal(unlink(key), 0);
	assert_false(tv_audit_lend(&lent, ours));
	/* Who meets nobody there any more does not write. */
	assert_status(try(theirs, "/1"), TV_IO);
	assert_status(try(theirs, "/1"), TV_IO);
	assert_int_equal(log_count(w, "/1"), 0);
	tv_audit_free(theirs);
	tv_audit_free(ours);
}

/* What has to be waited for, mended or rotated is for whoever lent it; nothing is counted as lost. */
static void busy(void **state)
{
	const struct world *w = *state;
	struct tv_audit *ours = log_open(w, TV_AUDIT_FILE_BYTES), *theirs;
	char path[256];
	int fd;

	begin(ours, w);
	theirs = borrow(ours, TV_AUDIT_FILE_BYTES);
	log_path(path, w, ".key");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_status(try(theirs, "/1"), TV_BUSY);
	close(fd);
	assert_ok(try(theirs, "/2"));
	tv_audit_free(theirs);
	tv_audit_free(ours);
	assert_found(w, "");
	assert_int_equal(log_count(w, "/1"), 0);
}

static void cut_off(void **state)
{
	const struct world *w = *state;
	struct tv_audit *ours = log_open(w, TV_AUDIT_FILE_BYTES), *theirs;
	size_t len;

	begin(ours, w);
	theirs = borrow(ours, TV_AUDIT_FILE_BYTES);
	log_append(w, "{\"epoch\":");
	assert_status(try(theirs, "/1"), TV_IO);
	log_write(ours, "open", "/1");
	assert_ok(try(theirs, "/2"));
	/* Emptied by somebody: which file it is now is not seen from here. */
	log_put(w, "", "", 0);
	assert_status(try(theirs, "/3"), TV_IO);
	log_put(w, "", "\n", 1);
	assert_status(try(theirs, "/3"), TV_IO);
	log_write(ours, "open", "/3");
	assert_non_null(strstr(log_read(w, "", &len), "\"event\":\"gap\""));
	assert_ok(try(theirs, "/4"));
	tv_audit_free(theirs);
	tv_audit_free(ours);
}

static void full(void **state)
{
	const struct world *w = *state;
	struct tv_audit *ours = log_open(w, LOG_MOST), *theirs;
	enum tv_status status;
	size_t n = 0;

	begin(ours, w);
	for (int i = 0; i < 40; i++) {
		theirs = borrow(ours, LOG_MOST);
		while (!(status = try(theirs, "/some")))
			n++;
		assert_int_equal(status, TV_IO);
		assert_status(try(theirs, "/some"), TV_IO);
		log_write(ours, "open", "/some");
		n++;
		tv_audit_free(theirs);
		if (n > 30)
			break;
	}
	tv_audit_free(ours);
	assert_found(w, "");
	assert_in_range(n, 31, 60);
	assert_int_equal(log_count(w, "/some"), n);
}

/* What was the newest file when it was lent is another one by now, whoever wrote there last. */
static void rotated(void **state)
{
	const struct world *w = *state;

	for (int who = 0; who < 3; who++) {
		struct tv_audit *ours = log_open(w, LOG_MOST), *theirs;

		begin(ours, w);
		/* It is not full for them. */
		theirs = borrow(ours, TV_AUDIT_FILE_BYTES);
		if (who)
			assert_ok(try(theirs, "/1"));
		if (who > 1)
			log_write(ours, "open", "/2");
		/* More than there is room for. */
		for (int i = 0; i < 7; i++)
			log_say(ours, "open", "/3");
		assert_ok(tv_audit_write(ours, NULL));
		assert_status(try(theirs, "/stray"), TV_IO);
		log_write(ours, "open", "/4");
		assert_status(try(theirs, "/stray"), TV_IO);
		tv_audit_free(theirs);
		theirs = borrow(ours, LOG_MOST);
		assert_ok(try(theirs, "/5"));
		tv_audit_free(theirs);
		tv_audit_free(ours);
		assert_found(w, "");
		assert_int_equal(log_count(w, "/stray"), 0);
	}
}

/* What is no part of a line is not written, and its place not taken. */
static void unsound(void **state)
{
	const struct world *w = *state;
	struct tv_audit *ours = log_open(w, TV_AUDIT_FILE_BYTES), *theirs;
	const struct tv_bytes event = {.data = (unsigned char[]){"\"a\":\1"}, .len = 5};

	begin(ours, w);
	theirs = borrow(ours, TV_AUDIT_FILE_BYTES);
	assert_false(tv_audit_add(theirs, &event, NULL));
	assert_ok(try(theirs, "/1"));
	tv_audit_free(theirs);
	tv_audit_free(ours);
	assert_found(w, "");
}

/* The line is there and counts; the key's state comes with the next one. */
static void no_key(void **state)
{
	const struct world *w = *state;
	struct tv_audit *ours = log_open(w, TV_AUDIT_FILE_BYTES), *theirs;
	struct tv_audit_lent lent;
	char path[256];

	begin(ours, w);
	assert_true(tv_audit_lend(&lent, ours));
	close(lent.fd[TV_LENT_KEY]);
	log_path(path, w, ".key");
	lent.fd[TV_LENT_KEY] = open(path, O_RDONLY | O_CLOEXEC);
	assert_ok(tv_audit_borrow(&theirs, &lent, TV_AUDIT_FILE_BYTES, NULL));
	assert_ok(try(theirs, "/1"));
	assert_status(try(theirs, "/2"), TV_IO);
	tv_audit_free(theirs);
	log_write(ours, "open", "/2");
	tv_audit_free(ours);
	assert_found(w, "");
	assert_int_equal(log_count(w, "\"event\":\"open\""), 3);
}

/* By no descriptor can what is there be written over. */
static void only_appended(void **state)
{
	const struct world *w = *state;
	struct tv_audit *ours = log_open(w, TV_AUDIT_FILE_BYTES);
	struct tv_audit_lent lent;
	void *at;

	begin(ours, w);
	assert_true(tv_audit_lend(&lent, ours));
	for (int i = TV_LENT_LOG; i <= TV_LENT_TAIL; i++) {
		at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, lent.fd[i], 0);
		assert_ptr_equal(at, MAP_FAILED);
		assert_int_equal(errno, EACCES);
	}
	assert_int_equal(pwrite(lent.fd[TV_LENT_LOG], "x", 1, 0), 1);
	assert_int_equal(write(lent.fd[TV_LENT_TAIL], "x", 1), -1);
	assert_int_equal(ftruncate(lent.fd[TV_LENT_TAIL], 0), -1);
	tv_audit_lent_close(&lent);
	log_write(ours, "open", "/1");
	tv_audit_free(ours);
	assert_found(w, "");
	assert_int_equal(log_count(w, "/0"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(turns, log_set_up, log_tear_down),
		cmocka_unit_test_setup_teardown(key_behind, log_set_up, log_tear_down),
		cmocka_unit_test_setup_teardown(nothing_to_lend, log_set_up, log_tear_down),
		cmocka_unit_test_setup_teardown(busy, log_set_up, log_tear_down),
		cmocka_unit_test_setup_teardown(cut_off, log_set_up, log_tear_down),
		cmocka_unit_test_setup_teardown(full, log_set_up, log_tear_down),
		cmocka_unit_test_setup_teardown(rotated, log_set_up, log_tear_down),
		cmocka_unit_test_setup_teardown(unsound, log_set_up, log_tear_down),
		cmocka_unit_test_setup_teardown(no_key, log_set_up, log_tear_down),
		cmocka_unit_test_setup_teardown(only_appended, log_set_up, log_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
