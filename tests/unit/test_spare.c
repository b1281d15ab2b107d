/* The file that a save spares: the next one writes it over, unless anything else could still mean it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fixture.h"
#include "vault/spare.h"

#define SPARE ".a.vault.saving-spare"

static char dir[] = "/tmp/tokenvault-spare-XXXXXX";
static struct tv_store *store;
static bool syncs;   /* whether fsync does anything else than fail */
static bool removes; /* and unlinkat, of what is spared */
static size_t n_synced, n_data;

/* The C library's, in their place. */
int fsync(int fd)
{
	(void)fd;
	n_synced++;
	errno = EIO;
	return syncs ? 0 : -1;
}

int fdatasync(int fd)
{
	(void)fd;
	n_data++;
	return 0;
}

int unlinkat(int at, const char *name, int flags)
{
	errno = EACCES;
	return removes || strcmp(name, SPARE) ? (int)syscall(SYS_unlinkat, at, name, flags) : -1;
}

static void save(const char *text)
{
	struct tv_error err = {""};

	assert_ok(fixture_save(store, text, false, TV_BACKUP_KEEP, &err));
}

static ino_t inode_of(const char *name)
{
	struct stat st;

	return lstat(name, &st) ? 0 : st.st_ino;
}

static mode_t mode_of(const char *name)
{
	struct stat st;

	assert_false(lstat(name, &st));
	return st.st_mode & 07777;
}

static void assert_text(int fd, const char *text)
{
	char found[64] = "";

	assert_true(fd >= 0);
	assert_true(pread(fd, found, sizeof found - 1, 0) >= 0);
	assert_string_equal(found, text);
}

static void assert_file(const char *name, const char *text)
{
	const int fd = open(name, O_RDONLY | O_CLOEXEC);

	assert_text(fd, text);
	close(fd);
}

static void remove_all(void)
{
	DIR *d = opendir(".");
	struct dirent *member;

	while ((member = readdir(d)))
		if (unlinkat(dirfd(d), member->d_name, 0) && errno == EISDIR)
			unlinkat(dirfd(d), member->d_name, AT_REMOVEDIR);
	closedir(d);
}

static size_t members(void)
{
	DIR *d = opendir(".");
	size_t n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

/* Each test begins with a vault, its backup and the file that was that before. */
static int set_up(void **state)
{
	struct tv_error err = {""};

	(void)state;
	syncs = removes = true;
	remove_all();
	if (fixture_save(store, "one", true, TV_BACKUP_KEEP, &err))
		return -1;
	save("two");
	save("three");
	return 0;
}

static void assert_spared(const char *text)
{
	assert_file(SPARE, text);
	assert_int_equal(mode_of(SPARE), 01600);
	assert_true(tv_spare_is(AT_FDCWD, SPARE, "a.vault"));
	assert_false(tv_file_is_left_over(AT_FDCWD, SPARE, "a.vault"));
	assert_int_equal(members(), 4); /* and the vault, its backup and the lock */
}

/* Three files take turns, and none is made or removed any more. Of a file that was there only what it says is to be synced. */
static void test_turns(void **state)
{
	static const char *const texts[] = {"four", "a longer text", "5", "six", "seven"};
	const char *before = "three", *last = "two";

	(void)state;
	assert_spared("one");
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const ino_t spared = inode_of(SPARE), vault = inode_of("a.vault");

		n_synced = n_data = 0;
		save(texts[i]);
		assert_int_equal(n_data, 1);
		assert_int_equal(n_synced, 1); /* the directory */
		assert_int_equal(inode_of("a.vault"), spared);
		assert_int_equal(inode_of("a.vault.bak"), vault);
		assert_int_equal(mode_of("a.vault"), 0600);
		assert_int_equal(mode_of("a.vault.bak"), 0600);
		assert_file("a.vault", texts[i]);
		assert_file("a.vault.bak", before);
		assert_spared(last);
		last = before;
		before = texts[i];
	}
}

/* Who has it open, by the name that it had then, goes on to read what it opened. */
static void test_read_on(void **state)
{
	const char *const names[] = {"a.vault", "a.vault.bak", SPARE};
	static const char *const texts[] = {"three", "two", "one"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		int fd;

		assert_int_equal(set_up(NULL), 0);
		fd = open(names[i], O_RDONLY | O_CLOEXEC);
		assert_text(fd, texts[i]);
		for (int saves = 0; saves < 4; saves++) {
			save("another");
			assert_text(fd, texts[i]);
			assert_file("a.vault", "another");
		}
		close(fd);
		save("another");
		assert_spared("another");
	}
}

/* What somebody has given another name is not ours to write over. */
static void test_other_name(void **state)
{
	const char *const names[] = {"a.vault", "a.vault.bak", SPARE};
	static const char *const texts[] = {"three", "two", "one"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(set_up(NULL), 0);
		assert_false(link(names[i], "kept"));
		for (int saves = 0; saves < 4; saves++) {
			save("another");
			assert_file("kept", texts[i]);
			assert_file("a.vault", "another");
		}
		assert_false(unlink("kept"));
		assert_spared("another");
	}
}

