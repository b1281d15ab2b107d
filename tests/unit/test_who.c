/* What waits for the keeper: late answers beside lines that are not sent yet. */
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
static int n_late;

/* No handle comes here. */
void tv_handle_free(struct tv_handle *h)
{
	free(h);
}

/* It is not to be locked, and then it is time to. */
static int lock_wait = -1;

int tv_autolock_wait(const struct tv_server *s)
{
	(void)s;
	return lock_wait;
}

/* How many were answered, each time that it was looked at what time it is. */
static int n_answered, looks[4];
static size_t n_looks;
static bool locks;

/* As a lock does with those who read, all who wait go. */
bool tv_autolock_run(struct tv_server *s)
{
	if (locks)
		tv_who_drop_client(s, NULL);
	assert_in_range(n_looks, 0, sizeof looks / sizeof *looks - 1);
	looks[n_looks++] = n_answered;
	return false;
}

static void put(struct tv_asking *line, const char *text)
{
	tv_bytes_append(&line->event, text, strlen(text));
}

/* As a refusal does: what is late is told of by a line that is sent at once. */
static void be_late(struct tv_asking *asking, const struct tv_caller *caller)
{
	struct tv_asking line = {.server = asking->server, .flags = TV_ASK_SILENT};

	assert_int_equal(caller->trouble, TV_CALLER_LATE);
	n_late++;
	put(&line, "\"event\":\"refused\"");
	tv_who_record(asking->server, &line);
}

static void ask_late(void)
{
	const struct tv_asking question = {.answered = be_late};
	struct tv_asking *a;

	assert_true(tv_who_ask(&server, &question));
	for (a = server.who.first; a->next; a = a->next)
		;
	a->deadline = 0;
	server.who.next_deadline = 1;
}

static void record_silent(void)
{
	struct tv_asking line = {.server = &server, .flags = TV_ASK_SILENT};

	put(&line, "\"event\":\"open\"");
	tv_who_record(&server, &line);
}

/* Until there is no room; with how many packets. */
static size_t fill_up(void)
{
	const struct msghdr packet = {.msg_iov = &(struct iovec){(void *)(uintptr_t) "..", 2},
				      .msg_iovlen = 1};
	size_t n = 0;

	while (tv_lane_send(&server.who.lane, &packet))
		n++;
	return n;
}

static void empty(size_t n)
{
	char bytes[2];

	while (n--)
		assert_int_equal(read(keeper.in, bytes, sizeof bytes), 2);
}

/* The heads of what was sent in one packet, which is all there. */
static struct tv_ask_head heads[TV_ASKS_AT_ONCE];

static size_t hear(void)
{
	static struct tv_asks asks;
	const ssize_t len = tv_lane_receive(&keeper, &asks, sizeof asks, &(int){0});
	size_t n = 0, at = 0;

	for (; len > 0 && at < (size_t)len; n++) {
		assert_in_range(n, 0, TV_ASKS_AT_ONCE - 1);
		assert_in_range(at + sizeof heads[n], 0, sizeof asks);
		memcpy(&heads[n], asks.bytes + at, sizeof heads[n]);
		at += sizeof heads[n] + heads[n].event_len;
	}
	assert_int_equal(at, len > 0 ? len : 0);
	return n;
}

/* All that was sent. */
static size_t heard(void)
{
	size_t n = 0, more;

	while ((more = hear()))
		n += more;
	return n;
}

static void test_late_beside_unsent(void **state)
{
	size_t n;

	(void)state;
	ask_late();
	tv_who_flush(&server);
	assert_int_equal(heard(), 1);
	n = fill_up();
	record_silent();
	assert_int_equal(server.who.n_silent, 1);
	tv_who_hurry(&server);
	assert_int_equal(n_late, 1);
	empty(n);
	tv_who_flush(&server);
	assert_int_equal(heard(), 2);
	assert_null(server.who.first);
	assert_int_equal(server.who.n_silent, 0);
	assert_int_equal(tv_who_timeout(&server), -1);
}

/* Whom a line is about may be gone soon, unless they wait for it. */
static void test_at_once(void **state)
{
	struct tv_asking line = {.server = &server, .flags = TV_ASK_SILENT};

	(void)state;
	put(&line, "\"event\":\"edit\"");
	tv_who_record(&server, &line);
	assert_int_equal(heard(), 1);
}

