/* Packets stay apart and in their order, by whichever way they go. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "fusefs/lane.h"
#include "fusefs/passing.h"

static struct tv_lane ours, theirs;

/* So many bytes, all of which are the last one of how many those are. */
static bool say(size_t len, int fd)
{
	static unsigned char bytes[20000];
	struct iovec halves[] = {{bytes, len / 2}, {bytes + len / 2, len - len / 2}};
	struct msghdr packet = {.msg_iov = halves, .msg_iovlen = 2};
	struct tv_passing control;

	memset(bytes, (int)(len & 0xff), len);
	tv_passing_put(&packet, &control, fd);
	return tv_lane_send(&ours, &packet);
}

/* How many came in one packet; −1: none. */
static ssize_t hear(bool with_fd)
{
	static unsigned char bytes[20000];
	int fd;
	const ssize_t n = tv_lane_receive(&theirs, bytes, sizeof bytes, &fd);
	struct stat about;

	for (ssize_t i = 0; i < n; i++)
		assert_int_equal(bytes[i], n & 0xff);
	assert_int_equal(fd >= 0, with_fd);
	if (with_fd) {
		assert_false(fstat(fd, &about));
		assert_true(S_ISDIR(about.st_mode));
		close(fd);
	}
	return n;
}

static void test_in_order(void **state)
{
	static const size_t lengths[] = {2,    500,   TV_LANE_ROOM, TV_LANE_ROOM + 1, 3, 20000,
					 9000, 10000, 100};
	const int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_true(root >= 0);
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
		assert_true(say(lengths[i], i % 4 == 1 ? root : -1));
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
		assert_int_equal(hear(i % 4 == 1), lengths[i]);
	assert_int_equal(hear(false), -1);
	assert_int_equal(errno, EAGAIN);
	close(root);
}

/* Where the pipe is full nothing is sent by half; what is aside already is told of once there is room. */
static void test_no_room(void **state)
{
	size_t n = 0, heard = 0;

	(void)state;
	while (say(1000, -1))
		n++;
	assert_int_equal(errno, EAGAIN);
	assert_true(n > 0);
	assert_true(say(TV_LANE_ROOM + 1, -1));
	assert_true(ours.owes);
	assert_false(tv_lane_pay(&ours));
	assert_false(say(TV_LANE_ROOM + 2, -1));
	while (hear(false) == 1000)
		heard++;
	assert_int_equal(heard, n);
	assert_true(say(1001, -1));
	assert_false(ours.owes);
	assert_int_equal(hear(false), TV_LANE_ROOM + 1);
	assert_int_equal(hear(false), 1001);
	assert_int_equal(hear(false), -1);
}

/* The socket is full before the pipe is. */
static void test_no_room_aside(void **state)
{
	size_t n = 0;

	(void)state;
	while (say(20000, -1))
		n++;
	assert_int_equal(errno, ENOBUFS);
	assert_true(n > 0);
	assert_true(say(2, -1));
	while (n--)
		assert_int_equal(hear(false), 20000);
	assert_int_equal(hear(false), 2);
	assert_int_equal(hear(false), -1);
}

/* A byte that nothing goes with is a packet of one; what was not told of comes with the next one that is. */
static void test_made_up(void **state)
{
	char bytes[100];
	int fd;

	(void)state;
	assert_int_equal(write(ours.out, "x", 1), 1);
	assert_int_equal(tv_lane_receive(&theirs, bytes, sizeof bytes, &fd), 1);
	assert_int_equal(fd, -1);
	assert_int_equal(send(ours.side, "hidden", 6, 0), 6);
	assert_int_equal(hear(false), -1);
	assert_int_equal(write(ours.out, "x", 1), 1);
	assert_int_equal(tv_lane_receive(&theirs, bytes, sizeof bytes, &fd), 6);
	assert_memory_equal(bytes, "hidden", 6);
}

/* With an empty packet, too; and where none is wanted none is taken. */
static void test_descriptors(void **state)
{
	const int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const int next = dup(root);
	struct tv_passing control;
	struct msghdr empty = {.msg_iov = NULL};
	char bytes[100];
	int fd;

	(void)state;
	close(next);
	tv_passing_put(&empty, &control, root);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(sendmsg(ours.side, &empty, 0), 0);
		assert_int_equal(write(ours.out, "x", 1), 1);
		fd = -1;
		assert_int_equal(tv_lane_receive(&theirs, bytes, sizeof bytes, i ? &fd : NULL), 1);
		assert_int_equal(fd >= 0, i > 0);
		if (fd >= 0)
			close(fd);
		/* The next one there is would be another, had it been taken. */
		fd = dup(root);
		assert_int_equal(fd, next);
		close(fd);
	}
	close(root);
}

static void test_gone(void **state)
{
	(void)state;
	assert_true(say(10, -1));
	tv_lane_close(&ours);
	assert_int_equal(ours.in, -1);
	assert_int_equal(hear(false), 10);
	assert_int_equal(hear(false), 0);
	tv_lane_close(&theirs);
	tv_lane_close(&theirs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_order),      cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_no_room_aside), cmocka_unit_test(test_made_up),
		cmocka_unit_test(test_descriptors),   cmocka_unit_test(test_gone)};
	struct tv_lane ends[2];

	if (!tv_lane_make(ends))
		return 1;
	ours = ends[0];
	theirs = ends[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
