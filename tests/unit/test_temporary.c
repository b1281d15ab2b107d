/* The files beside a file by which it is replaced: what is spared is written over by the next save, unless anything else could
 * still mean it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "fixture.h"

#define SPARE ".a.vault.saving-spare"

/* What each test begins with. */
static const char *const names[] = {"a.vault", "a.vault.bak", SPARE};
static const char *const texts[] = {"three", "two", "one"};

static char dir[] = "/tmp/tokenvault-temporary-XXXXXX";
static struct tv_store *store;
static bool syncs;   /* whether fsync does anything else than fail */
static bool removes; /* and unlinkat, of what is spared */
static size_t n_synced, n_data;
static void (*meanwhile)(void); /* what others do while it is synced */

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
	if (meanwhile)
		meanwhile();
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
	fixture_clear();
	if (fixture_save(store, "one", true, TV_BACKUP_KEEP, &err))
		return -1;
	save("two");
	save("three");
	return 0;
}

static void assert_spared(const char *text)
{
	assert_file(SPARE, text);
	assert_int_equal(mode_of(SPARE), 0600);
	assert_false(tv_temporary_is_left_over(AT_FDCWD, SPARE, "a.vault"));
	assert_int_equal(members(), 4); /* and the vault, its backup and the lock */
}

/* Three files take turns, and none is made or removed any more. Of a file that was there only what it says is to be synced. */
static void test_turns(void **state)
{
	static const char *const all[] = {"four", "a longer text", "5", "six", "seven"};
	const char *before = "three", *last = "two";

	(void)state;
	assert_spared("one");
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		const ino_t spared = inode_of(SPARE), vault = inode_of("a.vault");

		n_synced = n_data = 0;
		save(all[i]);
		assert_int_equal(n_data, 1);
		assert_int_equal(n_synced, 1); /* the directory */
		assert_int_equal(inode_of("a.vault"), spared);
		assert_int_equal(inode_of("a.vault.bak"), vault);
		assert_int_equal(mode_of("a.vault"), 0600);
		assert_int_equal(mode_of("a.vault.bak"), 0600);
		assert_file("a.vault", all[i]);
		assert_file("a.vault.bak", before);
		assert_spared(last);
		last = before;
		before = all[i];
	}
}

