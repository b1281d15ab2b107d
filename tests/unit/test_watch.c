/* What was touched in the vault's directory is seen in a moment, and what is none of ours is not looked at for long. */
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
	unlink(".default.vault.saving-spare");
	unlink(".default.vault.lock");
	return chdir("/") || rmdir(directory);
}

/* Has it seen what was touched up to now, and be told of what comes; whether the file is to be read. */
static bool see(void)
{
	watch.drain_at = 0;
	tv_watch_felt(&watch);
	assert_in_range(tv_watch_wait(&watch), 0, 3);
	watch.drain_at = tv_now_ms();
	return tv_watch_hurry(&watch);
}

static void test_touched(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(tv_watch_wait(&watch), -1);
	see();
	/* Once nothing is touched any more. */
	assert_false(see());
	assert_int_equal(watch.drain_at, 0);
	/* In a moment, until when it is not even looked at. */
	save("touched", false, TV_BACKUP_KEEP);
	tv_watch_felt(&watch);
	watch.drain_at += 10000;
	assert_false(tv_watch_hurry(&watch));
	watch.drain_at -= 10000;
	while (tv_watch_wait(&watch))
		usleep(500);
	assert_true(tv_watch_hurry(&watch));
	assert_false(see());
	/* Of what lies beside it it need not be. */
	close(open("beside", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	assert_false(see());
	unlink("beside");
	assert_false(see());
	assert_false(stat("default.vault", &st));
	assert_false(truncate("default.vault", 200 << 10));
	close(open("default.vault", O_WRONLY | O_CLOEXEC));
	/* A large one waits for longer, and for no longer when it is touched again. */
	assert_false(see());
	assert_in_range(watch.look_at - tv_now_ms(), 500, 1000);
	watch.look_at -= 500;
	close(open("default.vault", O_WRONLY | O_CLOEXEC));
	assert_false(see());
	assert_in_range(watch.look_at - tv_now_ms(), 0, 500);
	watch.look_at = tv_now_ms();
	assert_int_equal(tv_watch_wait(&watch), 0);
	assert_true(tv_watch_hurry(&watch));
	assert_int_equal(watch.look_at, 0);
	assert_false(truncate("default.vault", st.st_size));
	see();
	see();
	watch.look_at = 0;
	assert_int_equal(tv_watch_wait(&watch), -1);
}

/* While much is saved beside it, not every save is told of; of each to the vault itself it is. */
static void test_rest(void **state)
{
	(void)state;
	close(open("beside", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	assert_false(see());
	assert_in_range(watch.drain_at - tv_now_ms(), 15, 20);
	unlink("beside");
	watch.drain_at = tv_now_ms();
	assert_false(tv_watch_hurry(&watch));
	assert_in_range(watch.drain_at - tv_now_ms(), 15, 20);
	watch.drain_at = tv_now_ms();
	assert_false(tv_watch_hurry(&watch));
	assert_int_equal(watch.drain_at, 0);
	save("itself", false, TV_BACKUP_KEEP);
	assert_true(see());
	assert_int_equal(watch.drain_at, 0);
}

/* A save that was told of is seen some time after it. */
static void test_expected(void **state)
{
	(void)state;
	assert_true(tv_watch_expect(&watch));
	assert_in_range(watch.drain_at - tv_now_ms(), 5, 10);
	watch.drain_at += 10000;
	save("expected", false, TV_BACKUP_KEEP);
	assert_false(tv_watch_hurry(&watch));
	/* By another save, before that was seen. */
	assert_false(tv_watch_expect(&watch));
	assert_true(watch.drain_at > tv_now_ms() + 9000);
	save("and more", false, TV_BACKUP_KEEP);
	watch.drain_at = tv_now_ms();
	assert_true(tv_watch_hurry(&watch));
	assert_false(see());
	/* Nothing is expected by who hears of nothing. */
	assert_false(tv_watch_expect(&(struct tv_watch){.fd = -1}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_touched),
					   cmocka_unit_test(test_rest),
					   cmocka_unit_test(test_expected)};

	if (tv_init(NULL))
		return 1;
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
