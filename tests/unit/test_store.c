/* The vault's file: replaced whole, backed up, locked, cleared of left-overs. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "vault/file.h"

static char dir[64];
static char path[128];

static int set_up(void **state)
{
	(void)state;
	assert_ok(tv_init(NULL));
	snprintf(dir, sizeof dir, "/tmp/tokenvault-store-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/a.vault", dir);
	return 0;
}

static int tear_down(void **state)
{
	DIR *d = opendir(dir);
	struct dirent *member;

	(void)state;
	while (d && (member = readdir(d)))
		unlinkat(dirfd(d), member->d_name, 0);
	if (d)
		closedir(d);
	return rmdir(dir);
}

static struct tv_store *open_store(void)
{
	struct tv_store *s;

	assert_ok(tv_store_open(&s, path, NULL));
	return s;
}

static void assert_file(const char *name, const char *text)
{
	char whole[256];
	char found[256] = "";
	FILE *f;

	snprintf(whole, sizeof whole, "%s/%s", dir, name);
	f = fopen(whole, "r");
	if (!f && !text)
		return;
	assert_non_null(f);
	assert_non_null(text);
	assert_true(fread(found, 1, sizeof found - 1, f) < sizeof found);
	fclose(f);
	assert_string_equal(found, text);
}

static size_t members(void)
{
	DIR *d = opendir(dir);
	size_t n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void replaces_and_backs_up(void **state)
{
	tv_auto_store *s = open_store();
	tv_auto_bytes b = {0};
	struct stat about;
	mode_t mask;

	(void)state;
	assert_status(tv_store_read(&b, s, NULL), TV_NO_VAULT);
	assert_ok(fixture_save(s, "one", true, TV_BACKUP_KEEP, NULL));
	assert_status(fixture_save(s, "uno", true, TV_BACKUP_KEEP, NULL), TV_EXISTS);
	assert_file("a.vault", "one");
	assert_file("a.vault.bak", NULL);
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 07777, 0600);
	assert_int_equal(about.st_nlink, 1);
	assert_ok(fixture_save(s, "two", false, TV_BACKUP_KEEP, NULL));
	mask = umask(0777);
	assert_ok(fixture_save(s, "three", false, TV_BACKUP_KEEP, NULL));
	umask(mask);
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 07777, 0600);
	assert_file("a.vault", "three");
	assert_file("a.vault.bak", "two");
	assert_ok(fixture_save(s, "four", false, TV_BACKUP_DROP, NULL));
	assert_file("a.vault.bak", NULL);
	assert_ok(tv_store_read(&b, s, NULL));
	assert_int_equal(b.len, 4);
	assert_int_equal(members(), 2); /* the vault and its lock */
}

/* A backup that can't go away keeps the new file out, so that no two keys' files lie there. */
static void drops_first(void **state)
{
	tv_auto_store *s = open_store();
	char name[256];

	(void)state;
	assert_ok(fixture_save(s, "one", true, TV_BACKUP_KEEP, NULL));
	snprintf(name, sizeof name, "%s/a.vault.bak", dir);
	assert_int_equal(mkdir(name, 0700), 0);
	assert_status(fixture_save(s, "two", false, TV_BACKUP_DROP, NULL), TV_IO);
	assert_file("a.vault", "one");
	assert_int_equal(rmdir(name), 0);
	assert_int_equal(members(), 2);
}

static void clears_left_overs(void **state)
{
	tv_auto_store *s = open_store();
	char name[256];

	(void)state;
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof name, "%s/.a.vault.saving-0123456789abcd%02d", dir, i);
		close(open(name, O_CREAT | O_WRONLY, 0600));
	}
	snprintf(name, sizeof name, "%s/.b.vault.saving-0123456789abcdef", dir);
	close(open(name, O_CREAT | O_WRONLY, 0600));
	assert_ok(fixture_save(s, "one", true, TV_BACKUP_KEEP, NULL));
	assert_int_equal(members(), 3); /* vault, lock, and the other vault's */
}

/* What is made ahead is used, or goes with the lock. */
static void prepares(void **state)
{
	struct tv_bytes b = {.data = (unsigned char *)(uintptr_t) "one", .len = 3};
	tv_auto_store *s = open_store();

	(void)state;
	assert_ok(tv_store_lock(s, NULL));
	assert_ok(tv_store_prepare(s, NULL));
	assert_ok(tv_store_prepare(s, NULL));
	assert_int_equal(members(), 2); /* the lock and the new file */
	tv_store_unlock(s);
	assert_int_equal(members(), 1);
	assert_ok(tv_store_lock(s, NULL));
	assert_ok(tv_store_prepare(s, NULL));
	assert_ok(tv_store_commit(s, &b, true, TV_BACKUP_KEEP, NULL));
	tv_store_unlock(s);
	assert_file("a.vault", "one");
	assert_int_equal(members(), 2);
}