static void count(struct tv_asking *asking, const struct tv_caller *caller)
{
	(void)asking;
	assert_int_equal(caller->trouble, TV_CALLER_KNOWN);
	n_answered++;
}

static void ask_three(void)
{
	const struct tv_asking question = {.answered = count};

	n_answered = 0;
	for (int i = 0; i < 3; i++)
		assert_true(tv_who_ask(&server, &question));
	assert_int_equal(heard(), 0);
	tv_who_hurry(&server);
}

static bool say(void *bytes, size_t len)
{
	struct iovec iov = {bytes, len};

	return tv_lane_send(&keeper, &(struct msghdr){.msg_iov = &iov, .msg_iovlen = 1});
}

static void answer_three(void)
{
	struct tv_caller answer = {.text_len = 1};

	for (uint32_t i = 0; i < 3; i++) {
		answer.number = server.who.last_number - 2 + i;
		assert_true(say(&answer, offsetof(struct tv_caller, text) + 1));
	}
	server.who.source.ready(&server.who.source, EPOLLIN);
}

/* Answers to all of what was asked last, in one packet. */
static struct tv_answers packet;
static size_t packet_len;

static void put_answer(uint32_t number, const char *text)
{
	static struct tv_caller answer;

	answer.number = number;
	memcpy(answer.text + 1, text, strlen(text) + 1);
	answer.text_len = (uint32_t)strlen(text) + 2;
	memcpy(packet.bytes + packet_len, &answer,
	       offsetof(struct tv_caller, text) + answer.text_len);
	packet_len += offsetof(struct tv_caller, text) + answer.text_len;
}

static void put_three(void)
{
	packet_len = 0;
	put_answer(server.who.last_number - 2, "a");
	put_answer(server.who.last_number - 1, "");
	put_answer(server.who.last_number, "ccc");
}

static void hand_over(size_t len)
{
	n_looks = 0;
	assert_true(say(packet.bytes, len));
	server.who.source.ready(&server.who.source, EPOLLIN);
}

/* What comes too late is not served, so the time is looked at between them; with a lock then the others wait no more. */
static void test_one_packet(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		ask_three();
		assert_int_equal(heard(), 3);
		put_three();
		locks = i;
		hand_over(packet_len);
		locks = false;
		assert_int_equal(n_answered, i ? 1 : 3);
		assert_null(server.who.first);
		assert_int_equal(n_looks, 2);
		assert_int_equal(looks[0], 1);
	}
}

static void answer_number(uint32_t number)
{
	packet_len = 0;
	put_answer(number, "");
	hand_over(packet_len);
}

/* What is written here may not come before lines that the keeper has been told of: a silent one is written once something is
 * answered that was asked later. */
static void test_behind(void **state)
{
	const struct tv_asking question = {.answered = count};
	struct tv_asking line = {.server = &server, .answered = count};

	(void)state;
	assert_false(tv_who_is_behind(&server.who));
	record_silent();
	assert_true(tv_who_is_behind(&server.who));
	assert_true(tv_who_ask(&server, &question));
	tv_who_flush(&server);
	answer_number(server.who.last_number - 1);
	assert_true(tv_who_is_behind(&server.who));
	answer_number(server.who.last_number);
	assert_false(tv_who_is_behind(&server.who));
	put(&line, "\"event\":\"edit\"");
	tv_who_record(&server, &line);
	tv_who_flush(&server);
	assert_true(tv_who_is_behind(&server.who));
	answer_number(server.who.last_number);
	assert_false(tv_who_is_behind(&server.who));
	assert_int_equal(heard(), 3);
	assert_null(server.who.first);
}

/* Of what is cut off, or says that it is longer than the packet, nobody is answered. */
static void test_cut_off_answers(void **state)
{
	const size_t text_len = offsetof(struct tv_caller, text_len);
	const uint32_t wrong[] = {UINT32_MAX, TV_CALLER_TEXT + 1, 0};

	(void)state;
	ask_three();
	assert_int_equal(heard(), 3);
	put_three();
	hand_over(packet_len - 1);
	assert_int_equal(n_answered, 2);
	hand_over(offsetof(struct tv_caller, text));
	hand_over(1);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		packet_len = 0;
		put_answer(server.who.last_number, "ccc");
		memcpy(packet.bytes + text_len, &wrong[i], sizeof wrong[i]);
		hand_over(packet_len);
		assert_int_equal(n_answered, 2);
	}
	packet_len = 0;
	put_answer(server.who.last_number, "ccc");
	hand_over(packet_len);
	assert_int_equal(n_answered, 3);
}

