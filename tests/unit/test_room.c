/* What waits for the keeper to make room goes on once there is some, in its order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "fusefs/handle.h"
#include "fusefs/server.h"

static struct tv_server server;
static struct tv_lane keeper;
static char full[4096];

/* None comes here, and nothing is to be locked. */
void tv_handle_free(struct tv_handle *h)
{
	free(h);
}

int tv_autolock_wait(const struct tv_server *s)
{
	(void)s;
	return -1;
}

bool tv_autolock_run(struct tv_server *s)
{
	(void)s;
	return false;
}

static void never(struct tv_asking *asking, const struct tv_caller *caller)
{
	(void)asking;
	(void)caller;
	fail();
}

static void record(size_t len)
{
	struct tv_asking line = {.server = &server, .flags = TV_ASK_SILENT};

	while (line.event.len < len)
		tv_bytes_append(&line.event, "\"event\":", 8);
	tv_who_record(&server, &line);
}

static void ask_times(int n)
{
	const struct tv_asking question = {.answered = never};

	for (int i = 0; i < n; i++)
		assert_true(tv_who_ask(&server, &question));
	tv_who_flush(&server);
}

/* How many a packet has; the first one's number, and how many it says were lost. */
static size_t hear(uint32_t *number, uint32_t *lost)
{
	static struct tv_asks asks;
	const ssize_t len = tv_lane_receive(&keeper, &asks, sizeof asks, &(int){0});
	struct tv_ask_head h;
	size_t n = 0;

	for (size_t at = 0; len > 0 && at < (size_t)len; at += sizeof h + h.event_len, n++) {
		memcpy(&h, asks.bytes + at, sizeof h);
		if (!n) {
			*number = h.question.number;
			*lost = h.lost;
		}
	}
	return n;
}

static void test_no_room(void **state)
{
	const uint32_t last = server.who.last_number;
	uint32_t number, lost;

	(void)state;
	while (write(server.who.lane.out, full, sizeof full) > 0)
		;
	server.who.lost = 2;
	record(8);
	ask_times(TV_ASKS_AT_ONCE);
	assert_int_equal(server.who.lost, 2);
	assert_false(tv_who_is_told(&server));
	assert_int_equal(server.who.room.events, EPOLLOUT);
	while (read(keeper.in, full, sizeof full) > 0)
		;
	server.who.room.ready(&server.who.room, EPOLLOUT);
	assert_int_equal(hear(&number, &lost), TV_ASKS_AT_ONCE);
	assert_int_equal(number, last + 1);
	assert_int_equal(lost, 2);
	assert_int_equal(hear(&number, &lost), 1);
	assert_int_equal(number, server.who.last_number);
	assert_int_equal(server.who.room.events, 0);
	assert_int_equal(server.who.lost, 0);
	assert_int_equal(server.who.n_silent, 0);
}

/* The pipe has some all the while, so that nobody would tell of it: it is tried again in a moment. */
static void test_no_room_aside(void **state)
{
	const uint32_t last = server.who.last_number;
	uint32_t number, lost;

	(void)state;
	while (send(server.who.lane.side, full, sizeof full, MSG_DONTWAIT) > 0)
		;
	record(TV_LANE_ROOM);
	ask_times(1);
	assert_int_equal(server.who.n_silent, 1);
	assert_int_equal(server.who.room.events, 0);
	assert_in_range(tv_who_timeout(&server), 0, 2);
	assert_int_equal(hear(&number, &lost), 0);
	while (recv(keeper.side, full, sizeof full, MSG_DONTWAIT) > 0)
		;
	usleep(3000);
	tv_who_hurry(&server);
	assert_int_equal(hear(&number, &lost), 1);
	assert_int_equal(number, last + 1);
	assert_int_equal(hear(&number, &lost), 1);
	assert_int_equal(number, last + 2);
	assert_int_equal(server.who.n_silent, 0);
}

/* It is aside, but there is no room to say so. */
static void test_no_room_to_say(void **state)
{
	uint32_t number, lost;

	(void)state;
	while (write(server.who.lane.out, full, sizeof full) > 0)
		;
	record(TV_LANE_ROOM);
	assert_int_equal(server.who.n_silent, 0);
	assert_int_equal(server.who.room.events, EPOLLOUT);
	assert_false(tv_who_is_told(&server));
	while (read(keeper.in, full, sizeof full) > 0)
		;
	server.who.room.ready(&server.who.room, EPOLLOUT);
	assert_true(tv_who_is_told(&server));
	assert_int_equal(hear(&number, &lost), 1);
	assert_int_equal(number, server.who.last_number);
	assert_int_equal(server.who.room.events, 0);
}

static int set_up(void **state)
{
	struct tv_lane ends[2];

	(void)state;
	if (!tv_lane_make(ends))
		return -1;
	keeper = ends[1];
	server.epoll = epoll_create1(EPOLL_CLOEXEC);
	tv_who_start(&server, &ends[0]);
	return tv_who_listen(&server) ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_no_room),
					   cmocka_unit_test(test_no_room_aside),
					   cmocka_unit_test(test_no_room_to_say)};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
