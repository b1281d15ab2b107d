/* How a save puts the new file in the old one's place: where the file system can't exchange the two, and where something fails. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fixture.h"

static char dir[] = "/tmp/tokenvault-placing-XXXXXX";
static struct tv_store *store;
static int exchanges_left; /* that work; then none does */
static enum { ALL, OTHERS, FEWER, MORE } gives_back;
static bool can_rename;	 /* without exchanging */
static const char *only; /* what is to be there at each rename; NULL: anything */

static void look(void)
{
	char found[64] = "";
	FILE *f = only ? fopen("a.vault", "re") : NULL;

	if (!only)
		return;
	assert_non_null(f);
	assert_true(fread(found, 1, sizeof found - 1, f) < sizeof found);
	fclose(f);
	assert_string_equal(found, only);
}

/* The C library's, in their place. */
int renameat(int from, const char *name, int to, const char *new_name)
{
	look();
	if (can_rename)
		return (int)syscall(SYS_renameat2, from, name, to, new_name, 0);
	errno = ENOSPC;
	return -1;
}

int renameat2(int from, const char *name, int to, const char *new_name, unsigned flags)
{
	if (flags & RENAME_EXCHANGE && exchanges_left-- <= 0) {
		errno = EINVAL;
		return -1;
	}
	return (int)syscall(SYS_renameat2, from, name, to, new_name, flags);
}

ssize_t pread(int fd, void *data, size_t len, off_t at)
{
	const ssize_t n = syscall(SYS_pread64, fd, data, len, at);

	if (gives_back == OTHERS && n > 0)
		((unsigned char *)data)[n - 1] ^= 1;
	if (gives_back == FEWER && n > 0)
		return at ? 0 : n - 1;
	return gives_back == MORE && !n ? 1 : n;
}

static enum tv_status save(const char *text, bool fresh, struct tv_error *err)
{
	return fixture_save(store, text, fresh, TV_BACKUP_KEEP, err);
}

static void assert_file(const char *name, const char *text)
{
	char found[64] = "";
	struct stat about;
	FILE *f = fopen(name, "re");

	assert_non_null(f);
	assert_false(fstat(fileno(f), &about));
	assert_int_equal(about.st_nlink, 1);
	assert_int_equal(about.st_mode & 07777, 0600);
	assert_true(fread(found, 1, sizeof found - 1, f) < sizeof found);
	fclose(f);
	assert_string_equal(found, text);
}

static size_t members(void)
{
	DIR *d = opendir(".");
	struct dirent *member;
	size_t n = 0;

	/* Not the file that is spared (test_spare). */
	while ((member = readdir(d)))
		n += strcmp(member->d_name, ".a.vault.saving-spare") ||
		     tv_temporary_is_left_over(dirfd(d), member->d_name, "a.vault");
	closedir(d);
	return n - 2;
}

/* Each test begins with a vault and its backup, one save older. */
static int set_up(void **state)
{
	struct tv_error err = {""};

	(void)state;
	exchanges_left = 1000;
	gives_back = ALL;
	can_rename = true;
	only = NULL;
	fixture_clear();
	if (save("one", true, &err) || save("two", false, &err))
		return -1;
	return 0;
}

static void assert_as_before(void)
{
	assert_file("a.vault", "two");
	assert_file("a.vault.bak", "one");
	assert_int_equal(members(), 3); /* and the lock */
}

static void assert_saved(void)
{
	assert_file("a.vault", "three");
	assert_file("a.vault.bak", "two");
	assert_int_equal(members(), 3);
}

static void test_exchanged(void **state)
{
	struct tv_error err = {""};
	struct stat old, now;

	(void)state;
	assert_as_before();
	assert_false(stat("a.vault", &old));
	assert_ok(save("three", false, &err));
	assert_int_equal(exchanges_left, 996);
	assert_saved();
	assert_false(stat("a.vault.bak", &now));
	assert_int_equal(now.st_ino, old.st_ino);
}

static void test_no_exchange(void **state)
{
	struct tv_error err = {""};

	(void)state;
	exchanges_left = 0;
	assert_ok(save("three", false, &err));
	assert_saved();
}

