/* The backup that a save drops is held open for a while, so that who saves need not wait for its end. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "fusefs/watch.h"

static char directory[] = "/tmp/tokenvault-watch-XXXXXX";
static struct tv_watch watch;
static struct tv_store *store;

static void save(const char *text, bool fresh, enum tv_backup backup)
{
	struct tv_bytes file = {0};
	struct tv_error err = {""};

	tv_bytes_append(&file, text, strlen(text));
	assert_int_equal(tv_store_commit(store, &file, fresh, backup, &err), TV_OK);
	tv_bytes_free(&file);
}

static nlink_t names_of(int fd)
{
	struct stat st;

	assert_false(fstat(fd, &st));
	return st.st_nlink;
}

static int set_up(void **state)
{
	struct tv_error err = {""};

	(void)state;
	if (!mkdtemp(directory) || chdir(directory) ||
	    tv_store_open(&store, "default.vault", &err) || tv_store_lock(store, &err))
		return -1;
	save("1", true, TV_BACKUP_KEEP);
	return tv_watch_open(&watch, "default.vault", &err) ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	tv_watch_close(&watch);
	tv_store_free(store);
	unlink("default.vault");
	unlink("default.vault.bak");
	unlink(".default.vault.lock");
	return chdir("/") || rmdir(directory);
}

static void test_held(void **state)
{
	(void)state;
	assert_int_equal(watch.n_held, 0);
	assert_int_equal(tv_watch_wait(&watch), -1);
	save("2", false, TV_BACKUP_KEEP);
	tv_watch_hold(&watch);
	/* Touched twice. */
	tv_watch_hold(&watch);
	assert_int_equal(watch.n_held, 1);
	assert_int_equal(names_of(watch.held[0]), 1);
	save("3", false, TV_BACKUP_KEEP);
	assert_int_equal(names_of(watch.held[0]), 0);
	tv_watch_hold(&watch);
	assert_int_equal(watch.n_held, 2);
	assert_in_range(tv_watch_wait(&watch), 0, 80);
	watch.let_go_at = tv_now_ms() + 10000;
	tv_watch_hurry(&watch);
	assert_int_equal(watch.n_held, 2);
	watch.let_go_at = tv_now_ms();
	assert_int_equal(tv_watch_wait(&watch), 0);
	tv_watch_hurry(&watch);
	assert_int_equal(watch.n_held, 1);
	assert_int_equal(names_of(watch.held[0]), 1);
	assert_int_equal(tv_watch_wait(&watch), -1);
}

static void test_many(void **state)
{
	(void)state;
	for (int i = 0; i < 3 * TV_WATCH_HELD; i++) {
		save("more", false, TV_BACKUP_KEEP);
		tv_watch_hold(&watch);
	}
	assert_int_equal(watch.n_held, TV_WATCH_HELD);
	assert_int_equal(names_of(watch.held[TV_WATCH_HELD - 1]), 1);
	assert_int_equal(names_of(watch.held[0]), 0);
}

/* What was to be forgotten is gone with its name. */
static void test_dropped(void **state)
{
	(void)state;
	save("without", false, TV_BACKUP_DROP);
	tv_watch_hold(&watch);
	assert_int_equal(watch.n_held, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_held), cmocka_unit_test(test_many),
					   cmocka_unit_test(test_dropped)};

	if (tv_init(NULL))
		return 1;
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
