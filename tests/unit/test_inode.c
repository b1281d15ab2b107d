/* What a descriptor is of; and that nothing is spared, or taken, that is not what it seems. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "fixture.h"
#include "vault/inode.h"

#define SPARE ".a.vault.saving-spare"

static char dir[] = "/tmp/tokenvault-inode-XXXXXX";
static struct tv_store *store;
static long file_system; /* that there is said to be; 0: as it is */
static int refusals[2];	 /* of openat, one after the other; 0: no more */
static int quiet;	 /* opens with O_NOATIME */
static bool miscounts;	 /* a file's names: there is one */
static bool removes;	 /* what is spared */
static size_t n_over;	 /* files that were written over */

/* The C library's, in their place. */
static int open_at(int at, const char *name, int flags, mode_t mode)
{
	quiet += (flags & O_NOATIME) != 0;
	errno = refusals[0];
	refusals[0] = refusals[1];
	refusals[1] = 0;
	return errno ? -1 : (int)syscall(SYS_openat, at, name, flags, mode);
}

int openat(int at, const char *name, int flags, ...)
{
	mode_t mode = 0;
	va_list list;

	va_start(list, flags);
	if (flags & O_CREAT)
		mode = va_arg(list, mode_t);
	va_end(list);
	return open_at(at, name, flags, mode);
}

/* With _FORTIFY_SOURCE, where it does not know the flags. */
int __openat64_2(int at, const char *name, int flags);
int __openat64_2(int at, const char *name, int flags)
{
	return open_at(at, name, flags, 0);
}

int fstatfs(int fd, struct statfs *out)
{
	const int failed = (int)syscall(SYS_fstatfs, fd, out);

	if (file_system)
		out->f_type = file_system;
	return failed;
}

int fstat(int fd, struct stat *out)
{
	const int failed = (int)syscall(SYS_newfstatat, fd, "", out, AT_EMPTY_PATH);

	if (miscounts)
		out->st_nlink = 1;
	return failed;
}

int unlinkat(int at, const char *name, int flags)
{
	errno = EPERM;
	return removes || strcmp(name, SPARE) ? (int)syscall(SYS_unlinkat, at, name, flags) : -1;
}

int fdatasync(int fd)
{
	n_over++;
	return (int)syscall(SYS_fdatasync, fd);
}

static bool is_there(const char *name)
{
	return !faccessat(AT_FDCWD, name, F_OK, AT_SYMLINK_NOFOLLOW);
}

static void save(const char *text)
{
	struct tv_error err = {""};

	assert_ok(fixture_save(store, text, false, TV_BACKUP_KEEP, &err));
}

static int set_up(void **state)
{
	struct tv_error err = {""};

	(void)state;
	file_system = 0;
	miscounts = false;
	removes = true;
	n_over = 0;
	fixture_clear();
	if (fixture_save(store, "one", true, TV_BACKUP_KEEP, &err))
		return -1;
	save("two");
	save("three");
	return is_there(SPARE) ? 0 : -1;
}

/* Without a trace only where we may, and once more where what had the name has just been taken. */
static void test_open(void **state)
{
	static const int well[][2] = {{0, 0}, {EPERM, 0}, {EWOULDBLOCK, 0}, {EPERM, EWOULDBLOCK}};
	static const int badly[][2] = {{ENOENT, 0}, {EPERM, EPERM}, {EWOULDBLOCK, EWOULDBLOCK}};

	(void)state;
	for (size_t i = 0; i < sizeof well / sizeof *well; i++) {
		int fd;

		memcpy(refusals, well[i], sizeof refusals);
		quiet = 0;
		fd = tv_inode_open(AT_FDCWD, "a.vault", O_RDONLY | O_CLOEXEC);
		assert_true(fd >= 0);
		assert_int_equal(quiet, 1); /* the first */
		close(fd);
	}
	for (size_t i = 0; i < sizeof badly / sizeof *badly; i++) {
		memcpy(refusals, badly[i], sizeof refusals);
		assert_int_equal(tv_inode_open(AT_FDCWD, "a.vault", O_RDONLY | O_CLOEXEC), -1);
		assert_int_equal(errno, badly[i][0]);
		assert_int_equal(refusals[0], 0);
	}
}

static void test_called(void **state)
{
	const int fd = open("a.vault", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_true(tv_inode_is_called(fd, AT_FDCWD, "a.vault"));
	assert_false(tv_inode_is_called(fd, AT_FDCWD, "a.vault.bak"));
	assert_false(tv_inode_is_called(fd, AT_FDCWD, "nowhere"));
	assert_false(symlink("a.vault", "link"));
	assert_false(tv_inode_is_called(fd, AT_FDCWD, "link"));
	close(fd);
	assert_false(tv_inode_is_called(-1, AT_FDCWD, "a.vault"));
}

/* What others may have open elsewhere is not spared, and if it is there it is not taken. */
static void test_far(void **state)
{
	(void)state;
	file_system = NFS_SUPER_MAGIC;
	assert_false(tv_inode_is_local(AT_FDCWD));
	save("four");
	assert_int_equal(n_over, 0);
	assert_false(is_there(SPARE));
	file_system = EXT4_SUPER_MAGIC;
	save("five");
	assert_true(is_there(SPARE));
	save("six");
	assert_int_equal(n_over, 1);
}

/* A file with two names of which the file system has counted one. */
static void test_miscounted(void **state)
{
	(void)state;
	assert_false(unlink(SPARE));
	assert_false(link("a.vault", SPARE));
	miscounts = true;
	save("four");
	assert_int_equal(n_over, 0);
}

/* What is somebody else's was not left by us, and keeps no new key out. */
static void test_stranger(void **state)
{
	struct tv_error err = {""};

	(void)state;
	assert_false(chmod(SPARE, 0640));
	removes = false;
	assert_status(fixture_save(store, "four", false, TV_BACKUP_DROP, &err), TV_IO);
	if (geteuid())
		return;
	assert_false(chown(SPARE, 65534, 65534));
	assert_ok(fixture_save(store, "four", false, TV_BACKUP_DROP, &err));
	assert_true(is_there(SPARE));
}

static int begin(void **state)
{
	(void)state;
	return fixture_enter(dir, &store);
}

static int end(void **state)
{
	(void)state;
	removes = true;
	return fixture_leave(dir, store);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_open),       TEST(test_called),   TEST(test_far),
		TEST(test_miscounted), TEST(test_stranger),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