static void test_together(void **state)
{
	(void)state;
	ask_three();
	assert_int_equal(heard(), 3);
	answer_three();
	assert_int_equal(n_answered, 3);
	assert_null(server.who.first);
}

static void test_time_to_lock(void **state)
{
	(void)state;
	ask_three();
	assert_int_equal(heard(), 3);
	lock_wait = 0;
	answer_three();
	lock_wait = -1;
	assert_int_equal(n_answered, 1);
	server.who.source.ready(&server.who.source, EPOLLIN);
	assert_int_equal(n_answered, 3);
}

static void test_too_long(void **state)
{
	struct tv_asking line = {.server = &server, .flags = TV_ASK_SILENT};

	(void)state;
	for (int i = 0; i < TV_LINE_EVENT_MAX / 8 + 1; i++)
		put(&line, "\"event\":");
	tv_who_record(&server, &line);
	assert_int_equal(heard(), 0);
	assert_int_equal(server.who.lost, 1);
}

/* What does not go into one packet goes in the next, in its order. */
static void test_more_than_a_packet(void **state)
{
	const struct tv_asking question = {.answered = count};
	const uint32_t first = server.who.last_number + 1;
	uint32_t number = first;
	size_t n;

	(void)state;
	for (int i = 0; i < 3 * TV_ASKS_AT_ONCE / 2; i++) {
		struct tv_asking line = {.server = &server, .flags = TV_ASK_SILENT};

		/* Too long for a pipe. */
		for (int j = 0; i % 2 && j < TV_LINE_EVENT_MAX / 20; j++)
			put(&line, "\"event\":");
		if (i % 2)
			tv_who_record(&server, &line);
		else
			assert_true(tv_who_ask(&server, &question));
	}
	tv_who_flush(&server);
	while ((n = hear()))
		for (size_t i = 0; i < n; i++) {
			const bool is_line = (number - first) % 2;

			assert_int_equal(heads[i].question.number, number++);
			assert_int_equal(heads[i].event_len != 0, is_line);
			assert_int_equal((heads[i].flags & TV_ASK_WRITE) != 0, is_line);
		}
	assert_int_equal(number - first, 3 * TV_ASKS_AT_ONCE / 2);
	assert_int_equal(server.who.n_silent, 0);
}

static void ask_times(int n)
{
	const struct tv_asking question = {.answered = count};

	for (int i = 0; i < n; i++)
		assert_true(tv_who_ask(&server, &question));
	tv_who_flush(&server);
}

/* As many as a packet has, and one more. */
static void test_full_packets(void **state)
{
	(void)state;
	ask_times(TV_ASKS_AT_ONCE);
	assert_int_equal(hear(), TV_ASKS_AT_ONCE);
	assert_int_equal(hear(), 0);
	ask_times(TV_ASKS_AT_ONCE + 1);
	assert_int_equal(hear(), TV_ASKS_AT_ONCE);
	assert_int_equal(hear(), 1);
	assert_int_equal(heads[0].question.number, server.who.last_number);
}

/* How many are missing is told of once, with the first line, and by no question. */
static void test_lost_is_told_once(void **state)
{
	(void)state;
	server.who.lost = 3;
	ask_times(1);
	assert_int_equal(hear(), 1);
	assert_int_equal(heads[0].lost, 0);
	record_silent();
	record_silent();
	assert_int_equal(hear(), 1);
	assert_int_equal(heads[0].lost, 3);
	assert_int_equal(hear(), 1);
	assert_int_equal(heads[0].lost, 0);
	assert_int_equal(server.who.lost, 0);
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
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_behind),
		cmocka_unit_test(test_late_beside_unsent),
		cmocka_unit_test(test_at_once),
		cmocka_unit_test(test_together),
		cmocka_unit_test(test_one_packet),
		cmocka_unit_test(test_cut_off_answers),
		cmocka_unit_test(test_time_to_lock),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_more_than_a_packet),
		cmocka_unit_test(test_full_packets),
		cmocka_unit_test(test_lost_is_told_once),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