/* Who has it open, by the name that it had then, goes on to read what it opened. */
static void test_read_on(void **state)
{
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

/* The only one. */
static const char *find_left_over(void)
{
	static char name[256];
	DIR *d = opendir(".");
	struct dirent *member;
	size_t n = 0;

	while ((member = readdir(d)))
		if (tv_temporary_is_left_over(AT_FDCWD, member->d_name, "a.vault")) {
			snprintf(name, sizeof name, "%s", member->d_name);
			n++;
		}
	closedir(d);
	assert_int_equal(n, 1);
	return name;
}

/* Where the directory is not on the disk, the file without a name may have the vault's there. */
static void test_not_durable(void **state)
{
	struct tv_error err = {""};
	struct stat was;
	char path[64];
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
		assert_int_equal(inode_of(SPARE), 0);
		/* By this nobody has it open. */
		fd = open(find_left_over(), O_PATH | O_CLOEXEC);
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		assert_file(path, "two");
		save("five");
		assert_false(fstat(fd, &was));
		assert_int_equal(was.st_nlink, 0);
		assert_file(path, "two");
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
	assert_false(chmod(SPARE, 0640));
	removes = false;
	assert_status(fixture_save(store, "four", false, TV_BACKUP_DROP, &err), TV_IO);
	removes = true;
	assert_non_null(strstr(err.detail, "rid of the .saving- files"));
	assert_file("a.vault", "three");
	assert_file("a.vault.bak", "two");
	assert_int_equal(members(), 4);
}

/* What is not gone on with is as it was; with anything in it, it is gone. */
static void test_abandoned(void **state)
{
	static unsigned char much[2 << 20];
	const struct timespec old[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
	const ino_t spared = inode_of(SPARE);
	struct tv_error err = {""};
	struct stat st;

	(void)state;
	assert_false(utimensat(AT_FDCWD, SPARE, old, 0));
	assert_ok(tv_store_lock(store, &err));
	assert_ok(tv_store_prepare(store, &err));
	assert_int_equal(inode_of(SPARE), 0);
	/* Nobody takes it for old. */
	assert_false(lstat(find_left_over(), &st));
	assert_in_range(time(NULL) - st.st_mtime, 0, 5);
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
	assert_int_equal(open(find_left_over(), O_RDONLY | O_NONBLOCK | O_CLOEXEC), -1);
	assert_int_equal(errno, EWOULDBLOCK);
	tv_store_unlock(store);
	save("four");
	assert_spared("two");
}

/* What else has its name is neither used, nor in the way. */
static void test_others(void **state)
{
	(void)state;
	for (int what = 0; what < 5; what++) {
		assert_int_equal(set_up(NULL), 0);
		close(open("aside", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
		assert_false(what ? unlink(SPARE) : chmod(SPARE, 0640));
		if (what == 1)
			assert_false(mkfifo(SPARE, 0600));
		if (what == 2)
			assert_false(symlink("aside", SPARE));
		if (what == 3)
			assert_false(link("a.vault.bak", SPARE));
		if (what == 4)
			assert_false(mkdir(SPARE, 0600));
		assert_int_equal(tv_temporary_is_left_over(AT_FDCWD, SPARE, "a.vault"), true);
		if (what != 2) {
			assert_ok(tv_store_lock(store, NULL));
			assert_ok(tv_store_prepare(store, NULL));
			assert_int_equal(inode_of(SPARE) == 0, what != 4);
			tv_store_unlock(store);
		}
		save("four");
		assert_file("a.vault", "four");
		assert_file("a.vault.bak", "three");
		assert_file("aside", "");
		assert_false(unlink("aside"));
		if (what == 4) {
			assert_int_equal(members(), 4);
			assert_ok(fixture_save(store, "five", false, TV_BACKUP_DROP, NULL));
			assert_false(rmdir(SPARE));
			assert_int_equal(members(), 2);
		} else {
			assert_spared("two");
		}
	}
}

static void take_away(void)
{
	assert_false(rename(find_left_over(), "aside"));
}

static void replace(void)
{
	const int fd = open("incoming", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	assert_int_equal(write(fd, "foreign", 7), 7);
	close(fd);
	assert_false(rename("incoming", find_left_over()));
}

/* Nothing is put in the vault's place that was not written here. */
static void test_not_ours(void **state)
{
	void (*const what[])(void) = {take_away, replace};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct tv_error err = {""};

		assert_int_equal(set_up(NULL), 0);
		meanwhile = what[i];
		assert_status(fixture_save(store, "four", false,
					   i ? TV_BACKUP_DROP : TV_BACKUP_KEEP, &err),
			      TV_IO);
		meanwhile = NULL;
		assert_non_null(strstr(err.detail, "somebody took away"));
		assert_file("a.vault", "three");
		assert_file("a.vault.bak", "two");
		assert_file(i ? find_left_over() : "aside", i ? "foreign" : "four");
		save("five");
		assert_file("a.vault", "five");
		assert_file("a.vault.bak", "three");
	}
}

/* Without what it was spared for it is left over. */
static void test_alone(void **state)
{
	(void)state;
	assert_false(rename("a.vault", "b.vault"));
	assert_true(tv_temporary_is_left_over(AT_FDCWD, SPARE, "a.vault"));
	tv_temporary_clear(AT_FDCWD, "a.vault");
	assert_int_equal(inode_of(SPARE), 0);
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
		TEST(test_turns),	TEST(test_read_on), TEST(test_other_name),
		TEST(test_not_durable), TEST(test_dropped), TEST(test_abandoned),
		TEST(test_wait),	TEST(test_others),  TEST(test_not_ours),
		TEST(test_alone),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
