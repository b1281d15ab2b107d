/* With a SYNC the log is up to date: it waits for the lines that the keeper has not yet, and so does what comes after it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "fusefs/errand.h"
#include "fusefs/link.h"

static struct tv_server server;
static int keeper;
static bool is_told;

bool __wrap_tv_who_is_told(struct tv_server *s);

bool __wrap_tv_who_is_told(struct tv_server *s)
{
	(void)s;
	return is_told;
}

/* What the keeper hears next; below 0: nothing. */
static int hear(void)
{
	static struct tv_link_message m;

	return tv_link_receive(&m, NULL, keeper) ? (int)m.kind : -1;
}

static void test_sync_waits(void **state)
{
	uint32_t number;

	(void)state;
	number = tv_errand_check(&server);
	assert_int_equal(number, 1);
	assert_int_equal(hear(), TV_LINK_CHECK);
	assert_int_equal(hear(), -1);
	tv_errand_unmount(&server, 7);
	tv_errand_go_on(&server);
	assert_int_equal(hear(), -1);
	/* The link has room, which is not to be told of all the while. */
	assert_int_equal(server.link.events, EPOLLIN);
	is_told = true;
	tv_errand_go_on(&server);
	assert_int_equal(hear(), TV_LINK_SYNC);
	assert_int_equal(hear(), TV_LINK_UNMOUNT);
	assert_null(server.errands);
	tv_errand_go_on(&server);
	assert_int_equal(hear(), -1);
}

static int set_up(void **state)
{
	int ends[2];

	(void)state;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends))
		return -1;
	server = (struct tv_server){.link.fd = ends[0], .epoll = epoll_create1(EPOLL_CLOEXEC)};
	server.errands_end = &server.errands;
	keeper = ends[1];
	return tv_loop_add(server.epoll, &server.link) ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_sync_waits)};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
