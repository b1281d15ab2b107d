/* What was seen of a vault: a line in a file of its own. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"

static char dir[] = "/tmp/tokenvault-seen-XXXXXX";
static char path[128];

/* Where something else lies in its place, as long or longer. */
static void is_made_anew(struct tv_seen *a)
{
	const struct {
		off_t at; /* below 0: from the end */
		const char *text;
	} changes[] = {{-1, "\nmore\n"}, {-1, "x"}, {19, "2"}, {0, "x"}, {16, "2"}};
	struct tv_seen back;
	bool known;
	int fd;

	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		const size_t len = strlen(changes[i].text);
		struct stat about;
		off_t at;

		fd = open(path, O_WRONLY | O_CLOEXEC);
		assert_false(fstat(fd, &about));
		at = changes[i].at + (changes[i].at < 0 ? about.st_size : 0);
		assert_int_equal(pwrite(fd, changes[i].text, len, at), len);
		close(fd);
		assert_ok(tv_seen_save(dir, a, false, NULL));
		assert_ok(tv_seen_load(&back, &known, dir, a->vault_id, NULL));
		assert_true(known);
		assert_memory_equal(&back, a, sizeof *a);
	}
}

static void test_seen(void **state)
{
	struct tv_seen a = {.vault_id = {1}, .generation = 7, .mac = {2}, .pin = {3}};
	struct tv_seen older = {.vault_id = {1}, .generation = 6, .mac = {9}, .pin = {3}};
	struct tv_seen back;
	struct stat first, st;
	bool known;
	int fd;

	(void)state;
	assert_ok(tv_seen_load(&back, &known, dir, a.vault_id, NULL));
	assert_false(known);
	assert_ok(tv_seen_save(dir, &a, false, NULL));
	assert_ok(tv_seen_load(&back, &known, dir, a.vault_id, NULL));
	assert_true(known);
	assert_memory_equal(&back, &a, sizeof a);
	assert_ok(tv_seen_save(dir, &older, false, NULL));
	assert_ok(tv_seen_load(&back, &known, dir, a.vault_id, NULL));
	assert_int_equal(back.generation, 7);
	assert_ok(tv_seen_save(dir, &older, true, NULL));
	assert_ok(tv_seen_load(&back, &known, dir, a.vault_id, NULL));
	assert_int_equal(back.generation, 6);
	snprintf(path, sizeof path, "%s/01000000000000000000000000000000.seen", dir);
	/* In its place, where it is as long as before, and else in a file of its own. */
	assert_false(stat(path, &first));
	for (a.generation = 8; a.generation < 12; a.generation++) {
		assert_ok(tv_seen_save(dir, &a, false, NULL));
		assert_ok(tv_seen_load(&back, &known, dir, a.vault_id, NULL));
		assert_memory_equal(&back, &a, sizeof a);
		assert_false(stat(path, &st));
		assert_int_equal(st.st_ino == first.st_ino, a.generation < 10);
	}
	is_made_anew(&a);
	fd = open(path, O_WRONLY | O_TRUNC);
	assert_int_equal(write(fd, "tokenvault-seen 1 01", 20), 20);
	close(fd);
	assert_status(tv_seen_load(&back, &known, dir, a.vault_id, NULL), TV_DAMAGED);
}

static int set_up(void **state)
{
	(void)state;
	return tv_init(NULL) || !mkdtemp(dir);
}

static int tear_down(void **state)
{
	(void)state;
	return unlink(path) | rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_seen)};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