#define MIB ((size_t)1 << 20)

static size_t written(void)
{
	DIR *d = opendir(dir);
	struct dirent *member;
	struct stat about = {0};

	assert_non_null(d);
	while ((member = readdir(d)))
		if (tv_temporary_is_left_over(dirfd(d), member->d_name, "a.vault"))
			assert_false(fstatat(dirfd(d), member->d_name, &about, 0));
	closedir(d);
	return (size_t)about.st_blocks * 512;
}

static struct tv_bytes made_up(size_t len)
{
	struct tv_bytes b = {0};

	assert_true(tv_bytes_extend(&b, len));
	for (size_t i = 0; i < len; i++)
		b.data[i] = (unsigned char)(i * 13 >> 5);
	return b;
}

/* Of many bytes those that are there are written while the rest is still to come. */
static void writes_ahead(void **state)
{
	static unsigned char unread[5 * MIB];
	tv_auto_bytes all = made_up(4 * MIB + 352), got = {0};
	tv_auto_store *s = open_store();

	(void)state;
	assert_ok(tv_store_lock(s, NULL));
	assert_ok(tv_store_prepare(s, NULL));
	assert_int_equal(written(), 0);
	tv_store_take(s, all.data, MIB - 1, all.len);
	assert_int_equal(written(), 0);
	/* What is not there yet is not touched. */
	memcpy(unread, all.data, 2 * MIB + 100);
	tv_store_take(s, unread, 2 * MIB + 100, all.len);
	assert_true(written() >= 2 * MIB);
	tv_store_take(s, all.data, all.len, all.len);
	assert_ok(tv_store_commit(s, &all, true, TV_BACKUP_KEEP, NULL));
	assert_ok(tv_store_read(&got, s, NULL));
	assert_int_equal(got.len, all.len);
	assert_memory_equal(got.data, all.data, all.len);
	tv_store_unlock(s);
	assert_int_equal(members(), 2);
}

/* What failed ahead has failed, even if it would not any more. */
static void fails_ahead(void **state)
{
	const struct rlimit few = {MIB, RLIM_INFINITY}, any = {RLIM_INFINITY, RLIM_INFINITY};
	tv_auto_bytes all = made_up(3 * MIB);
	tv_auto_store *s = open_store();
	struct tv_error err = {""};

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_ok(fixture_save(s, "one", true, TV_BACKUP_KEEP, NULL));
	assert_ok(tv_store_lock(s, NULL));
	assert_ok(tv_store_prepare(s, NULL));
	assert_false(setrlimit(RLIMIT_FSIZE, &few));
	tv_store_take(s, all.data, 2 * MIB, all.len);
	assert_false(setrlimit(RLIMIT_FSIZE, &any));
	tv_store_take(s, all.data, all.len, all.len);
	assert_status(tv_store_commit(s, &all, false, TV_BACKUP_KEEP, &err), TV_IO);
	assert_non_null(strstr(err.detail, strerror(EFBIG)));
	tv_store_unlock(s);
	assert_file("a.vault", "one");
	assert_int_equal(members(), 2);
}

static void follows_a_link(void **state)
{
	char link[160];
	tv_auto_store *s = open_store();
	struct tv_store *through;
	struct stat about;

	(void)state;
	assert_ok(fixture_save(s, "one", true, TV_BACKUP_KEEP, NULL));
	snprintf(link, sizeof link, "%s/link", dir);
	assert_int_equal(symlink("a.vault", link), 0);
	assert_ok(tv_store_open(&through, link, NULL));
	assert_ok(fixture_save(through, "two", false, TV_BACKUP_DROP, NULL));
	tv_store_free(through);
	assert_file("a.vault", "two");
	assert_int_equal(lstat(link, &about), 0);
	assert_true(S_ISLNK(about.st_mode));
}

static void no_regular_file(void **state)
{
	tv_auto_store *s = open_store();
	tv_auto_bytes b = {0};

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_status(tv_store_read(&b, s, NULL), TV_DAMAGED);
}

/* Two processes that each add one to a number 200 times: the lock must make that 400. */
static void the_lock_excludes(void **state)
{
	tv_auto_store *s = open_store();
	int failed = 0;

	(void)state;
	assert_ok(fixture_save(s, "0", true, TV_BACKUP_KEEP, NULL));
	for (int child = 0; child < 2; child++) {
		if (fork())
			continue;
		for (int i = 0; i < 200; i++) {
			tv_auto_store *mine = open_store();
			tv_auto_bytes now = {0};
			char text[16] = "";
			struct tv_bytes next = {.data = (unsigned char *)text};

			if (tv_store_lock(mine, NULL) || tv_store_read(&now, mine, NULL))
				_exit(1);
			memcpy(text, now.data, now.len);
			snprintf(text, sizeof text, "%d", atoi(text) + 1);
			next.len = strlen(text);
			if (tv_store_commit(mine, &next, false, TV_BACKUP_KEEP, NULL))
				_exit(1);
		}
		_exit(0);
	}
	for (int child = 0; child < 2; child++) {
		int status;

		wait(&status);
		failed |= status;
	}
	assert_int_equal(failed, 0);
	assert_file("a.vault", "400");
}