/* Where the directory is not on the disk, the file without a name may have the vault's there. */
static void test_not_durable(void **state)
{
	struct tv_error err = {""};
	struct stat was;
	int fd;

	(void)state;
	for (int ends = 0; ends < 2; ends++) {
		struct tv_bytes four = {.data = (unsigned char *)(uintptr_t) "four", .len = 4};

		assert_int_equal(set_up(NULL), 0);
		assert_ok(tv_store_lock(store, &err));
		syncs = !ends;
		/* As if it were killed; or it has to say so. */
		if (ends)
			assert_status(tv_store_commit(store, &four, false, TV_BACKUP_KEEP, &err),
				      TV_IO);
		else
			assert_ok(tv_store_place(store, &four, false, TV_BACKUP_KEEP, &err));
		tv_store_unlock(store);
		syncs = true;
		assert_file(SPARE, "two");
		assert_int_equal(mode_of(SPARE), 0600);
		assert_true(tv_file_is_left_over(AT_FDCWD, SPARE, "a.vault"));
		fd = open(SPARE, O_PATH | O_CLOEXEC);
		save("five");
		assert_false(fstat(fd, &was));
		assert_int_equal(was.st_nlink, 0);
		close(fd);
		assert_spared("three");
	}
}

/* Neither a new key nor what was to be forgotten leaves one behind. */
static void test_dropped(void **state)
{
	struct tv_error err = {""};

	(void)state;
	for (int is_open = 0; is_open < 2; is_open++) {
		int fd;

		assert_int_equal(set_up(NULL), 0);
		fd = is_open ? open(SPARE, O_RDONLY | O_CLOEXEC) : -1;
		assert_ok(fixture_save(store, "four", false, TV_BACKUP_DROP, &err));
		assert_file("a.vault", "four");
		assert_int_equal(members(), 2);
		if (is_open)
			assert_text(fd, "one");
		close(fd);
	}
	/* One that would stay keeps the new one out. */
	assert_int_equal(set_up(NULL), 0);
	assert_false(chmod(SPARE, 0600));
	removes = false;
	assert_status(fixture_save(store, "four", false, TV_BACKUP_DROP, &err), TV_IO);
	removes = true;
	assert_non_null(strstr(err.detail, "rid of its spare file"));
	assert_file("a.vault", "three");
	assert_file("a.vault.bak", "two");
	assert_int_equal(members(), 4);
}

/* What is not gone on with is as it was; with anything in it, it is gone. */
static void test_abandoned(void **state)
{
	static unsigned char much[2 << 20];
	const ino_t spared = inode_of(SPARE);
	struct tv_error err = {""};

	(void)state;
	assert_ok(tv_store_lock(store, &err));
	assert_ok(tv_store_prepare(store, &err));
	assert_int_equal(mode_of(SPARE), 0600);
	tv_store_unlock(store);
	assert_spared("one");
	assert_int_equal(inode_of(SPARE), spared);
	assert_ok(tv_store_lock(store, &err));
	assert_ok(tv_store_prepare(store, &err));
	tv_store_take(store, much, sizeof much, sizeof much);
	tv_store_unlock(store);
	assert_int_equal(inode_of(SPARE), 0);
	assert_file("a.vault", "three");
	assert_file("a.vault.bak", "two");
	save("four");
	assert_spared("two");
}

/* While it is written over nobody gets to see it; and that somebody wants to does not end us. */
static void test_wait(void **state)
{
	struct tv_error err = {""};

	(void)state;
	assert_ok(tv_store_lock(store, &err));
	assert_ok(tv_store_prepare(store, &err));
	assert_int_equal(open(SPARE, O_RDONLY | O_NONBLOCK | O_CLOEXEC), -1);
	assert_int_equal(errno, EWOULDBLOCK);
	tv_store_unlock(store);
	save("four");
	assert_spared("two");
}

/* What else has its name is neither used, nor in the way. */
static void test_others(void **state)
{
	struct stat st;

	(void)state;
	for (int what = 0; what < 5; what++) {
		assert_int_equal(set_up(NULL), 0);
		close(open("aside", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
		assert_false(chmod("aside", 01600));
		assert_false(what ? unlink(SPARE) : chmod(SPARE, 0600));
		if (what == 1)
			assert_false(mkfifo(SPARE, 01600));
		if (what == 2)
			assert_false(symlink("aside", SPARE));
		if (what == 3)
			assert_false(link("a.vault.bak", SPARE) || chmod(SPARE, 01600));
		if (what == 4)
			assert_false(mkdir(SPARE, 01600));
		assert_int_equal(tv_file_is_left_over(AT_FDCWD, SPARE, "a.vault"), true);
		assert_ok(tv_store_lock(store, NULL));
		assert_ok(tv_store_prepare(store, NULL));
		assert_int_equal(inode_of(SPARE) == 0, what != 4);
		tv_store_unlock(store);
		save("four");
		assert_file("a.vault", "four");
		assert_file("a.vault.bak", "three");
		assert_file("aside", "");
		assert_false(unlink("aside"));
		if (what == 4) {
			assert_false(lstat(SPARE, &st));
			assert_true(S_ISDIR(st.st_mode));
			assert_int_equal(members(), 4);
			assert_ok(fixture_save(store, "five", false, TV_BACKUP_DROP, NULL));
			assert_false(rmdir(SPARE));
			assert_int_equal(members(), 2);
		} else {
			assert_spared("two");
		}
	}
}

static int begin(void **state)
{
	(void)state;
	return tv_init(NULL) || !mkdtemp(dir) || chdir(dir) ||
	       tv_store_open(&store, "a.vault", NULL);
}

static int end(void **state)
{
	(void)state;
	tv_store_free(store);
	remove_all();
	return chdir("/") || rmdir(dir);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_turns),	TEST(test_read_on), TEST(test_other_name),
		TEST(test_not_durable), TEST(test_dropped), TEST(test_abandoned),
		TEST(test_wait),	TEST(test_others),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