/* There is no backup yet. */
static void test_first_backup(void **state)
{
	struct tv_error err = {""};

	(void)state;
	for (int can = 0; can < 2; can++) {
		assert_false(unlink("a.vault.bak"));
		exchanges_left = can;
		assert_ok(save("three", false, &err));
		assert_file("a.vault.bak", can ? "three" : "two");
		assert_int_equal(members(), 3);
	}
}

/* Both names are one file: then a rename of the one to the other does nothing. */
static void test_backup_is_vault(void **state)
{
	struct tv_error err = {""};

	(void)state;
	for (int can = 0; can < 2; can++) {
		assert_int_equal(set_up(NULL), 0);
		exchanges_left = can;
		assert_false(unlink("a.vault.bak"));
		assert_false(link("a.vault", "a.vault.bak"));
		assert_ok(save("three", false, &err));
		assert_saved();
	}
}

/* A backup that can't be made keeps the new file out, and nobody has seen it. */
static void test_no_backup(void **state)
{
	(void)state;
	for (int can = 0; can < 2; can++) {
		struct tv_error err = {""};

		assert_int_equal(set_up(NULL), 0);
		exchanges_left = can;
		only = "two";
		assert_false(unlink("a.vault.bak"));
		assert_false(mkdir("a.vault.bak", 0700));
		assert_status(save("three", false, &err), TV_IO);
		assert_non_null(strstr(err.detail, "can't be backed up: "));
		assert_file("a.vault", "two");
		assert_int_equal(members(), 3);
		assert_false(rmdir("a.vault.bak"));
	}
}

/* What can be replaced, but might not have been. */
static void test_other_backup(void **state)
{
	struct tv_error err = {""};

	(void)state;
	assert_false(unlink("a.vault.bak"));
	assert_false(symlink("nowhere", "a.vault.bak"));
	assert_ok(save("three", false, &err));
	assert_saved();
	assert_int_equal(exchanges_left, 998);
	if (getuid())
		return;
	assert_false(chown("a.vault.bak", 65534, 65534));
	assert_ok(save("four", false, &err));
	assert_file("a.vault.bak", "three");
	assert_int_equal(exchanges_left, 998);
}

/* And where it can't be after all, the new one is there: who has seen it is not to see an older one. */
static void test_not_taken_back(void **state)
{
	struct tv_error err = {""};

	(void)state;
	can_rename = false;
	exchanges_left = 1;
	assert_status(save("three", false, &err), TV_IO);
	assert_non_null(strstr(err.detail, "the change is made, but "));
	assert_file("a.vault", "three");
	assert_file("a.vault.bak", "one");
	assert_int_equal(members(), 4);
	can_rename = true;
	exchanges_left = 2;
	assert_ok(save("four", false, &err));
	assert_file("a.vault.bak", "three");
	assert_int_equal(members(), 3);
}

/* Where files can't be exchanged it is not, and the old one stays. */
static void test_not_replaced(void **state)
{
	struct tv_error err = {""};

	(void)state;
	exchanges_left = 0;
	can_rename = false;
	only = "two";
	assert_status(save("three", false, &err), TV_IO);
	assert_as_before();
}

/* The vault is gone by the time it is to be replaced. */
static void test_gone(void **state)
{
	struct tv_error err = {""};

	(void)state;
	assert_false(unlink("a.vault"));
	assert_ok(save("three", false, &err));
	assert_file("a.vault", "three");
	assert_file("a.vault.bak", "one");
	assert_int_equal(members(), 3);
}

static void test_reads_back(void **state)
{
	(void)state;
	for (int how = OTHERS; how <= MORE; how++) {
		struct tv_error err = {""};

		gives_back = how;
		assert_status(save("three", false, &err), TV_IO);
		gives_back = ALL;
		assert_non_null(strstr(err.detail, "gives back other bytes"));
		assert_as_before();
	}
	assert_ok(save("three", false, NULL));
	assert_saved();
}

static int begin(void **state)
{
	(void)state;
	return fixture_enter(dir, &store);
}

static int end(void **state)
{
	(void)state;
	return fixture_leave(dir, store);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_exchanged),	    TEST(test_no_exchange),  TEST(test_first_backup),
		TEST(test_backup_is_vault), TEST(test_no_backup),    TEST(test_not_taken_back),
		TEST(test_other_backup),    TEST(test_not_replaced), TEST(test_gone),
		TEST(test_reads_back),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