static void memory_files(void **state)
{
	struct tv_bytes b = {.data = (unsigned char *)(uintptr_t) "cipher", .len = 6};
	tv_auto_bytes back = {0};
	int fd;

	(void)state;
	assert_ok(tv_memfd_write(&fd, &b, NULL));
	assert_ok(tv_memfd_read(&back, fd, NULL));
	assert_int_equal(back.len, 6);
	assert_true(write(fd, "x", 1) < 0);
	close(fd);
	fd = open("/dev/zero", O_RDONLY);
	assert_status(tv_memfd_read(&back, fd, NULL), TV_BAD_VALUE);
	close(fd);
	snprintf(path, sizeof path, "%s/plain", dir);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	assert_status(tv_memfd_read(&back, fd, NULL), TV_BAD_VALUE);
	close(fd);
}

/* A vault of more than 128 KiB. */
static struct tv_vault *large_vault(void)
{
	struct tv_vault *v = fixture_vault("first-token");
	char request[4096], note[3900];

	memset(note, 'n', sizeof note - 1);
	note[sizeof note - 1] = '\0';
	for (int i = 0; i < 40; i++) {
		snprintf(request, sizeof request,
			 "{'provider':'azion','label':'l%d','token':'t','note':'%s'}", i, note);
		assert_ok(fixture_edit(NULL, v, TV_AGENT_add, request));
	}
	return v;
}

/* With a slot that makes the header longer than what is read of it first. */
static void add_long_slot(struct tv_vault *v)
{
	static const unsigned char head[] = {0xff, 0x7f, 0, 0, 0, 0x10, 0, 0, 'u'};
	struct tv_header *h = (struct tv_header *)(uintptr_t)tv_vault_header(v);
	struct tv_slot *slot = &h->slots[h->n_slots++];

	*slot = (struct tv_slot){.raw = calloc(1, TV_SLOT_BYTES_MAX), .raw_len = TV_SLOT_BYTES_MAX};
	assert_non_null(slot->raw);
	memcpy(slot->raw, head, sizeof head);
	memcpy(slot->uuid, slot->raw + 8, sizeof slot->uuid);
}

/* The header is enough, unless the file is not as long as that says. */
static void read_front_of(struct tv_vault *v, size_t least_file, size_t least_header)
{
	tv_auto_store *s = open_store();
	tv_auto_bytes file = {0}, part = {0};

	assert_status(tv_store_exists(s, NULL), TV_NO_VAULT);
	assert_status(tv_store_read_front(&part, s, NULL), TV_NO_VAULT);
	fixture_seal(&file, v);
	assert_true(file.len > least_file);
	assert_true(tv_vault_header(v)->len > least_header);
	assert_ok(tv_store_lock(s, NULL));
	assert_ok(tv_store_commit(s, &file, true, TV_BACKUP_KEEP, NULL));
	assert_ok(tv_store_exists(s, NULL));
	assert_ok(tv_store_read_front(&part, s, NULL));
	assert_int_equal(part.len, tv_vault_header(v)->len);
	assert_memory_equal(part.data, file.data, part.len);
	assert_false(truncate(path, (off_t)file.len - 1));
	assert_ok(tv_store_read_front(&part, s, NULL));
	assert_int_equal(part.len, file.len - 1);
	assert_false(truncate(path, (off_t)file.len + 1));
	assert_ok(tv_store_read_front(&part, s, NULL));
	assert_int_equal(part.len, file.len + 1);
	assert_false(unlink(path));
}

static void reads_the_front(void **state)
{
	tv_auto_vault *small = fixture_vault("first-token");
	tv_auto_vault *large = large_vault();

	(void)state;
	read_front_of(small, 4096, 0);
	read_front_of(large, (size_t)128 << 10, 0);
	add_long_slot(small);
	read_front_of(small, 8192, 4096);
	add_long_slot(large);
	read_front_of(large, (size_t)128 << 10, 4096);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(replaces_and_backs_up), TEST(drops_first),	    TEST(prepares),
		TEST(writes_ahead),	     TEST(fails_ahead),	    TEST(clears_left_overs),
		TEST(follows_a_link),	     TEST(no_regular_file), TEST(the_lock_excludes),
		TEST(reads_the_front),	     TEST(memory_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
