/* The audit log where its process dies at each of the calls that change a file: before it, after it, and halfway
 * through a write. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audit_log.h"

enum how { BEFORE, HALFWAY, AFTER };

static int calls_left; /* until the process dies; 0: it does not */
static enum how how;

static void die_before(void)
{
	if (calls_left == 1 && how == BEFORE)
		_exit(7);
}

static void die_after(void)
{
	if (calls_left && !--calls_left)
		_exit(7);
}

/* The C library's, in its place: the log's own calls come here. */
ssize_t write(int fd, const void *data, size_t len)
{
	ssize_t n;

	die_before();
	n = syscall(SYS_write, fd, data, calls_left == 1 && how == HALFWAY ? len / 2 : len);
	die_after();
	return n;
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
	ssize_t n;

	die_before();
	n = syscall(SYS_pwrite64, fd, data, len, at);
	die_after();
	return n;
}

int renameat(int from, const char *name, int to, const char *new_name)
{
	long failed;

	die_before();
	failed = syscall(SYS_renameat2, from, name, to, new_name, 0);
	die_after();
	return (int)failed;
}

int ftruncate(int fd, off_t len)
{
	long failed;

	die_before();
	failed = syscall(SYS_ftruncate, fd, len);
	die_after();
	return (int)failed;
}

/* Batches and an epoch, over a rotation or two; a byte for each batch that is written. */
static void work(const struct world *w, int out)
{
	struct tv_audit *a = log_open(w, LOG_MOST);
	char file[32];

	for (int i = 0; i < 6; i++) {
		if (i == 1)
			log_begin(a, w);
		snprintf(file, sizeof file, "/acknowledged-%d.", i);
		log_say(a, "open", file);
		log_say(a, "open", "/beside");
		if (tv_audit_write(a, NULL))
			_exit(1);
		syscall(SYS_write, out, "", 1);
	}
	tv_audit_free(a);
}

/* In a child that dies at a call; false when it came to its end. */
static bool work_and_die(int *acknowledged, const struct world *w, int call)
{
	int ends[2], status;
	char bytes[16];
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (!child) {
		close(ends[0]);
		calls_left = call;
		work(w, ends[1]);
		_exit(0);
	}
	close(ends[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	*acknowledged = (int)read(ends[0], bytes, sizeof bytes);
	close(ends[0]);
	assert_true(WIFEXITED(status) && (!WEXITSTATUS(status) || WEXITSTATUS(status) == 7));
	return WEXITSTATUS(status) == 7;
}

/* All that was acknowledged is there, before and after another process went on, and nothing is found. */
static void look(const struct world *w, int acknowledged, int call)
{
	char file[64];

	for (int round = 0; round < 2; round++) {
		struct found f = log_verify(w, NULL);

		if (*f.text)
			fail_msg("call %d, how %d: %s", call, how, f.text);
		for (int i = 0; i < acknowledged; i++) {
			snprintf(file, sizeof file, "/acknowledged-%d.", i);
			assert_int_equal(log_count(w, file), 1);
		}
		if (!round) {
			struct tv_audit *a = log_open(w, LOG_MOST);

			log_write(a, "open", "/next");
			tv_audit_free(a);
		}
	}
}

static void dies(void **state)
{
	void *world = NULL;
	int call, acknowledged;
	bool has_died = true;

	(void)state;
	for (how = BEFORE; how <= AFTER; how++) {
		has_died = true;
		for (call = 1; has_died; call++) {
			log_set_up(&world);
			log_fill(world);
			has_died = work_and_die(&acknowledged, world, call);
			look(world, acknowledged, call);
			assert_int_equal(log_tear_down(&world), 0);
		}
		/* Each batch is a line and a key, the epoch a key more, and there are rotations. */
		assert_true(call > 20);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(dies)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
